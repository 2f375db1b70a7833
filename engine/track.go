package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/qmp"
)

// track is the running state of one rule and one key: the window, whether the
// condition holds, and the alert that it made.
type track struct {
	home *ruleState
	key  []string // values of the rule's `by`
	id   string   // key as a map key
	born uint64   // a stable order among tracks of a partition
	life uint32   // how often the memory of this track has been one

	window    window // those of a windowed rule, oldest first, at most rule.Count
	lastMatch int64
	holds     bool // the condition

	status              alert.Status
	activeAt, startsAt  int64
	labels              alert.Labels
	fingerprint         alert.Fingerprint
	evidence            evidence
	firstTime, lastTime int64        // of the window when the condition last held
	endCause            alert.Reason // why the condition ended, while keep_firing_for runs

	due, queued [phases]int64 // deadlines, see dueQueue

	older, newer *track // neighbours in order of last match
}

// hit takes a match at the instant t.
func (tr *track) hit(p *partition, k *kept, t int64) {
	tr.lastMatch = t
	active := tr.status != alert.Inactive
	if active {
		tr.evidence.add(&p.m.store, k)
	}
	r := tr.home.rule
	if r.Count > 0 {
		tr.hitWindow(p, k, t)
		return
	}
	tr.lastTime = t
	if !tr.holds {
		if !active {
			tr.firstTime = t
			tr.evidence.add(&p.m.store, k)
		}
		tr.begin(p, t, alert.ReasonMatch)
	}
	if r.Notice() {
		tr.holds, tr.endCause = false, alert.ReasonQuiet
		p.due.set(tr, phaseKeep, later(t, r.KeepFiringFor))
	}
}

// begin is the condition becoming true at t. The evidence is complete already.
func (tr *track) begin(p *partition, t int64, why alert.Reason) {
	tr.holds = true
	p.due.set(tr, phaseKeep, never)
	if tr.status == alert.Firing {
		return // began again before it was resolved: the same alert goes on
	}
	r := tr.home.rule
	tr.activeAt, tr.startsAt = t, qmp.NoTime
	tr.labels = r.Labels(tr.evidence.newest(), p.host, p.vm, tr.key)
	tr.fingerprint = tr.labels.Fingerprint()
	if r.For > 0 {
		tr.status = alert.Pending
		p.change(tr, t, why)
		p.due.set(tr, phaseFor, later(t, r.For))
		return
	}
	tr.status, tr.startsAt = alert.Firing, t
	p.change(tr, t, why)
}

// forOver is the end of `for`: the condition held all the time.
func (tr *track) forOver(p *partition, t int64) {
	tr.status, tr.startsAt = alert.Firing, t
	p.change(tr, t, alert.ReasonFor)
}

// end is the condition becoming false at t.
func (tr *track) end(p *partition, t int64, why alert.Reason) {
	tr.holds = false
	p.due.set(tr, phaseFor, never)
	if tr.status == alert.Pending {
		tr.close(p, t, why)
		return
	}
	tr.endCause = why
	keep := tr.home.rule.KeepFiringFor
	if why == alert.ReasonResolve && !tr.home.rule.KeepGiven {
		keep = 0
	}
	p.due.set(tr, phaseKeep, later(t, keep))
}

// resolve takes a resolve event at t: it ends the condition and empties the
// window, also when nothing fires yet.
func (tr *track) resolve(p *partition, t int64) {
	tr.window.empty(&p.m.store)
	p.due.set(tr, phaseLeave, never)
	switch {
	case tr.holds:
		tr.end(p, t, alert.ReasonResolve)
	case tr.status == alert.Firing && !tr.home.rule.KeepGiven:
		tr.endCause = alert.ReasonResolve
		p.due.set(tr, phaseKeep, t)
	}
}

// close ends the alert at t: resolved if it fired, else inactive. No alert is
// left, and without a window the track may be forgotten.
func (tr *track) close(p *partition, t int64, why alert.Reason) {
	if tr.status == alert.Inactive {
		return
	}
	if tr.status == alert.Firing {
		tr.status = alert.Resolved
	} else {
		tr.status = alert.Inactive
	}
	p.change(tr, t, why)
	tr.status, tr.endCause = alert.Inactive, ""
	tr.labels, tr.evidence = nil, evidence{}
}

// idle says that nothing would be lost with the track.
func (tr *track) idle() bool {
	return tr.status == alert.Inactive && tr.window.len() == 0 && !tr.holds
}
