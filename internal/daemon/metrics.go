package daemon

import (
	"context"
	"time"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/telemetry"
	"github.com/qmpalert/qmpalert/sources"
)

// healthyWithin is how long the loop may take to answer.
const healthyWithin = 10 * time.Second

// view is a picture for metrics. While the loop does not answer it has what
// others know.
func (b *backend) view() telemetry.View {
	out := telemetry.View{
		Events: b.events(), Sources: make(map[string]int), Silences: make(map[string]int),
		Alerts: telemetry.Alerts{Muted: make(map[string]int)},
	}
	for _, s := range b.sources.statuses() {
		out.Sources[s.State.String()]++
	}
	ctx, cancel := context.WithTimeout(context.Background(), healthyWithin)
	defer cancel()
	_ = b.loop.look(ctx, func(c *core.Core) { b.fill(&out, c) }) // without it: zeroes
	for _, s := range b.loop.deliver.Stats() {
		e := telemetry.Endpoint{
			Receiver: s.Receiver, Name: s.Endpoint, Put: uint64(s.Put), Delivered: uint64(s.Delivered), Queued: int(s.Queued), Paused: s.Open,
		}
		if s.Oldest > 0 {
			e.Oldest = time.Duration(max(0, b.loop.now()-s.Oldest)) * time.Microsecond
		}
		out.Outbox = append(out.Outbox, e)
	}
	if dead, err := b.outbox.DeadLetters(); err == nil {
		out.DeadLetters = len(dead)
	}
	out.Store.Damage = b.damage.byFile()
	return out
}

// fill is called by the loop's goroutine.
func (b *backend) fill(out *telemetry.View, c *core.Core) {
	views := c.Machine().RuleViews()
	spent := b.loop.count.shares(views)
	for i, v := range views {
		out.Rules = append(out.Rules, telemetry.Rule{
			Group: v.Rule.Group, Name: v.Rule.Name, Evaluations: v.Evaluated, Time: spent[i], Windows: v.Keys, Suspended: v.Suspended > 0,
		})
		out.Alerts.Pending += v.Pending
		out.Alerts.Firing += v.Firing
	}
	view := c.Planner().View()
	for _, a := range view.Alerts {
		if len(a.Muted) > 0 {
			out.Alerts.Muted[mutedWord(a.Muted[0].By)]++
		}
	}
	for _, s := range view.Silences {
		if s.State != dispatch.Expired {
			out.Silences[string(s.State)]++
		}
	}
	m := b.loop.memory
	if m.state != nil {
		out.Journal = telemetry.Journal{Bytes: m.journal.Bytes(), Records: m.seq, AppendErrors: m.failed}
		out.Store.Bytes, out.Store.CommitErrors, out.Store.Degraded = m.state.Bytes(), m.refused, m.broken != nil
	}
}

func mutedWord(k dispatch.MuteKind) string {
	switch k {
	case dispatch.BySilence:
		return "silenced"
	case dispatch.ByInhibition:
		return "inhibited"
	default:
		return "hours"
	}
}

// events counts what sources read and what became of it. What the daemon makes
// itself is read and evaluated here.
func (b *backend) events() telemetry.Events {
	out := telemetry.Events{Dropped: make(map[string]uint64), Skipped: make(map[string]uint64), Late: b.loop.count.late.Load()}
	var emitted uint64
	for _, s := range b.sources.statuses() {
		add(&out, s.Counts)
		emitted += s.Counts.Emitted
	}
	evaluated := b.loop.count.events.Load()
	out.Evaluated = evaluated
	// Events of our own are in no source's account; what is between a source and
	// the loop waits.
	waiting := uint64(b.loop.inbox.len())
	out.Pending += waiting
	out.Received = out.Evaluated + out.Pending
	for _, n := range out.Dropped {
		out.Received += n
	}
	return out
}

func add(out *telemetry.Events, c sources.Counts) {
	out.Pending += c.Pending
	count := func(m map[string]uint64, reason string, n uint64) {
		if n > 0 {
			m[reason] += n
		}
	}
	count(out.Dropped, "queue", c.Dropped)
	count(out.Skipped, "damaged", c.Damaged)
	count(out.Skipped, "oversized", c.Oversized)
	count(out.Skipped, "unmatched", c.Unmatched)
	count(out.Skipped, "mistyped", c.Mistyped)
}

// shares estimates the time that each rule took: the time of deciding about
// events, shared out by evaluations.
func (c *counters) shares(views []engine.RuleView) []time.Duration {
	total := time.Duration(c.spent.Load())
	var all float64
	for _, v := range views {
		all += float64(v.Evaluated)
	}
	out := make([]time.Duration, len(views))
	for i, v := range views {
		if all > 0 {
			out[i] = time.Duration(float64(total) * float64(v.Evaluated) / all)
		}
	}
	return out
}
