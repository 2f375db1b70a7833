package engine

import (
	"errors"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// allOfForm is steps in any order: it is complete when the window has a match
// of each, and then begins with an empty one.
type allOfForm struct{ plain }

// tally says for each match in the window which steps it is of, and for each
// step how many there are.
type tally struct {
	steps []uint32 // by match, oldest first
	have  [rules.MaxSteps]int32
}

var errSteps = errors.New("snapshot does not fit the steps of the rule")

func (allOfForm) take(p *partition, rs *ruleState, in *arrival, t int64) {
	hit := rs.rule.Hit(in.event, &p.m.frame)
	if hit.Until {
		p.until(rs, in.event, t)
	}
	for left := hit.Steps; left != 0; {
		of := p.together(rs.rule, in, left)
		left &^= of
		p.track(rs, p.m.key, in, t).gather(p, in, t, of)
	}
}

// together returns those of the steps that see the same key in an event as the
// first of them, and leaves that key in m.key.
func (p *partition) together(r *rules.Rule, in *arrival, steps uint32) uint32 {
	var of uint32
	for i := range r.Steps {
		switch {
		case steps&(1<<i) == 0:
		case of == 0:
			p.m.key = r.AppendStepKey(p.m.key[:0], in.event, i)
			of |= 1 << i
		default:
			p.m.other = r.AppendStepKey(p.m.other[:0], in.event, i)
			if slices.Equal(p.m.key, p.m.other) {
				of |= 1 << i
			}
		}
	}
	return of
}

// gather takes a match of some steps.
func (tr *track) gather(p *partition, in *arrival, t int64, steps uint32) {
	y := tr.tally()
	y.leave(p, tr, t)
	k := in.keep(&p.m.store)
	if tr.window.len() == maxWindow {
		y.pop(p, tr)
		tr.evidence.bounded++
		p.forgot(in.event, t)
	}
	tr.window.push(t, k.hold())
	y.push(steps)
	if p.m.tracing {
		p.traceSteps(tr, k, t, steps, y.complete(tr.home.rule.Steps))
	}
	if y.complete(tr.home.rule.Steps) == tr.home.rule.Steps {
		made := p.m.batch[:0]
		for i := range tr.window.len() {
			made = append(made, tr.window.at(i))
		}
		tr.complete(p, t, alert.ReasonAllOf, made)
		clear(made)
		p.m.batch = made[:0]
		allOfForm{}.reset(p, tr)
	}
	y.watch(p, tr)
}

func (tr *track) tally() *tally {
	y, ok := tr.state.(*tally)
	if !ok {
		y = &tally{}
		tr.state = y
	}
	return y
}

func (y *tally) push(steps uint32) { y.steps = append(y.steps, steps); y.add(steps, 1) }

func (y *tally) add(steps uint32, n int32) {
	for i := range y.have {
		if steps&(1<<i) != 0 {
			y.have[i] += n
		}
	}
}

// complete returns how many steps have a match.
func (y *tally) complete(steps int) int {
	n := 0
	for _, have := range y.have[:steps] {
		if have > 0 {
			n++
		}
	}
	return n
}

// pop drops the oldest match.
func (y *tally) pop(p *partition, tr *track) {
	y.add(y.steps[0], -1)
	y.steps = y.steps[1:]
	tr.window.pop(&p.m.store)
}

// leave drops the matches that are `within` old at t.
func (y *tally) leave(p *partition, tr *track, t int64) {
	for tr.window.len() > 0 && later(tr.window.at(0).time, tr.home.rule.Within) <= t {
		y.pop(p, tr)
	}
}

// watch sets the time at which the last match has left, when the track can go.
func (y *tally) watch(p *partition, tr *track) {
	if n := tr.window.len(); n > 0 {
		p.due.set(tr, phaseLeave, later(tr.window.at(n-1).time, tr.home.rule.Within))
		return
	}
	p.due.set(tr, phaseLeave, never)
}

func (allOfForm) leave(p *partition, tr *track, t int64) {
	y := tr.tally()
	y.leave(p, tr, t)
	y.watch(p, tr)
	if p.m.tracing {
		p.trace(Trace{At: t, What: "left", Have: int64(y.complete(tr.home.rule.Steps)), Need: int64(tr.home.rule.Steps)}, tr)
	}
}

func (allOfForm) reset(p *partition, tr *track) {
	plain{}.reset(p, tr)
	tr.state = nil
}

func (allOfForm) save(tr *track, s *TrackState, _ func(*kept) int) {
	if y, ok := tr.state.(*tally); ok {
		s.Steps = slices.Clone(y.steps)
	}
}

func (allOfForm) load(_ *Machine, tr *track, s *TrackState, _ func(int) (*kept, error)) error {
	if len(s.Steps) != tr.window.len() {
		return errSteps
	}
	for _, steps := range s.Steps {
		tr.tally().push(steps)
	}
	return nil
}
