package webtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/web"
)

// Begin is when the fake daemon started, in microseconds since 1970:
// 2026-11-21T14:00:00Z.
const Begin = 1795269600_000_000

// Fake is a web.Backend in memory. Its fields may be changed before it is asked;
// the zero value is a daemon without anything.
type Fake struct {
	State   web.Status
	Conns   []web.Source
	Loaded  []web.Rule
	Stories []web.Explanation // newest first
	Muting  []web.Silence
	Dead    []web.DeadLetter
	Routes  func(alert.Labels, int64) web.RouteExplanation // nil: nobody is told
	Reloads func() (web.Reloaded, error)                   // nil: nothing changes
	Unwell  error                                          // what Healthy and Ready say
	Failing error                                          // what everything else says, if it is not nil
	Panics  bool                                           // everything else panics
	mu      sync.Mutex
}

var _ web.Backend = (*Fake)(nil)

func (f *Fake) lock() (func(), error) {
	if f.Panics {
		panic("no good")
	}
	f.mu.Lock()
	return f.mu.Unlock, f.Failing
}

// Status implements web.Backend.
func (f *Fake) Status(context.Context) (web.Status, error) {
	unlock, err := f.lock()
	defer unlock()
	return f.State, err
}

// Sources implements web.Backend.
func (f *Fake) Sources(context.Context) ([]web.Source, error) {
	unlock, err := f.lock()
	defer unlock()
	return slices.Clone(f.Conns), err
}

// Rules implements web.Backend.
func (f *Fake) Rules(context.Context) ([]web.Rule, error) {
	unlock, err := f.lock()
	defer unlock()
	return slices.Clone(f.Loaded), err
}

// Alerts implements web.Backend.
func (f *Fake) Alerts(_ context.Context, q web.Query) (all []web.Alert, more bool, err error) {
	unlock, err := f.lock()
	defer unlock()
	for _, s := range f.Stories {
		a := s.Alert
		if !slices.Contains(q.Statuses, a.Status) || q.Match != nil && !q.Match(labels(a.Labels)) ||
			q.Before != 0 && int64(a.ActiveAt) >= q.Before {
			continue
		}
		if len(all) == q.Limit {
			return all, true, err
		}
		if !q.Evidence {
			a.Evidence = nil
		}
		all = append(all, a)
	}
	return all, false, err
}

// Explain implements web.Backend.
func (f *Fake) Explain(_ context.Context, id web.AlertID) (web.Explanation, error) {
	unlock, err := f.lock()
	defer unlock()
	if err != nil {
		return web.Explanation{}, err
	}
	s, err := f.story(id)
	if err != nil {
		return web.Explanation{}, err
	}
	return *s, nil
}

func (f *Fake) story(id web.AlertID) (*web.Explanation, error) {
	for i := range f.Stories {
		have := f.Stories[i].Alert.ID
		if have == id || have.Fingerprint == id.Fingerprint && id == web.Newest(id.Fingerprint) {
			return &f.Stories[i], nil
		}
	}
	return nil, web.NotFound("there is no alert %s", id)
}

// Ack implements web.Backend.
func (f *Fake) Ack(_ context.Context, id web.AlertID, a web.AckRequest) (web.Ack, error) {
	unlock, err := f.lock()
	defer unlock()
	if err != nil {
		return web.Ack{}, err
	}
	s, err := f.story(id)
	if err != nil {
		return web.Ack{}, err
	}
	if s.Alert.Status != alert.Firing {
		return web.Ack{}, web.Conflict("alert %s is %s: there is nothing to acknowledge", id, s.Alert.Status)
	}
	s.Alert.Ack = &web.Ack{By: a.By, Comment: a.Comment, At: Begin + 600_000_000}
	return *s.Alert.Ack, nil
}

// Silences implements web.Backend.
func (f *Fake) Silences(context.Context) ([]web.Silence, error) {
	unlock, err := f.lock()
	defer unlock()
	return slices.Clone(f.Muting), err
}

// SetSilence implements web.Backend.
func (f *Fake) SetSilence(_ context.Context, s web.Silence) (web.Silence, error) {
	unlock, err := f.lock()
	defer unlock()
	if err != nil {
		return s, err
	}
	s.UpdatedAt, s.State = Begin, "active"
	if s.ID == "" {
		s.ID = fmt.Sprintf("silence-%d", len(f.Muting)+1)
		f.Muting = append(f.Muting, s)
		return s, nil
	}
	i := slices.IndexFunc(f.Muting, func(have web.Silence) bool { return have.ID == s.ID })
	if i < 0 {
		return s, web.NotFound("there is no silence %q", s.ID)
	}
	f.Muting[i] = s
	return s, nil
}

// ExpireSilence implements web.Backend.
func (f *Fake) ExpireSilence(_ context.Context, id, _ string) error {
	unlock, err := f.lock()
	defer unlock()
	i := slices.IndexFunc(f.Muting, func(have web.Silence) bool { return have.ID == id })
	if err == nil && i < 0 {
		return web.NotFound("there is no silence %q", id)
	}
	if err == nil {
		f.Muting[i].State, f.Muting[i].EndsAt = "expired", Begin+600_000_000
	}
	return err
}

// DeadLetters implements web.Backend.
func (f *Fake) DeadLetters(_ context.Context, limit int) (all []web.DeadLetter, more bool, err error) {
	unlock, err := f.lock()
	defer unlock()
	n := min(limit, len(f.Dead))
	return slices.Clone(f.Dead[:n]), n < len(f.Dead), err
}

// Resend implements web.Backend.
func (f *Fake) Resend(_ context.Context, id string) error {
	unlock, err := f.lock()
	defer unlock()
	i := slices.IndexFunc(f.Dead, func(have web.DeadLetter) bool { return have.ID == id })
	if err == nil && i < 0 {
		return web.NotFound("there is no dead letter %q", id)
	}
	if err == nil {
		f.Dead = slices.Delete(f.Dead, i, i+1)
	}
	return err
}

// ExplainRoute implements web.Backend.
func (f *Fake) ExplainRoute(_ context.Context, ls alert.Labels, at int64) (web.RouteExplanation, error) {
	unlock, err := f.lock()
	defer unlock()
	if f.Routes == nil {
		return web.RouteExplanation{
			Labels: web.LabelMap(ls), At: web.Time(at),
			Routes: []web.Route{}, Muted: []web.Mute{},
		}, err
	}
	return f.Routes(ls, at), err
}

// Reload implements web.Backend.
func (f *Fake) Reload(context.Context) (web.Reloaded, error) {
	unlock, err := f.lock()
	defer unlock()
	if err == nil && f.Reloads != nil {
		return f.Reloads()
	}
	return web.Reloaded{Verdicts: []web.Verdict{}, Warnings: []string{}}, err
}

// Healthy implements web.Backend.
func (f *Fake) Healthy() error { return f.Unwell }

// Ready implements web.Backend.
func (f *Fake) Ready() error { return f.Unwell }

func labels(m map[string]string) alert.Labels {
	var out alert.Labels
	for name, value := range m {
		out = append(out, alert.Label{Name: name, Value: value})
	}
	slices.SortFunc(out, func(a, b alert.Label) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
