package engine

import (
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// A rule that runs out of steps (lang.MaxSteps) so often within such a time is
// not evaluated any more in its partition, until a reload brings it with
// another meaning. What it holds runs out as usual.
const (
	slowTimes  = 3
	slowWithin = time.Minute
)

// slow notes that an evaluation of a rule for an event was given up at t.
func (p *partition) slow(i int, ev *event.Event, t int64) {
	rs := p.rule(i)
	if p.suspended != nil && p.suspended[i] {
		return
	}
	rs.slow = append(rs.slow, t)
	for later(rs.slow[0], slowWithin) <= t {
		rs.slow = rs.slow[1:]
	}
	if len(rs.slow) < slowTimes {
		return
	}
	rs.slow = nil
	p.suspend(i)
	made := p.m.make(ev, &qmp.QMPAlertRuleSuspended{Rule: qmp.Some(rs.rule.Name)})
	made.VM, made.Time = event.VM{}, t
	p.m.made = append(p.m.made, made)
	if p.m.tracing {
		p.m.decision.Trace = append(p.m.decision.Trace, Trace{At: t, Rule: rs.rule, What: "suspended"})
	}
}

// suspend stops the evaluation of a rule here.
func (p *partition) suspend(i int) {
	if p.suspended == nil {
		p.suspended = make([]bool, len(p.lane.rules))
	}
	p.suspended[i] = true
}
