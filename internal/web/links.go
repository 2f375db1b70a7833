package web

import (
	"net/http"
	"net/url"
)

// links serves the addresses that messages carry: external_url with /alerts, or
// /alerts/ID. What there is to see is what the API says of them.
func (s *Server) links() {
	s.mux.HandleFunc("GET /alerts", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/api/v1/alerts", http.StatusFound)
	})
	s.mux.HandleFunc("GET /alerts/{id}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/api/v1/alerts/"+url.PathEscape(r.PathValue("id")), http.StatusFound)
	})
}
