package engine

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// RuleView says what a rule has done since the machine was made or restored,
// and what it holds now, in all places together.
type RuleView struct {
	Rule      *rules.Rule
	Evaluated uint64 // events that were shown to it
	Matched   uint64 // events that matched it, or one of its steps
	Keys      int    // windows, attempts, alerts: one for each key
	Matches   int    // in windows
	Pending   int    // alerts; those in question included
	Firing    int
	Suspended int // VMs, hosts for which it is not evaluated any more
}

// work counts what a rule of a lane does. It is not part of a Snapshot.
type work struct{ evaluated, matched uint64 }

// RuleViews returns a picture of every rule, in the order of the set as far as
// the lanes keep it. It walks over all state.
func (m *Machine) RuleViews() []RuleView {
	var out []RuleView
	first := make(map[*lane]int)
	for _, l := range m.lanes {
		first[l] = len(out)
		for i, r := range l.rules {
			out = append(out, RuleView{Rule: r, Evaluated: l.done[i].evaluated, Matched: l.done[i].matched})
		}
	}
	m.each(func(p *partition, i int, rs *ruleState) {
		v := &out[first[p.lane]+i]
		v.Keys += len(rs.tracks)
		for tr := rs.oldest; tr != nil; tr = tr.newer {
			v.Matches += tr.window.len()
			switch {
			case tr.status == alert.Firing:
				v.Firing++
			case tr.active():
				v.Pending++
			}
		}
	})
	for _, level := range m.places {
		for _, p := range level {
			for i, yes := range p.suspended {
				if yes {
					out[first[p.lane]+i].Suspended++
				}
			}
		}
	}
	return out
}

// Active returns the alerts that are pending or firing as they are now: each
// as the Change that would be made of it, with Change.At its newest match. They
// are in order of name and fingerprint.
func (m *Machine) Active() []alert.Change {
	var out []alert.Change
	m.each(func(p *partition, _ int, rs *ruleState) {
		for tr := rs.oldest; tr != nil; tr = tr.newer {
			if tr.status != alert.Inactive {
				out = append(out, p.now(tr))
			}
		}
	})
	slices.SortFunc(out, func(a, b alert.Change) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

// Look returns a firing alert as it is now, as Active does; false when no alert
// with that fingerprint fires.
func (m *Machine) Look(f alert.Fingerprint) (alert.Change, bool) {
	s, ok := m.firing[f]
	if !ok {
		return alert.Change{}, false
	}
	return s.p.now(s.tr), true
}

// Questions returns those that no answer has come to, in order of VM and
// fingerprint: whoever restores a machine asks them again.
func (m *Machine) Questions() []Question {
	var out []Question
	for _, level := range m.places {
		for _, p := range level {
			for _, tr := range p.asked {
				out = append(out, tr.question(p, max(tr.activeAt, tr.lastMatch)))
			}
		}
	}
	slices.SortFunc(out, func(a, b Question) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.VM, b.VM), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

// spot is where the state of a firing alert is.
type spot struct {
	p  *partition
	tr *track
}

// find makes the list of firing alerts anew, after their state moved.
func (m *Machine) find() {
	clear(m.firing)
	m.each(func(p *partition, _ int, rs *ruleState) {
		for tr := rs.oldest; tr != nil; tr = tr.newer {
			if tr.status == alert.Firing {
				m.firing[tr.fingerprint] = spot{p, tr}
			}
		}
	})
}

// each calls f for the state of each rule in each place.
func (m *Machine) each(f func(p *partition, i int, rs *ruleState)) {
	for _, level := range m.places {
		for _, p := range level {
			for _, i := range p.known() {
				f(p, i, p.rules[i])
			}
		}
	}
}

// now is the alert of a track as it is.
func (p *partition) now(tr *track) alert.Change {
	why := tr.home.began()
	if tr.home.rule.For > 0 && tr.status == alert.Firing {
		why = alert.ReasonFor
	}
	return p.picture(tr, max(tr.activeAt, tr.startsAt, tr.lastMatch), why)
}

// began is why the condition of a rule begins.
func (rs *ruleState) began() alert.Reason {
	switch rs.rule.Form {
	case rules.FormCount:
		return alert.ReasonCount
	case rules.FormHaving:
		return alert.ReasonHaving
	case rules.FormSequence:
		return alert.ReasonSequence
	case rules.FormAllOf:
		return alert.ReasonAllOf
	case rules.FormAbsent:
		return alert.ReasonAbsent
	default:
		return alert.ReasonMatch
	}
}
