package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// evaluate shows an event to the rules at the instant t.
func (p *partition) evaluate(in *arrival, t int64) {
	ev := in.event
	if p.lane.scope == rules.ScopeVM && isGone(ev) {
		p.forgetVM(t)
	}
	p.cause = cause{in.order, in.number, ev.Kind == qmp.KindQMPAlertGap || in.from != nil && in.from.gap}
	if p.census != nil && in.from == nil {
		p.count(in, t)
	}
	if p.asked != nil && ev.Kind == qmp.KindQMPAlertAnswer {
		p.answer(ev, t)
	}
	f := &p.m.frame
	f.Time = qmp.Some(t)
	for _, i := range p.candidates(ev) {
		if p.skips(i, in) {
			continue
		}
		slow := f.Exhausted
		r, done := p.lane.rules[i], &p.lane.done[i]
		done.evaluated++
		switch role := r.Role(ev, f); {
		case role == rules.RoleMatch:
			done.matched++
			rs := p.rule(i)
			rs.cond.take(p, rs, in, t)
		case role == rules.RoleResolve:
			if rs := p.rules[i]; rs != nil {
				p.resolve(rs, ev, t)
			}
		case p.m.tracing:
			p.traceExcepted(r, ev, t)
		}
		if f.Exhausted != slow {
			p.slow(i, ev, t)
		}
	}
	p.run(point{t, phaseEvent}) // what the event made due at once
}

// track returns the track of a key that an event belongs to, making it if need
// be. The bound on keys may end another one for it.
func (p *partition) track(rs *ruleState, key []string, in *arrival, t int64) *track {
	tr, evicted := rs.find(key, p.m, &p.born)
	if evicted != nil {
		evicted.evidence.bounded++
		evicted.close(p, t, alert.ReasonEnded)
		p.forgot(in.event, t)
	}
	return tr
}

// resolve applies a resolve event to every key that agrees with what the event
// says of the `by` members.
func (p *partition) resolve(rs *ruleState, ev *event.Event, t int64) {
	p.m.parts = rs.rule.ResolveKey(p.m.parts[:0], ev)
	rs.each(p.m.parts, func(tr *track) {
		if p.m.tracing {
			p.trace(Trace{At: t, What: "resolve", Event: ev.Clone()}, tr)
		}
		tr.resolve(p, t)
	})
}

// until drops what keys have begun that agree with what an `until` event says.
func (p *partition) until(rs *ruleState, ev *event.Event, t int64) {
	p.m.parts = rs.rule.UntilKey(p.m.parts[:0], ev)
	rs.each(p.m.parts, func(tr *track) {
		if p.m.tracing {
			p.trace(Trace{At: t, What: "until", Event: ev.Clone()}, tr)
		}
		rs.cond.reset(p, tr)
	})
}

// each calls f for the tracks whose key agrees with the parts, and forgets those
// that it leaves with nothing.
func (rs *ruleState) each(parts []rules.KeyPart, f func(*track)) {
	for tr := rs.oldest; tr != nil; {
		next := tr.newer
		if agrees(parts, tr.key) {
			f(tr)
			if tr.idle() {
				rs.forget(tr)
			}
		}
		tr = next
	}
}

func agrees(parts []rules.KeyPart, key []string) bool {
	for i, part := range parts {
		if !part.Any && part.Value != key[i] {
			return false
		}
	}
	return true
}

// forgetVM ends what the partition knows: its VM has gone.
func (p *partition) forgetVM(t int64) {
	for _, i := range p.known() {
		if rs := p.rules[i]; !rs.rule.KeepOnExit {
			rs.drop(p, t, alert.ReasonVMGone)
		}
	}
}

// drop ends the alerts of a rule and forgets its windows.
func (rs *ruleState) drop(p *partition, t int64, why alert.Reason) {
	for tr := rs.oldest; tr != nil; {
		next := tr.newer
		tr.close(p, t, why)
		rs.forget(tr)
		tr = next
	}
}

// forgot says that the bounds of a rule's state made it forget something when
// it saw this event at t.
func (p *partition) forgot(shown *event.Event, t int64) {
	if p.cause.gap {
		return // a rule that cannot hold the gaps must not make more of them
	}
	made := p.m.make(shown, &qmp.QMPAlertGap{Reason: qmp.Some("bound"), Dropped: qmp.Some[int64](1)})
	if made.VM.Name == "" {
		made.Time = t // there is no VM's clock that it could carry
	}
	p.m.made = append(p.m.made, made)
}
