package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
)

// guard stands before every handler: who may ask, and what any answer says to a
// browser.
func (s *Server) guard(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &recorder{ResponseWriter: rw}
		defer s.finish(w, r)
		secure(w.Header())
		if p := s.admit(r); p != nil {
			if p.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="qmpalert"`)
			}
			p.write(w)
			return
		}
		// A page of another origin can make a browser send a request that changes
		// something, though it never sees the answer.
		if err := sameOrigin.Check(r); err != nil {
			NewProblem(http.StatusForbidden, "a browser sent this from another origin").write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secure sets what every answer says to a browser. No header of CORS is ever
// set: no page of another origin may read an answer.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
}

// admit says why a request is refused, nil when it is not.
func (s *Server) admit(r *http.Request) *Problem {
	if s.loopback && !s.knownHost(r.Host) {
		return NewProblem(http.StatusMisdirectedRequest,
			"this is %.100q on loopback only: ask for 127.0.0.1 or localhost, or set external_url", r.Host)
	}
	if len(r.RequestURI) > maxURL {
		return NewProblem(http.StatusRequestURITooLong, "the URL has more than %d bytes", maxURL)
	}
	if s.opts.Token == nil || r.URL.Path == healthyPath || r.URL.Path == readyPath {
		return nil
	}
	want, err := s.opts.Token()
	if err != nil || want == "" {
		s.opts.Log.Error("the token of the API cannot be read", "err", err)
		return Unavailable("the token cannot be read: the log of the daemon says more")
	}
	scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	// Hashes have one length, so that the comparison says nothing about that of the
	// token.
	a, b := sha256.Sum256([]byte(strings.TrimSpace(got))), sha256.Sum256([]byte(want))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(a[:], b[:]) != 1 {
		return NewProblem(http.StatusUnauthorized, "send the token as \"Authorization: Bearer TOKEN\"")
	}
	return nil
}

// knownHost keeps out pages whose name resolves to 127.0.0.1 (DNS rebinding):
// to the browser they have the origin of this server, but they ask by name.
func (s *Server) knownHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(host, "]"), "["), "."))
	if host == "localhost" || slices.ContainsFunc(s.opts.Hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// finish ends every request: a panic costs one answer and not the daemon, and
// what changed something is in the log.
func (s *Server) finish(w *recorder, r *http.Request) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		s.opts.Log.Error("request panicked", "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
		if w.code != 0 {
			panic(http.ErrAbortHandler) // half an answer must not look whole
		}
		NewProblem(http.StatusInternalServerError, "the log of the daemon says more").write(w)
	}
	route := r.Pattern
	if route == "" {
		route = "other"
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		level := slog.LevelInfo
		if w.code >= http.StatusBadRequest {
			level = slog.LevelDebug // it changed nothing, and anybody can send many
		}
		s.opts.Log.Log(r.Context(), level, "request", "route", route, "path", r.URL.Path, "code", w.code, "from", r.RemoteAddr)
	}
	if s.opts.OnRequest != nil {
		s.opts.OnRequest(route, max(w.code, http.StatusOK))
	}
}

// recorder remembers how a request was answered.
type recorder struct {
	http.ResponseWriter
	code int
}

func (w *recorder) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.code == 0 {
		w.code = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
