package engine

import (
	"github.com/qmpalert/qmpalert/alert"
)

// sequenceForm is steps in order. At most one attempt of a key waits for each
// step; an event moves those that it is the step of, the furthest first.
type sequenceForm struct{ plain }

// attempts are those of one key: the i-th waits for step i and holds the events
// of the steps before. The first is always empty.
type attempts [][]match

func (sequenceForm) take(p *partition, rs *ruleState, in *arrival, t int64) {
	r := rs.rule
	hit := r.Hit(in.event, &p.m.frame)
	if hit.Until {
		p.until(rs, in.event, t)
	}
	for i := r.Steps - 1; i >= 0; i-- {
		if hit.Steps&(1<<i) == 0 {
			continue
		}
		p.m.key = r.AppendStepKey(p.m.key[:0], in.event, i)
		tr := rs.touch(p.m.key, p.m)
		if tr == nil {
			if i > 0 {
				continue // no attempt of this key waits for anything
			}
			tr = p.track(rs, p.m.key, in, t)
		}
		tr.step(p, in, t, i)
		if tr.idle() {
			rs.forget(tr)
		}
	}
}

// step offers an event to a step of the track.
func (tr *track) step(p *partition, in *arrival, t int64, i int) {
	all := tr.attempts()
	all.prune(p, tr, t)
	moved := (*all)[i]
	(*all)[i] = nil
	if i > 0 && moved == nil {
		return
	}
	moved = append(moved, match{t, in.keep(&p.m.store).hold()})
	if p.m.tracing {
		p.trace(Trace{At: t, What: "step", Event: in.kept.show(), Step: i, Have: int64(i + 1), Need: int64(len(*all))}, tr)
	}
	if next := i + 1; next < len(*all) {
		drop(&p.m.store, (*all)[next])
		(*all)[next] = moved
	} else {
		tr.complete(p, t, alert.ReasonSequence, moved)
		drop(&p.m.store, moved)
	}
	all.watch(p, tr)
}

// drop lets the events of an attempt go.
func drop(s *store, attempt []match) {
	for _, m := range attempt {
		s.drop(m.event)
	}
}

// attempts returns those of the track.
func (tr *track) attempts() *attempts {
	all, ok := tr.state.(*attempts)
	if !ok {
		made := make(attempts, tr.home.rule.Steps)
		all = &made
		tr.state = all
	}
	return all
}

// prune drops the attempts that are `within` old at t.
func (all attempts) prune(p *partition, tr *track, t int64) {
	for i, a := range all {
		if len(a) > 0 && later(a[0].time, tr.home.rule.Within) <= t {
			drop(&p.m.store, a)
			all[i] = nil
		}
	}
}

// watch sets the time at which the last attempt is over, when the track can go.
func (all attempts) watch(p *partition, tr *track) {
	last := int64(never)
	for _, a := range all {
		if len(a) > 0 && (last == never || a[0].time > last) {
			last = a[0].time
		}
	}
	if last != never {
		last = later(last, tr.home.rule.Within)
	}
	p.due.set(tr, phaseLeave, last)
}

func (sequenceForm) leave(p *partition, tr *track, t int64) {
	all := tr.attempts()
	all.prune(p, tr, t)
	all.watch(p, tr)
	if p.m.tracing {
		p.trace(Trace{At: t, What: "left", Need: int64(tr.home.rule.Steps)}, tr)
	}
}

func (sequenceForm) reset(p *partition, tr *track) {
	if all, ok := tr.state.(*attempts); ok {
		for i, a := range *all {
			drop(&p.m.store, a)
			(*all)[i] = nil
		}
	}
	p.due.set(tr, phaseLeave, never)
}

func (sequenceForm) idle(tr *track) bool {
	if all, ok := tr.state.(*attempts); ok {
		for _, a := range *all {
			if len(a) > 0 {
				return false
			}
		}
	}
	return true
}

func (sequenceForm) save(tr *track, s *TrackState, put func(*kept) int) {
	all, ok := tr.state.(*attempts)
	if !ok {
		return
	}
	for _, a := range *all {
		saved := []MatchState{}
		for _, m := range a {
			saved = append(saved, MatchState{m.time, put(m.event)})
		}
		s.Attempts = append(s.Attempts, saved)
	}
}

func (sequenceForm) load(_ *Machine, tr *track, s *TrackState, get func(int) (*kept, error)) error {
	if len(s.Attempts) == 0 {
		return nil
	}
	if len(s.Attempts) != tr.home.rule.Steps {
		return errSteps
	}
	all := tr.attempts()
	for i, saved := range s.Attempts {
		for _, m := range saved {
			k, err := get(m.Event)
			if err != nil {
				return err
			}
			(*all)[i] = append((*all)[i], match{m.Time, k})
		}
	}
	return nil
}
