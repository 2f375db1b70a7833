package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// list is how the API answers with several: an object, so that members can be
// added.
type list[T any] struct {
	Items []T  `json:"items"`
	More  bool `json:"more"` // there are more than were asked for
}

func items[T any](all []T, more bool, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if all == nil {
		all = []T{}
	}
	return list[T]{all, more}, nil
}

func (s *Server) status(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	return s.opts.Backend.Status(ctx)
}

func (s *Server) sources(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	all, err := s.opts.Backend.Sources(ctx)
	return items(all, false, err)
}

func (s *Server) rules(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	all, err := s.opts.Backend.Rules(ctx)
	return items(all, false, err)
}

func (s *Server) alerts(ctx context.Context, r *http.Request) (any, error) {
	p, err := parameters(r, "filter", "state", "before", "limit", "evidence")
	if err != nil {
		return nil, err
	}
	q, err := alertQuery(p)
	if err != nil {
		return nil, err
	}
	all, more, err := s.opts.Backend.Alerts(ctx, q)
	return items(all, more, err)
}

func alertQuery(p url.Values) (q Query, err error) {
	if q.Match, err = filters(p["filter"]); err != nil {
		return q, err
	}
	if q.Statuses, err = statuses(p["state"]); err != nil {
		return q, err
	}
	if q.Before, err = instant(p, "before", 0); err != nil {
		return q, err
	}
	if q.Limit, err = limited(p, 100, MaxAlerts); err != nil {
		return q, err
	}
	q.Evidence = true
	if text := p.Get("evidence"); text != "" {
		if q.Evidence, err = strconv.ParseBool(text); err != nil {
			return q, Invalid("evidence: want true or false, not %.40q", text)
		}
	}
	return q, nil
}

// alertOf reads which alert the path names.
func alertOf(r *http.Request) (AlertID, error) {
	id, err := ParseAlertID(r.PathValue("id"))
	if err != nil {
		return id, Invalid("%v", err)
	}
	return id, nil
}

func (s *Server) explain(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	id, err := alertOf(r)
	if err != nil {
		return nil, err
	}
	return s.opts.Backend.Explain(ctx, id)
}

func (s *Server) ack(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	id, err := alertOf(r)
	if err != nil {
		return nil, err
	}
	var a AckRequest
	if err := readBody(r, &a); err != nil {
		return nil, err
	}
	if err := people("by", a.By, a.Comment); err != nil {
		return nil, err
	}
	return s.opts.Backend.Ack(ctx, id, a)
}

// MaxDeadLetters bounds one list of dead letters.
const MaxDeadLetters = 1000

func (s *Server) deadLetters(ctx context.Context, r *http.Request) (any, error) {
	p, err := parameters(r, "limit")
	if err != nil {
		return nil, err
	}
	limit, err := limited(p, 100, MaxDeadLetters)
	if err != nil {
		return nil, err
	}
	all, more, err := s.opts.Backend.DeadLetters(ctx, limit)
	return items(all, more, err)
}

func (s *Server) resend(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	return nil, s.opts.Backend.Resend(ctx, r.PathValue("id"))
}

func (s *Server) explainRoute(ctx context.Context, r *http.Request) (any, error) {
	p, err := parameters(r, "label", "at")
	if err != nil {
		return nil, err
	}
	ls, err := labels(p["label"])
	if err != nil {
		return nil, err
	}
	at, err := instant(p, "at", s.opts.Now())
	if err != nil {
		return nil, err
	}
	return s.opts.Backend.ExplainRoute(ctx, ls, at)
}

func (s *Server) reload(ctx context.Context, r *http.Request) (any, error) {
	if _, err := parameters(r); err != nil {
		return nil, err
	}
	return s.opts.Backend.Reload(ctx)
}
