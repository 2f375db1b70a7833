package web

import (
	"net/http"
	"net/url"
)

// links serves the addresses that messages carry: external_url by itself, with
// /alerts, or with /alerts/ID. What there is to see is what the API says of them.
func (s *Server) links() {
	for pattern, to := range map[string]string{
		"GET /{$}":         "api/v1/alerts",
		"GET /alerts":      "api/v1/alerts",
		"GET /alerts/{id}": "../api/v1/alerts/",
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			// Relative: a proxy may have cut off what external_url has as a path.
			w.Header().Set("Location", to+url.PathEscape(r.PathValue("id")))
			w.WriteHeader(http.StatusFound)
		})
	}
}
