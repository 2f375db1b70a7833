package daemon

import (
	"context"
	"sync"
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
	n := c.Planner().Counts()
	for by, muted := range n.Muted {
		out.Alerts.Muted[mutedWord(by)] += muted
	}
	for state, silences := range n.Silences {
		if state != dispatch.Expired {
			out.Silences[string(state)] = silences
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
	// In this order: what is evaluated was accepted, and what is accepted meanwhile
	// must not be seen twice.
	evaluated := b.loop.count.events.Load()
	accepted := b.loop.inbox.accepted()
	return b.account.events(b.sources.statuses(), accepted, evaluated, b.loop.count.late.Load())
}

// account adds up what sources counted, those included that have gone: counters
// never go back.
type account struct {
	mu       sync.Mutex
	last     map[string]sources.Counts // by source
	gone     sources.Counts
	received uint64
}

func (a *account) events(statuses []sources.Status, accepted, evaluated, late uint64) telemetry.Events {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := make(map[string]sources.Counts)
	for _, s := range statuses {
		now[s.Source] = plus(now[s.Source], s.Counts)
	}
	for name, before := range a.last {
		if c, ok := now[name]; !ok || c.Received < before.Received {
			before.Pending = 0 // it was emitted or dropped
			a.gone = plus(a.gone, before)
		}
	}
	a.last = now
	out := telemetry.Events{Dropped: make(map[string]uint64), Skipped: make(map[string]uint64), Late: late, Evaluated: evaluated}
	add(&out, a.gone)
	for _, c := range now {
		add(&out, c)
	}
	lost := uint64(0)
	for _, n := range out.Dropped {
		lost += n
	}
	// An event on its way from a source to the loop may be seen at both, or at none.
	total, idle := accepted+out.Pending+lost, out.Pending == 0 && accepted == evaluated
	if total > a.received || idle {
		a.received = total
	}
	out.Received, out.Pending = a.received, a.received-lost-evaluated
	return out
}

func plus(a, b sources.Counts) sources.Counts {
	return sources.Counts{
		Received: a.Received + b.Received, Emitted: a.Emitted + b.Emitted, Dropped: a.Dropped + b.Dropped, Pending: a.Pending + b.Pending,
		Damaged: a.Damaged + b.Damaged, Oversized: a.Oversized + b.Oversized, Unmatched: a.Unmatched + b.Unmatched,
		Mistyped: a.Mistyped + b.Mistyped, UnknownMembers: a.UnknownMembers + b.UnknownMembers,
	}
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
