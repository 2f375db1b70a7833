package engine

import "github.com/qmpalert/qmpalert/alert"

// countForm is `count: N`. The window keeps the N newest matches: the condition
// holds as long as all of them are in it.
type countForm struct{ plain }

func (countForm) take(p *partition, rs *ruleState, in *arrival, t int64) {
	r := rs.rule
	p.m.key = r.AppendKey(p.m.key[:0], in.event)
	tr := p.track(rs, p.m.key, in, t)
	k := in.keep(&p.m.store)
	tr.matched(p, k, t)
	tr.leave(p, t)
	if tr.window.len() == r.Count {
		tr.window.pop(&p.m.store)
	}
	tr.window.push(t, k.hold())
	if p.m.tracing {
		p.trace(Trace{At: t, What: "match", Event: k.show(), Have: int64(tr.window.len()), Need: int64(r.Count)}, tr)
	}
	if tr.window.len() == r.Count {
		tr.firstTime, tr.lastTime = tr.window.at(0).time, t
		if !tr.holds {
			tr.begin(p, t, alert.ReasonCount)
		}
	}
	tr.watchCount(p)
}

// leave is the instant t at which matches are `within` old.
func (countForm) leave(p *partition, tr *track, t int64) {
	tr.leave(p, t)
	if p.m.tracing {
		p.trace(Trace{At: t, What: "left", Have: int64(tr.window.len()), Need: int64(tr.home.rule.Count)}, tr)
	}
	if tr.holds && tr.window.len() < tr.home.rule.Count {
		tr.end(p, t, alert.ReasonEnded)
	}
	tr.watchCount(p)
}

// leave drops the matches that are `within` old at t.
func (tr *track) leave(p *partition, t int64) {
	for tr.window.len() > 0 && later(tr.window.at(0).time, tr.home.rule.Within) <= t {
		tr.window.pop(&p.m.store)
	}
}

// watchCount sets the next time at which the window matters: when the
// condition would end, else when the last match has left and the track can go.
func (tr *track) watchCount(p *partition) {
	switch n := tr.window.len(); {
	case n == 0:
		p.due.set(tr, phaseLeave, never)
	case tr.holds:
		p.due.set(tr, phaseLeave, later(tr.window.at(0).time, tr.home.rule.Within))
	default:
		p.due.set(tr, phaseLeave, later(tr.window.at(n-1).time, tr.home.rule.Within))
	}
}
