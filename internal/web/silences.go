package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/internal/duration"
)

const maxMatchers = 50 // of one silence

func (s *Server) silences(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	all, err := s.opts.Backend.Silences(ctx)
	return items(all, false, err)
}

func (s *Server) setSilence(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	var req SilenceRequest
	if err := readBody(r, &req); err != nil {
		return nil, err
	}
	wanted, err := req.Silence(s.opts.Now())
	if err != nil {
		return nil, err
	}
	made, err := s.opts.Backend.SetSilence(ctx, wanted)
	if err != nil {
		return nil, err
	}
	if req.ID != "" {
		return made, nil
	}
	return created{"/api/v1/silences/" + url.PathEscape(made.ID), made}, nil
}

// Silence checks a request and fills in what it leaves out. Errors are
// *Problem.
func (req *SilenceRequest) Silence(now int64) (Silence, error) {
	out := Silence{
		ID: req.ID, StartsAt: req.StartsAt, EndsAt: req.EndsAt, CreatedBy: req.CreatedBy, Comment: req.Comment,
	}
	if err := people("createdBy", req.CreatedBy, req.Comment); err != nil {
		return out, err
	}
	if len(req.Matchers) > maxMatchers {
		return out, Invalid("matchers: more than %d", maxMatchers)
	}
	m, err := alertmanager.ParseMatcherList(req.Matchers)
	if err != nil {
		return out, Invalid("matchers: %v", err)
	}
	if m.MatchesEmpty() {
		return out, Invalid(`matchers: these hide everything; want at least one such as vm="db1"`)
	}
	out.Matchers = m.List()
	if out.StartsAt.IsZero() {
		out.StartsAt = Time(now)
	}
	switch {
	case (req.Duration == "") == req.EndsAt.IsZero():
		return out, Invalid("give either endsAt or duration")
	case req.Duration != "":
		d, err := duration.Parse(req.Duration)
		if err != nil {
			return out, Invalid("duration: %v", err)
		}
		out.EndsAt = out.StartsAt + Time(d.Microseconds())
	}
	switch {
	case out.EndsAt <= out.StartsAt:
		return out, Invalid("endsAt: the silence ends before it begins")
	case int64(out.EndsAt) <= now:
		return out, Invalid("endsAt: the silence would be over already")
	}
	return out, nil
}

func (s *Server) expireSilence(ctx context.Context, r *http.Request) (any, error) {
	p, err := parameters(r, "by")
	if err != nil {
		return nil, err
	}
	by := p.Get("by")
	if len(by) > maxName {
		return nil, Invalid("by: more than %d bytes", maxName)
	}
	return nil, s.opts.Backend.ExpireSilence(ctx, r.PathValue("id"), by)
}
