package engine

import "github.com/qmpalert/qmpalert/alert"

// hitWindow takes a match of a rule with `count: N`. The window keeps the N
// newest matches: the condition holds as long as all of them are in it.
func (tr *track) hitWindow(p *partition, k *kept, t int64) {
	r := tr.home.rule
	tr.leave(p, t)
	if tr.window.len() == r.Count {
		tr.window.pop(&p.m.store)
	}
	tr.window.push(t, k.hold())
	if tr.window.len() == r.Count {
		tr.firstTime, tr.lastTime = tr.window.at(0).time, t
		if !tr.holds {
			if tr.status == alert.Inactive {
				for i := range r.Count {
					tr.evidence.add(&p.m.store, tr.window.at(i).event)
				}
			}
			tr.begin(p, t, alert.ReasonCount)
		}
	}
	tr.watchWindow(p)
}

// windowLeft is the instant t at which matches are `within` old.
func (tr *track) windowLeft(p *partition, t int64) {
	tr.leave(p, t)
	if tr.holds && tr.window.len() < tr.home.rule.Count {
		tr.end(p, t, alert.ReasonEnded)
	}
	tr.watchWindow(p)
}

// leave drops the matches that are `within` old at t.
func (tr *track) leave(p *partition, t int64) {
	for tr.window.len() > 0 && later(tr.window.at(0).time, tr.home.rule.Within) <= t {
		tr.window.pop(&p.m.store)
	}
}

// watchWindow sets the next time at which the window matters: when the
// condition would end, else when the last match has left and the track can go.
func (tr *track) watchWindow(p *partition) {
	switch n := tr.window.len(); {
	case n == 0:
		p.due.set(tr, phaseLeave, never)
	case tr.holds:
		p.due.set(tr, phaseLeave, later(tr.window.at(0).time, tr.home.rule.Within))
	default:
		p.due.set(tr, phaseLeave, later(tr.window.at(n-1).time, tr.home.rule.Within))
	}
}
