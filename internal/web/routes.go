package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// answer handles one request and returns what to send as JSON, nil for 204.
type answer func(ctx context.Context, r *http.Request) (any, error)

func (s *Server) routes() {
	s.json("GET /api/v1/status", s.status)
	s.json("GET /api/v1/sources", s.sources)
	s.json("GET /api/v1/rules", s.rules)
	s.json("GET /api/v1/alerts", s.alerts)
	s.json("GET /api/v1/alerts/{id}", s.explain)
	s.json("POST /api/v1/alerts/{id}/ack", s.ack)
	s.json("GET /api/v1/silences", s.silences)
	s.json("POST /api/v1/silences", s.setSilence)
	s.json("DELETE /api/v1/silences/{id}", s.expireSilence)
	s.json("GET /api/v1/dead-letters", s.deadLetters)
	s.json("POST /api/v1/dead-letters/{id}/resend", s.resend)
	s.json("GET /api/v1/explain/route", s.explainRoute)
	s.json("POST /-/reload", s.reload)
	s.mux.HandleFunc("GET /api/v1/events", s.events)
	s.mux.HandleFunc("GET /api/v1/openapi.json", serveOpenAPI)
	s.links()
	s.mux.HandleFunc("GET "+healthyPath, probe(s.opts.Backend.Healthy, "qmpalert is healthy"))
	s.mux.HandleFunc("GET "+readyPath, probe(s.opts.Backend.Ready, "qmpalert is ready"))
	if s.opts.Metrics != nil {
		s.mux.Handle("GET /metrics", s.opts.Metrics)
	}
}

// Probes are answered without a token, for whoever starts daemons anew.
const (
	healthyPath = "/-/healthy"
	readyPath   = "/-/ready"
)

// dispatch finds the handler of a request. What the mux says in plain text when
// there is none becomes a problem.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r) // it fills in the values of the path
		return
	}
	refusal := &refused{header: make(http.Header)}
	h.ServeHTTP(refusal, r)
	if allow := refusal.header.Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		NewProblem(http.StatusMethodNotAllowed, "%s is not for this path: %s", r.Method, allow).write(w)
		return
	}
	NotFound("there is nothing here: /api/v1/openapi.json lists what there is").write(w)
}

// refused takes what the mux answers to a request that nothing matches.
type refused struct{ header http.Header }

func (r *refused) Header() http.Header       { return r.header }
func (*refused) Write(b []byte) (int, error) { return len(b), nil }
func (*refused) WriteHeader(int)             {}

// json registers a handler that answers in JSON.
func (s *Server) json(pattern string, f answer) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			w.Header().Set("Retry-After", "1")
			Unavailable("too many requests at one time").write(w)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		v, err := f(ctx, r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		send(w, v)
	})
}

// fail sends an error. What is not meant for the client is only logged.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, context.DeadlineExceeded):
		p = Unavailable("the daemon did not answer in time")
	case errors.Is(err, context.Canceled):
		p = Unavailable("the daemon is stopping, or you went away")
	default:
		s.opts.Log.Error("request failed", "route", r.Pattern, "err", err)
		p = NewProblem(http.StatusInternalServerError, "the log of the daemon says more")
	}
	p.write(w)
}

// created is an answer with 201 and the path of what was made.
type created struct {
	path string
	v    any
}

func send(w http.ResponseWriter, v any) {
	if v == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	code := http.StatusOK
	if c, ok := v.(created); ok {
		w.Header().Set("Location", c.path)
		code, v = http.StatusCreated, c.v
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // nosniff and the content type keep it from being read as HTML
	if err := enc.Encode(v); err != nil {
		NewProblem(http.StatusInternalServerError, "the answer cannot be written as JSON").write(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(b.Bytes())
}

// probe answers for load balancers and supervisors, in plain text.
func probe(ask func() error, fine string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		text := fine
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if err := ask(); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			text = strings.ToValidUTF8(err.Error(), "\ufffd")
		}
		io.WriteString(w, text+"\n")
	}
}
