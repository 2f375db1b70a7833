package daemon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/web"
)

// stateOrder is the order in which silences are listed.
var stateOrder = []dispatch.State{dispatch.Active, dispatch.Pending, dispatch.Expired}

// Silences implements web.Backend.
func (b *backend) Silences(ctx context.Context) ([]web.Silence, error) {
	var view dispatch.View
	if err := b.loop.look(ctx, func(c *core.Core) { view = c.Planner().View() }); err != nil {
		return nil, err
	}
	out := []web.Silence{}
	for i := range view.Silences {
		out = append(out, web.SilenceOf(&view.Silences[i].Silence, view.Silences[i].State))
	}
	rank := func(s web.Silence) int { return slices.Index(stateOrder, dispatch.State(s.State)) }
	slices.SortFunc(out, func(a, b web.Silence) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.EndsAt, b.EndsAt), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// SetSilence implements web.Backend.
func (b *backend) SetSilence(ctx context.Context, s web.Silence) (web.Silence, error) {
	if s.ID != "" {
		if _, err := b.silence(ctx, s.ID); err != nil {
			return s, err
		}
	}
	wanted := s.Wanted()
	if wanted.ID == "" {
		wanted.ID = silenceID(&wanted, b.loop.now())
	}
	if err := b.enter(ctx, core.Entry{Silence: &wanted}); err != nil {
		return s, err
	}
	return b.silence(ctx, wanted.ID)
}

// silence returns one by its ID.
func (b *backend) silence(ctx context.Context, id string) (web.Silence, error) {
	all, err := b.Silences(ctx)
	if err != nil {
		return web.Silence{}, err
	}
	for _, s := range all {
		if s.ID == id {
			return s, nil
		}
	}
	return web.Silence{}, web.NotFound("there is no silence %.80q", id)
}

// ExpireSilence implements web.Backend.
func (b *backend) ExpireSilence(ctx context.Context, id, by string) error {
	s, err := b.silence(ctx, id)
	if err != nil || s.State == string(dispatch.Expired) {
		return err
	}
	return b.enter(ctx, core.Entry{Expire: &core.Expire{ID: id, By: by}})
}

// enter lets the loop decide what somebody wants. What it refuses is the
// request's fault.
func (b *backend) enter(ctx context.Context, e core.Entry) error {
	result, err := b.loop.ask(ctx, request{entry: e})
	if err == nil && result.err != nil {
		err = web.Invalid("%v", result.err)
	}
	return err
}

// silenceID names a silence by what it is and when it was made.
func silenceID(s *dispatch.Silence, at int64) string {
	text, err := json.Marshal(struct {
		dispatch.Silence
		At int64
	}{*s, at})
	if err != nil {
		panic(err) // no member of it can fail
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// DeadLetters implements web.Backend.
func (b *backend) DeadLetters(_ context.Context, limit int) ([]web.DeadLetter, bool, error) {
	all, err := b.outbox.DeadLetters()
	if err != nil {
		return nil, false, err
	}
	slices.Reverse(all) // the newest first
	more := len(all) > limit
	if more {
		all = all[:limit]
	}
	out := []web.DeadLetter{}
	for _, d := range all {
		one := web.DeadLetter{
			ID: d.Item.ID, Receiver: d.Endpoint.Receiver, Endpoint: d.Endpoint.Name, Group: d.Item.Group, Kind: string(d.Item.Kind),
			Status: string(d.Item.Status), At: web.Time(d.Item.At), DiedAt: web.Time(d.At), Reason: string(d.Reason), Error: d.Err,
			Tries: d.Item.Tries,
		}
		if n, err := b.outbox.Load(d.Endpoint, d.Item.Seq); err == nil {
			one.Alerts = len(n.Alerts)
			one.Summary = n.CommonAnnotations.Get("summary")
			if len(n.Alerts) > 0 {
				one.Summary = cmp.Or(one.Summary, n.Alerts[0].Annotations.Get("summary"))
			}
		}
		out = append(out, one)
	}
	return out, more, nil
}

// Resend implements web.Backend.
func (b *backend) Resend(_ context.Context, id string) error {
	_, err := b.loop.deliver.Resend(id)
	switch {
	case errors.Is(err, deliver.ErrNoMessage):
		return web.NotFound("there is no dead letter %.80q", id)
	case errors.Is(err, deliver.ErrUnknownReceiver):
		return web.Conflict("its receiver is not in the configuration any more")
	}
	return err
}
