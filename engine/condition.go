package engine

import "github.com/qmpalert/qmpalert/rules"

// condition is one kind of condition: what begins and ends it. It has no state
// of its own, that is in the track; one value serves all rules of its form.
type condition interface {
	// take takes an event for which Role said RoleMatch, at the instant t.
	take(p *partition, rs *ruleState, in *arrival, t int64)
	// leave is the instant at which a track's phaseLeave is due.
	leave(p *partition, tr *track, t int64)
	// over is the instant at which phaseOver is due while the condition does not
	// hold.
	over(p *partition, tr *track, t int64)
	// reset empties the window, drops the attempts, ends the wait. It does not
	// end the condition.
	reset(p *partition, tr *track)
	// idle says that nothing would be lost if the track went, but for its alert.
	idle(tr *track) bool
	// save and load move what the kind has in track.state; load finds the window
	// in place.
	save(tr *track, s *TrackState, put func(*kept) int)
	load(m *Machine, tr *track, s *TrackState, get func(int) (*kept, error)) error
}

var conditions = [...]condition{
	rules.FormMatch:    matchForm{},
	rules.FormCount:    countForm{},
	rules.FormHaving:   havingForm{},
	rules.FormSequence: sequenceForm{},
	rules.FormAllOf:    allOfForm{},
	rules.FormAbsent:   absentForm{},
}

// plain is what kinds have in common that keep nothing but the track's window.
type plain struct{}

func (plain) over(*partition, *track, int64) {}

func (plain) reset(p *partition, tr *track) {
	tr.window.empty(&p.m.store)
	p.due.set(tr, phaseLeave, never)
}

func (plain) idle(tr *track) bool { return tr.window.len() == 0 }

func (plain) save(*track, *TrackState, func(*kept) int) {}

func (plain) load(*Machine, *track, *TrackState, func(int) (*kept, error)) error { return nil }
