package daemon

import (
	"cmp"
	"context"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/qmp"
)

// now is what the core knows of alerts, at one instant.
type now struct {
	active map[alert.Fingerprint]alert.Change // pending and firing
	told   map[alert.Fingerprint]dispatch.AlertView
}

func (b *backend) now(ctx context.Context) (now, error) {
	n := now{map[alert.Fingerprint]alert.Change{}, map[alert.Fingerprint]dispatch.AlertView{}}
	err := b.loop.look(ctx, func(c *core.Core) {
		for _, a := range c.Machine().Active() {
			n.active[a.Fingerprint] = a
		}
		for _, v := range c.Planner().View().Alerts {
			n.told[v.Fingerprint] = v
		}
	})
	return n, err
}

// is says whether a life is the one that goes on.
func (n *now) is(f alert.Fingerprint, activeAt int64) (alert.Change, bool) {
	c, ok := n.active[f]
	return c, ok && c.ActiveAt == activeAt
}

// alert is the form of a life for the API.
func (n *now) alert(c *alert.Change, evidence bool) web.Alert {
	out := web.Alert{ID: web.IDOf(c), Change: web.ChangeOf(c, evidence), Muted: []web.Mute{}, Told: []string{}}
	v, ok := n.told[c.Fingerprint]
	if !ok || v.StartsAt != c.StartsAt {
		return out
	}
	out.Muted, out.Ack = web.MutesOf(v.Muted), web.AckOf(v.Ack)
	for _, g := range v.Groups {
		if g.Told && !slices.Contains(out.Told, g.Receiver) {
			out.Told = append(out.Told, g.Receiver)
		}
	}
	return out
}

// Alerts implements web.Backend.
func (b *backend) Alerts(ctx context.Context, q web.Query) ([]web.Alert, bool, error) {
	n, err := b.now(ctx)
	if err != nil {
		return nil, false, err
	}
	over := slices.Contains(q.Statuses, alert.Resolved) || slices.Contains(q.Statuses, alert.Inactive)
	if over && b.loop.memory.state != nil {
		return b.lives(q, &n)
	}
	out, more := n.list(q)
	return out, more, nil
}

// list returns the alerts that are not over.
func (n *now) list(q web.Query) (out []web.Alert, more bool) {
	var all []alert.Change
	for _, c := range n.active {
		wanted := len(q.Statuses) == 0 || slices.Contains(q.Statuses, c.Status)
		if wanted && (q.Match == nil || q.Match(c.Labels)) && (q.Before == 0 || c.ActiveAt < q.Before) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b alert.Change) int {
		return cmp.Or(cmp.Compare(b.ActiveAt, a.ActiveAt), cmp.Compare(b.Fingerprint, a.Fingerprint))
	})
	if more = len(all) > q.Limit; more {
		all = all[:q.Limit]
	}
	out = []web.Alert{}
	for i := range all {
		out = append(out, n.alert(&all[i], q.Evidence))
	}
	return out, more
}

// lives returns alerts out of the history, with those that go on as they are.
func (b *backend) lives(q web.Query, n *now) ([]web.Alert, bool, error) {
	all, more, err := b.loop.memory.state.Lives(state.Filter{Statuses: q.Statuses, Match: q.Match, Before: q.Before, Limit: q.Limit})
	if err != nil {
		return nil, false, err
	}
	out := []web.Alert{}
	for _, l := range all {
		if c, ok := n.is(l.Fingerprint, l.ActiveAt); ok {
			out = append(out, n.alert(&c, q.Evidence))
			continue
		}
		c, err := b.newest(&l, q.Evidence)
		if err != nil {
			return nil, false, err
		}
		out = append(out, n.alert(c, q.Evidence))
	}
	return out, more, nil
}

// newest is the last change of a life; without evidence it need not be read.
func (b *backend) newest(l *state.Life, evidence bool) (*alert.Change, error) {
	if evidence {
		c, err := b.loop.memory.state.Newest(l.Fingerprint, l.ActiveAt)
		if c != nil || err != nil {
			return c, err
		}
	}
	return &alert.Change{
		At: l.UpdatedAt, Status: l.Status, Name: l.Name, Labels: l.Labels, Annotations: l.Annotations, Fingerprint: l.Fingerprint,
		ActiveAt: l.ActiveAt, StartsAt: l.StartsAt, EndsAt: l.EndsAt, Count: l.Count, Reason: l.Reason, Shadow: l.Shadow,
	}, nil
}

// Ack implements web.Backend.
func (b *backend) Ack(ctx context.Context, id web.AlertID, a web.AckRequest) (web.Ack, error) {
	n, err := b.now(ctx)
	if err != nil {
		return web.Ack{}, err
	}
	c, ok := n.active[id.Fingerprint]
	switch {
	case !ok:
		return web.Ack{}, b.notActive(id)
	case c.Status != alert.Firing:
		return web.Ack{}, web.Conflict("the alert %s does not fire", id)
	case !names(id, &c):
		return web.Ack{}, web.Conflict("that life of the alert %s is over; it fires anew as %s", id.Fingerprint, web.IDOf(&c))
	}
	result, err := b.loop.ask(ctx, request{entry: core.Entry{Ack: &core.Ack{Fingerprint: id.Fingerprint, By: a.By, Comment: a.Comment}}})
	if err == nil {
		err = result.err
	}
	if err != nil {
		return web.Ack{}, err
	}
	return web.Ack{By: a.By, Comment: a.Comment, At: web.Time(b.loop.now())}, nil
}

// names says whether id is that of the life which a change belongs to: who saw
// it pending knows it by another time than who saw it fire.
func names(id web.AlertID, c *alert.Change) bool {
	return id.StartsAt == qmp.NoTime || id.StartsAt == c.StartsAt || id.StartsAt == c.ActiveAt
}

// notActive says why an alert that is neither pending nor firing cannot be
// acknowledged.
func (b *backend) notActive(id web.AlertID) error {
	story, err := b.story(id)
	switch {
	case err != nil:
		return err
	case story == nil:
		return web.NotFound("nothing is known of the alert %s", id)
	}
	return web.Conflict("the alert %s does not fire", id)
}
