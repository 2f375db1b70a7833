package daemon

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/sources"
)

// backend is the daemon as the API sees it.
type backend struct{ *daemon }

var _ web.Backend = (*backend)(nil)

// Healthy asks the loop whether it still turns.
func (b *backend) Healthy() error {
	ctx, cancel := context.WithTimeout(context.Background(), healthyWithin)
	defer cancel()
	if err := b.loop.look(ctx, func(*core.Core) {}); err != nil {
		return fmt.Errorf("nothing was decided for %v", healthyWithin)
	}
	return nil
}

// Ready implements web.Backend.
func (b *backend) Ready() error {
	if !b.ready.Load() {
		return errStarting
	}
	return nil
}

// Status implements web.Backend.
func (b *backend) Status(ctx context.Context) (web.Status, error) {
	out := web.Status{
		Version: b.opts.Version, StartedAt: web.Time(b.started.UnixMicro()), Now: web.Time(b.loop.now()),
		Config: b.opts.ConfigFile, Reload: b.reload.last(), Outbox: []web.Outbox{}, Buttons: b.buttons.status(),
	}
	err := b.loop.look(ctx, func(c *core.Core) {
		out.Host, out.Storage = b.loop.host, b.storage()
		out.Counts = counts(c)
	})
	if err != nil {
		return out, err
	}
	b.countSources(&out)
	for _, s := range b.loop.deliver.Stats() {
		o := web.Outbox{
			Receiver: s.Receiver, Endpoint: s.Endpoint, Queued: int(s.Queued),
			Delivered: uint64(s.Delivered), Dead: uint64(s.Failed),
		}
		o.OldestAt = web.Time(s.Oldest)
		if s.Open {
			o.Paused = "nothing arrives there: it is tried from time to time"
		}
		out.Outbox = append(out.Outbox, o)
	}
	slices.SortFunc(out.Outbox, func(a, b web.Outbox) int {
		return cmp.Or(cmp.Compare(a.Receiver, b.Receiver), cmp.Compare(a.Endpoint, b.Endpoint))
	})
	if dead, err := b.outbox.DeadLetters(); err == nil {
		out.Counts.DeadLetter = len(dead)
	}
	return out, nil
}

// storage is called by the loop's goroutine.
func (b *backend) storage() web.Storage {
	m := b.loop.memory
	out := web.Storage{Position: m.seq, Damaged: int64(b.damage.total())}
	if m.state != nil {
		out.Path, out.JournalBytes = m.dir, m.journal.Bytes()
	}
	if m.broken != nil {
		out.Degraded = m.broken.Error()
	}
	return out
}

func counts(c *core.Core) web.Counts {
	var out web.Counts
	for _, v := range c.Machine().RuleViews() {
		out.Rules++
		out.Pending += v.Pending
		out.Firing += v.Firing
	}
	n := c.Planner().Counts()
	for _, muted := range n.Muted {
		out.Muted += muted
	}
	out.Silences = n.Silences[dispatch.Active] + n.Silences[dispatch.Pending]
	return out
}

// countSources adds up what the sources read and what the loop took.
func (b *backend) countSources(out *web.Status) {
	e := b.events()
	out.Events = web.Events{Received: e.Received, Evaluated: e.Evaluated, Pending: e.Pending, Late: e.Late}
	for _, n := range e.Dropped {
		out.Events.Dropped += n
	}
	for _, s := range b.sources.statuses() {
		out.Counts.Sources++
		if s.State == sources.Connected {
			out.Counts.Connected++
		}
	}
}

// Sources implements web.Backend.
func (b *backend) Sources(context.Context) ([]web.Source, error) {
	out := []web.Source{}
	for _, s := range b.sources.statuses() {
		out = append(out, web.SourceOf(&s))
	}
	return out, nil
}

// Rules implements web.Backend.
func (b *backend) Rules(ctx context.Context) ([]web.Rule, error) {
	var views []engine.RuleView
	if err := b.loop.look(ctx, func(c *core.Core) { views = c.Machine().RuleViews() }); err != nil {
		return nil, err
	}
	spent := b.loop.count.shares(views)
	out := make([]web.Rule, 0, len(views))
	for i, v := range views {
		one := web.RuleOf(v.Rule)
		one.Suspended, one.Evaluations, one.Seconds = v.Suspended > 0, v.Evaluated, spent[i].Seconds()
		one.Keys, one.Pending, one.Firing = v.Keys, v.Pending, v.Firing
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b web.Rule) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out, nil
}

// Reload implements web.Backend.
func (b *backend) Reload(ctx context.Context) (web.Reloaded, error) {
	r, err := b.reload.now(ctx)
	switch {
	case err != nil:
		return web.Reloaded{}, err
	case r.findings.HasErrors():
		return web.Reloaded{}, web.InvalidFiles(r.findings)
	case r.err != nil:
		return web.Reloaded{}, web.Unavailable("%v", r.err)
	}
	out := web.Reloaded{Rules: r.rules, Verdicts: []web.Verdict{}, Warnings: warnings(r.findings)}
	for _, v := range r.verdicts {
		out.Verdicts = append(out.Verdicts, web.Verdict{Group: v.Group, Rule: v.Rule, Action: string(v.Action)})
	}
	return out, nil
}

func warnings(found diag.List) []string {
	out := []string{}
	for _, f := range found {
		out = append(out, f.String())
	}
	return out
}
