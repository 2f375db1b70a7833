package engine

import "github.com/qmpalert/qmpalert/alert"

// track is the running state of one rule and one key: the window, whether the
// condition holds, and the alert that it made (life.go).
type track struct {
	// What every match reads or writes comes first, in few cache lines.
	home      *ruleState
	window    window // matches, oldest first, of the kinds that have one
	lastMatch int64
	life      uint32 // how often the memory of this track has been one

	holds  bool // the condition
	denied bool // it holds, but `confirm` said no: the next match begins it anew
	asked  bool // the alert would fire, and waits for the answer of `confirm`
	status alert.Status

	older, newer *track // neighbours in order of last match

	due, queued [phases]int64 // deadlines, see dueQueue

	key   []string // values of the rule's `by`
	id    string   // key as a map key
	born  uint64   // a stable order among tracks of a partition
	state any      // what else the kind of condition keeps; see its file

	// The alert, if there is one.
	activeAt, startsAt  int64
	labels              alert.Labels
	fingerprint         alert.Fingerprint
	evidence            evidence
	firstTime, lastTime int64        // of the window when the condition last held
	endCause            alert.Reason // why the condition ended, while keep_firing_for runs; why it fires, while asked
}

// active says that there is an alert: pending, firing, or in question.
func (tr *track) active() bool { return tr.status != alert.Inactive || tr.asked }

// idle says that nothing would be lost with the track.
func (tr *track) idle() bool {
	return !tr.active() && !tr.holds && tr.home.cond.idle(tr)
}

// matched notes a match at the instant t.
func (tr *track) matched(p *partition, k *kept, t int64) {
	tr.lastMatch = t
	tr.anew()
	if tr.active() {
		tr.evidence.count++
		tr.evidence.add(&p.m.store, k)
	}
}

// anew lets a match begin a condition that `confirm` denied.
func (tr *track) anew() {
	if tr.denied {
		tr.holds, tr.denied = false, false
	}
}

// complete is the completion of an attempt, made of the matches: like a match
// of a rule without a window.
func (tr *track) complete(p *partition, t int64, why alert.Reason, made []match) {
	if r := tr.home.rule; r.Record != "" {
		p.record(r, &made[len(made)-1].event.Event, tr.key, 1, t)
		return
	}
	tr.happen(p, t, why, made)
}

// happen is what the rule waits for, without a window: it is the condition.
func (tr *track) happen(p *partition, t int64, why alert.Reason, made []match) {
	tr.lastMatch, tr.lastTime = t, t
	tr.anew()
	if !tr.active() {
		tr.firstTime = made[0].time
	}
	tr.evidence.count++
	for _, m := range made {
		tr.evidence.add(&p.m.store, m.event)
	}
	if !tr.holds {
		tr.begin(p, t, why)
	}
	if tr.home.rule.Notice() {
		tr.holds = false
		tr.quiet(p, t)
	}
}

// fill makes the matches in the window the evidence of an alert that is about
// to begin.
func (tr *track) fill(p *partition) {
	if tr.active() || tr.home.rule.Record != "" {
		return
	}
	for i := range tr.window.len() {
		tr.evidence.count++
		tr.evidence.add(&p.m.store, tr.window.at(i).event)
	}
}
