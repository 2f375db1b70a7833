package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/qmp"
)

// absentForm is `absent_for: D`: no match for so long. While phaseOver is set
// and the condition does not hold, the track waits for the end of D. Without
// `by` the tracks are those of whoever is known (census.go).
type absentForm struct{ plain }

func (absentForm) take(p *partition, rs *ruleState, in *arrival, t int64) {
	r := rs.rule
	p.m.key = r.AppendKey(p.m.key[:0], in.event)
	tr := rs.touch(p.m.key, p.m)
	known := len(r.By) > 0 || p.census.someone() || r.KeepOnExit && p.vm != ""
	if tr == nil {
		if !known {
			return // a record or an event without a VM is nobody's sign of life
		}
		tr = p.track(rs, p.m.key, in, t)
	}
	k := in.keep(&p.m.store)
	tr.matched(p, k, t)
	if p.m.tracing {
		p.trace(Trace{At: t, What: "match", Event: k.show()}, tr)
	}
	if tr.holds {
		tr.end(p, t, alert.ReasonEnded)
	}
	if known {
		tr.await(p, t)
	} else if tr.idle() {
		rs.forget(tr)
	}
}

// await begins to wait at t.
func (tr *track) await(p *partition, t int64) {
	p.due.set(tr, phaseOver, later(t, tr.home.rule.AbsentFor))
}

func (absentForm) leave(*partition, *track, int64) {}

// over is the end of the wait.
func (absentForm) over(p *partition, tr *track, t int64) {
	tr.firstTime, tr.lastTime = tr.lastMatch, tr.lastMatch
	tr.begin(p, t, alert.ReasonAbsent)
}

// reset ends the wait, until the next match.
func (absentForm) reset(p *partition, tr *track) {
	if !tr.holds {
		p.due.set(tr, phaseOver, never)
	}
}

func (absentForm) idle(tr *track) bool { return tr.due[phaseOver] == never }

// appear is somebody becoming known at t: the rules without `by` wait for a
// sign of life.
func (p *partition) appear(i int, t int64) {
	rs := p.rule(i)
	tr := rs.touch(nil, p.m)
	if tr == nil {
		tr, _ = rs.find(nil, p.m, &p.born)
		tr.lastMatch = qmp.NoTime
	}
	if !tr.holds && tr.due[phaseOver] == never {
		tr.await(p, t)
	}
}

// vanish is the last that was known going away: a wait is over, but what holds
// needs a match to end.
func (p *partition) vanish(i int) {
	rs := p.rules[i]
	if rs == nil {
		return
	}
	if tr := rs.touch(nil, p.m); tr != nil {
		rs.cond.reset(p, tr)
		if tr.idle() {
			rs.forget(tr)
		}
	}
}
