package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
)

// hitWindow takes a match of a rule with `count: N`. The window keeps the N
// newest matches: the condition holds as long as all of them are in it.
func (tr *track) hitWindow(p *partition, ev *event.Event, t int64) {
	r := tr.home.rule
	tr.leave(t)
	if len(tr.window) == r.Count {
		copy(tr.window, tr.window[1:])
		tr.window = tr.window[:r.Count-1]
	}
	tr.window = append(tr.window, match{time: t, event: ev})
	if len(tr.window) == r.Count {
		tr.firstTime, tr.lastTime = tr.window[0].time, t
		if !tr.holds {
			if tr.status == alert.Inactive {
				for _, m := range tr.window {
					tr.evidence.add(m.event)
				}
			}
			tr.begin(p, t, alert.ReasonCount)
		}
	}
	tr.watchWindow(p)
}

// windowLeft is the instant t at which matches are `within` old.
func (tr *track) windowLeft(p *partition, t int64) {
	tr.leave(t)
	if tr.holds && len(tr.window) < tr.home.rule.Count {
		tr.end(p, t, alert.ReasonEnded)
	}
	tr.watchWindow(p)
}

// leave drops the matches that are `within` old at t.
func (tr *track) leave(t int64) {
	n := 0
	for n < len(tr.window) && later(tr.window[n].time, tr.home.rule.Within) <= t {
		n++
	}
	tr.window = append(tr.window[:0], tr.window[n:]...)
}

// watchWindow sets the next time at which the window matters: when the
// condition would end, else when the last match has left and the track can go.
func (tr *track) watchWindow(p *partition) {
	switch n := len(tr.window); {
	case n == 0:
		p.due.set(tr, phaseLeave, never)
	case tr.holds:
		p.due.set(tr, phaseLeave, later(tr.window[0].time, tr.home.rule.Within))
	default:
		p.due.set(tr, phaseLeave, later(tr.window[n-1].time, tr.home.rule.Within))
	}
}
