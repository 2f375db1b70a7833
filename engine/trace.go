package engine

import (
	"slices"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// Trace is one thing that the machine noticed on its way, for people who want
// to know why an alert came or did not.
type Trace struct {
	At    int64 // microseconds
	Rule  *rules.Rule
	Key   []string     // values of Rule.By; nil where there is none yet
	Event *event.Event // that showed it, or nil: the passing of time
	// What is one of match, step, until, resolve, excepted, left (matches or
	// attempts are too old), record, asked, suspended, or the status that the
	// alert has from now on.
	What string
	Step int // of a step: which one, from 0
	// Have of Need: matches in the window of a count, steps of a sequence or
	// all_of. Of having, Have are the matches in the window and Need is 0.
	Have, Need int64
	Aggregates []qmp.Value // of having, by their index in the rule
	Holds      bool        // of having: what it came to
	Exception  string      // of excepted: its name
}

// trace notes something about a track.
func (p *partition) trace(w Trace, tr *track) {
	w.Rule, w.Key = tr.home.rule, slices.Clone(tr.key)
	p.m.decision.Trace = append(p.m.decision.Trace, w)
}

// traceExcepted notes an event that only an exception keeps from being a match.
func (p *partition) traceExcepted(r *rules.Rule, ev *event.Event, t int64) {
	f := &p.m.frame
	f.Event = ev
	if name, yes := r.Excepted(ev, f); yes {
		p.m.decision.Trace = append(p.m.decision.Trace, Trace{At: t, Rule: r, Event: ev.Clone(), What: "excepted", Exception: name})
	}
}

// traceSteps notes the steps of an all_of that an event is of.
func (p *partition) traceSteps(tr *track, k *kept, t int64, steps uint32, have int) {
	for i := range tr.home.rule.Steps {
		if steps&(1<<i) != 0 {
			p.trace(Trace{At: t, What: "step", Event: k.show(), Step: i, Have: int64(have), Need: int64(tr.home.rule.Steps)}, tr)
		}
	}
}
