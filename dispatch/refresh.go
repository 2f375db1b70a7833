package dispatch

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
)

// Stale returns the alerts whose newest state the next Advance(at) will show,
// in order of fingerprint: those in messages that are due, and every UpdateEvery
// all that somebody was told of, because a quiet message may show their counts.
// The caller hands each to Refresh before that Advance. When nothing is due it
// costs nothing. Of an alert that began at this very instant the message shows by
// what it fired, not what else the same input brought.
func (p *Planner) Stale(at int64) []alert.Fingerprint {
	var out []alert.Fingerprint
	at = max(at, p.now)
	list := func(ms members, most int) {
		for _, m := range ms[:min(len(ms), most)] {
			if !m.told && m.life.began == at {
				continue
			}
			out = append(out, m.life.fingerprint())
		}
	}
	if p.told > 0 && roundOf(at) > p.round {
		for f, l := range p.lives {
			if slices.ContainsFunc(l.members, func(m *member) bool { return m.told }) {
				out = append(out, f)
			}
		}
	}
	p.agenda.due(at, func(g *group) {
		most := MaxAlerts
		if len(g.ended) > 0 {
			most = MaxOthers
		}
		list(g.told, most)
		list(g.waiting, MaxAlerts)
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// Refresh takes in the newest state of an alert that fires: count, annotations,
// evidence. Who was told of it is shown that by the next Advance, quietly and at
// most every UpdateEvery. What is about another life of it is left alone.
func (p *Planner) Refresh(c alert.Change) {
	l, ok := p.lives[c.Fingerprint]
	if !ok || l.change.StartsAt != c.StartsAt || c.Status != alert.Firing {
		return
	}
	old := l.change
	if !slices.Equal(old.Labels, c.Labels) || !slices.Equal(old.Inhibits, c.Inhibits) || old.Name != c.Name {
		p.relabeled[c.Fingerprint] = c
		c.Labels, c.Inhibits, c.Name = old.Labels, old.Inhibits, old.Name // until the next Advance
	} else if old.Count == c.Count && slices.Equal(old.Annotations, c.Annotations) {
		return
	}
	l.change = c
	for _, m := range l.members {
		if m.told {
			p.fresh.add(m.group)
		}
	}
}

// relabel takes over labels: the severity may have changed, which is no other
// alert, but may hide, or be hidden by, others. Where it was told of stays. That
// is a change at one instant, unlike newer counts, so Advance does it.
func (p *Planner) relabel() {
	var touched []alert.Fingerprint
	for f, c := range p.relabeled {
		l, ok := p.lives[f]
		if !ok || l.change.StartsAt != c.StartsAt {
			continue
		}
		touched = append(touched, p.inhibition.remove(&l.change)...)
		for _, m := range l.members {
			m.group.take(m)
		}
		l.change.Labels, l.change.Inhibits, l.change.Name = c.Labels, c.Inhibits, c.Name
		for _, m := range l.members {
			m.group.put(m)
		}
		touched = append(append(touched, f), p.inhibition.add(&l.change)...)
	}
	clear(p.relabeled)
	p.reconsider(touched)
}
