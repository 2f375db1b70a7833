package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/rules"
)

// origin is where a record comes from, or which VM an event that nobody wants
// is a sign of (census.sign).
type origin struct {
	sign   *vm
	level  int      // of the rule that made it
	key    []string // of that rule
	number uint64   // of the event that it goes back to, or the last one before it was made
	gap    bool     // it goes back to a QMPALERT_GAP
}

// compareRecords orders records of one place in time: what they are made from
// first, then by name and key.
func compareRecords(a, b *kept) int {
	return cmp.Or(
		cmp.Compare(a.from.level, b.from.level),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Host, b.Host),
		cmp.Compare(a.VM.Name, b.VM.Name),
		slices.Compare(a.from.key, b.from.key),
	)
}

// record makes the event of a record rule at t, from an event if there is one
// (nil: absent_for), and puts it before the rules that use it. These are of
// higher levels, and run when those of this one have run.
func (p *partition) record(r *rules.Rule, ev *event.Event, key []string, matches, t int64) {
	made := r.MakeRecord(ev, key, p.host, p.vm, matches, t)
	from := &origin{level: r.Level, number: p.cause.number, gap: p.cause.gap}
	for _, k := range key {
		from.key = append(from.key, strings.Clone(k))
	}
	k := &kept{Event: *made, from: from, holders: 1}
	for _, l := range p.m.lanes {
		if l.level <= r.Level || !l.index.Wanted(made) {
			continue
		}
		if q := p.m.placeOf(l, made.Host, made.VM.Name); q != nil {
			w := waiting{time: t, order: p.cause.order, event: k.hold()}
			if t < q.mark { // of a VM that joined the others and was behind
				w.time, w.order = q.mark, p.m.number
			}
			q.waiting.push(w)
		}
	}
	p.m.store.drop(k)
	if p.m.tracing {
		p.m.decision.Trace = append(p.m.decision.Trace, Trace{At: t, Rule: r, Key: from.key, Event: k.show(), What: "record"})
	}
}

// placeOf returns the partition of a lane that records of a host and VM go to;
// either may be "".
func (m *Machine) placeOf(l *lane, host, name string) *partition {
	switch {
	case l.scope == rules.ScopeFleet:
		return m.shared[placeID{l.laneID, "", ""}]
	case l.scope == rules.ScopeHost || name == "":
		return m.shared[placeID{l.laneID, host, ""}]
	}
	for _, q := range m.vms[vmID{host, name}].offers {
		if q.lane == l {
			return q
		}
	}
	return nil
}
