package engine

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/aggregate"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// maxWindow bounds the matches in a window of `having` or `all_of` (rule 21).
const maxWindow = 10_000

// havingForm is a condition over aggregates of the window. It is asked after
// each match and each time matches left, all of one time together.
type havingForm struct{ plain }

// aggregates are those of one track, by their index in the rule.
type aggregates struct {
	of   []aggregate.Accumulator
	now  []qmp.Value // over the window as it is; shares memory with its events
	held []qmp.Value // when the condition last held; memory of their own
}

func newAggregates(r *rules.Rule) *aggregates {
	a := &aggregates{}
	for _, g := range r.Aggregates() {
		a.of = append(a.of, aggregate.New(g.Func, g.P, r.Within))
	}
	a.now = make([]qmp.Value, len(a.of))
	return a
}

func (havingForm) take(p *partition, rs *ruleState, in *arrival, t int64) {
	p.m.key = rs.rule.AppendKey(p.m.key[:0], in.event)
	tr := p.track(rs, p.m.key, in, t)
	k := in.keep(&p.m.store)
	tr.matched(p, k, t)
	a := tr.aggregates()
	if tr.window.len() == maxWindow {
		a.pop(p, tr)
		tr.evidence.bounded++
		p.forgot(in.event, t)
	}
	a.push(&p.m.frame, rs.rule, t, &k.Event)
	tr.window.push(t, k.hold())
	tr.judge(p, t, Trace{At: t, What: "match", Event: &k.Event})
}

func (havingForm) leave(p *partition, tr *track, t int64) {
	a := tr.aggregates()
	for tr.window.len() > 0 && later(tr.window.at(0).time, tr.home.rule.Within) <= t {
		a.pop(p, tr)
	}
	slow := p.m.frame.Exhausted
	tr.judge(p, t, Trace{At: t, What: "left"})
	if p.m.frame.Exhausted != slow {
		p.slow(slices.Index(p.lane.rules, tr.home.rule), tr.window.newest(), t)
	}
}

func (havingForm) reset(p *partition, tr *track) {
	plain{}.reset(p, tr)
	if a, ok := tr.state.(*aggregates); ok {
		a.of = newAggregates(tr.home.rule).of
	}
}

// aggregates returns those of the track.
func (tr *track) aggregates() *aggregates {
	a, ok := tr.state.(*aggregates)
	if !ok {
		a = newAggregates(tr.home.rule)
		tr.state = a
	}
	return a
}

// push adds a match at the instant t. The event stays as it is until pop.
func (a *aggregates) push(f *lang.Frame, r *rules.Rule, t int64, ev *event.Event) {
	f.Event, f.Time = ev, qmp.Some(t)
	list := r.Aggregates()
	for i := range list {
		a.of[i].Push(list[i].Arg(f))
	}
}

// pop takes the oldest match out of the window.
func (a *aggregates) pop(p *partition, tr *track) {
	for _, acc := range a.of {
		acc.Pop()
	}
	tr.window.pop(&p.m.store)
}

// judge asks whether the condition holds now; what is the trace of it.
func (tr *track) judge(p *partition, t int64, what Trace) {
	a, f, n := tr.aggregates(), &p.m.frame, tr.window.len()
	for i, acc := range a.of {
		a.now[i] = acc.Value()
	}
	f.Aggregates = a.now
	holds := n > 0 && tr.home.rule.HavingHolds(f)
	f.Aggregates = nil
	if p.m.tracing {
		if what.Event != nil {
			what.Event = what.Event.Clone()
		}
		what.Have, what.Aggregates, what.Holds = int64(n), copyValues(nil, a.now), holds
		p.trace(what, tr)
	}
	switch {
	case holds:
		a.held = copyValues(a.held[:0], a.now)
		tr.firstTime, tr.lastTime = tr.window.at(0).time, tr.window.at(n-1).time
		if !tr.holds {
			tr.begin(p, t, alert.ReasonHaving)
		}
	case tr.holds:
		tr.end(p, t, alert.ReasonEnded)
	}
	if n == 0 {
		p.due.set(tr, phaseLeave, never)
		return
	}
	p.due.set(tr, phaseLeave, later(tr.window.at(0).time, tr.home.rule.Within))
}

func (havingForm) save(tr *track, s *TrackState, _ func(*kept) int) {
	if a, ok := tr.state.(*aggregates); ok {
		for _, v := range a.held {
			s.Held = append(s.Held, saveValue(v))
		}
	}
}

// load pushes the window again: what the accumulators hold follows from it.
func (havingForm) load(m *Machine, tr *track, s *TrackState, _ func(int) (*kept, error)) error {
	a := tr.aggregates()
	for i := range tr.window.len() {
		at := tr.window.at(i)
		a.push(&m.frame, tr.home.rule, at.time, &at.event.Event)
	}
	for _, v := range s.Held {
		a.held = append(a.held, v.value())
	}
	return nil
}
