package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// begin is the condition becoming true at t: of a record rule the record, else
// the alert. The evidence is complete but for the matches in the window.
func (tr *track) begin(p *partition, t int64, why alert.Reason) {
	r := tr.home.rule
	tr.holds = true
	if r.Record != "" {
		p.record(r, tr.window.newest(), tr.key, int64(tr.window.len()), t)
		return
	}
	p.due.set(tr, phaseKeep, never)
	if tr.active() {
		return // began again before it was resolved: the same alert goes on
	}
	if r.Form == rules.FormCount || r.Form == rules.FormHaving {
		tr.fill(p)
	}
	tr.activeAt, tr.startsAt = t, qmp.NoTime
	tr.labels = r.Labels(tr.about(p), p.host, p.vm, tr.key)
	tr.fingerprint = tr.labels.Fingerprint()
	if r.For > 0 {
		tr.status = alert.Pending
		p.change(tr, t, why)
		p.due.set(tr, phaseOver, later(t, r.For))
		return
	}
	tr.wouldFire(p, t, why)
}

// about is the event that the texts of the alert are about.
func (tr *track) about(p *partition) *event.Event {
	if r := tr.home.rule; r.Form == rules.FormAbsent {
		return r.KeyEvent(tr.key, p.host, p.vm, tr.activeAt)
	}
	return tr.evidence.newest()
}

// over is the instant at which phaseOver is due.
func (tr *track) over(p *partition, t int64) {
	switch {
	case tr.asked:
		tr.unanswered(p, t, "no answer to "+tr.home.rule.Confirm.Query)
	case tr.holds: // for all of `for`
		tr.wouldFire(p, t, alert.ReasonFor)
	default:
		tr.home.cond.over(p, tr, t)
	}
}

// wouldFire fires, unless somebody has to be asked first.
func (tr *track) wouldFire(p *partition, t int64, why alert.Reason) {
	if tr.home.rule.Confirm != nil {
		tr.ask(p, t, why)
		return
	}
	tr.fire(p, t, why)
}

func (tr *track) fire(p *partition, t int64, why alert.Reason) {
	tr.status, tr.startsAt = alert.Firing, t
	p.change(tr, t, why)
}

// quiet closes a notice that fires `keep_firing_for` after its last match, but
// not before t.
func (tr *track) quiet(p *partition, t int64) {
	if tr.status == alert.Firing {
		tr.endCause = alert.ReasonQuiet
		p.due.set(tr, phaseKeep, max(t, later(tr.lastMatch, tr.home.rule.KeepFiringFor)))
	}
}

// end is the condition becoming false at t.
func (tr *track) end(p *partition, t int64, why alert.Reason) {
	tr.holds, tr.denied = false, false
	if !tr.active() {
		return
	}
	p.due.set(tr, phaseOver, never)
	if tr.status != alert.Firing {
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
	tr.home.cond.reset(p, tr)
	switch {
	case tr.holds:
		tr.end(p, t, alert.ReasonResolve)
	case tr.status == alert.Firing && !tr.home.rule.KeepGiven:
		tr.endCause = alert.ReasonResolve
		p.due.set(tr, phaseKeep, t)
	}
}

// close ends the alert at t: resolved if it fired, inactive if it was pending;
// of one that was only in question nobody knew. Without a window the track may
// be forgotten.
func (tr *track) close(p *partition, t int64, why alert.Reason) {
	if !tr.active() {
		return
	}
	tr.unask(p)
	switch tr.status {
	case alert.Firing:
		tr.status = alert.Resolved
		p.change(tr, t, why)
	case alert.Pending:
		tr.status = alert.Inactive
		p.change(tr, t, why)
	}
	tr.status, tr.endCause = alert.Inactive, ""
	tr.labels, tr.evidence = nil, evidence{}
}

// change reports where an alert came to at t.
func (p *partition) change(tr *track, t int64, why alert.Reason) {
	switch tr.status {
	case alert.Firing:
		p.m.firing[tr.fingerprint] = spot{p, tr}
	case alert.Resolved:
		delete(p.m.firing, tr.fingerprint)
	}
	p.m.decision.Changes = append(p.m.decision.Changes, p.picture(tr, t, why))
	if p.m.tracing {
		p.trace(Trace{At: t, What: string(tr.status)}, tr)
	}
}

// picture is the alert of a track at t, for those who must not see what becomes
// of it.
func (p *partition) picture(tr *track, t int64, why alert.Reason) alert.Change {
	r := tr.home.rule
	c := alert.Change{
		At: t, Status: tr.status, Name: r.Name, Labels: tr.labels, Fingerprint: tr.fingerprint,
		ActiveAt: tr.activeAt, StartsAt: tr.startsAt, EndsAt: qmp.NoTime,
		Count: tr.evidence.count, Reason: why, Evidence: tr.evidence.picture(),
		Receivers: r.Receivers, Shadow: r.Shadow, Inhibits: r.Inhibits, Attach: r.Attach,
	}
	if tr.status == alert.Resolved {
		c.EndsAt = t
	}
	f := &p.m.text
	f.Event, f.Time = tr.about(p), qmp.Some(tr.lastMatch)
	if r.Form == rules.FormAbsent {
		f.Time = qmp.Some(tr.activeAt)
	}
	f.Count, f.FirstTime, f.LastTime = c.Count, tr.firstTime, tr.lastTime
	f.Aggregates = nil
	if a, ok := tr.state.(*aggregates); ok {
		f.Aggregates = a.held
	}
	c.Annotations = r.Annotations(f, tr.key)
	return c
}
