package dispatch

import (
	"maps"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
)

// Swap takes over a new configuration. Who was told of an alert that fires
// stays told: it is not told that again by another route, and is told of the
// end. Receivers that were not told so far, and are to be by the new routes, are
// told as if the alert fired now. What is over and was not told yet is told to
// receivers that it was to be told to before. An error leaves everything as it was.
func (p *Planner) Swap(cfg Config, at int64) error {
	p.enter(at)
	cfgBefore, treeBefore, inhibitionBefore := p.cfg, p.tree, p.inhibition
	if err := p.configure(cfg); err != nil {
		p.cfg, p.tree, p.inhibition = cfgBefore, treeBefore, inhibitionBefore
		return err
	}
	p.tree.look(p.now)
	lives := p.firing()
	groups := p.inOrder()
	slept := make([]bool, len(groups))
	for i, g := range groups {
		slept[i] = g.asleep()
	}
	for _, l := range lives {
		p.reroute(l)
	}
	for _, f := range slices.Sorted(maps.Keys(p.past)) {
		p.reroutePast(slices.Clone(p.past[f]))
	}
	for i, g := range groups {
		g.route = p.tree.named(g.route.key) // also of a group that is empty now: the old tree's clocks stand still
		if slept[i] != g.asleep() {
			p.rewait(g)
		}
		p.schedule(g)
	}
	var touched []alert.Fingerprint
	for _, l := range lives {
		p.inhibition.add(&l.change)
		touched = append(touched, l.fingerprint())
	}
	p.reconsider(touched)
	return nil
}

// reroute finds an alert that fires its new groups.
func (p *Planner) reroute(l *life) {
	targets := p.tree.targets(l.change.Labels, l.change.Receivers)
	before := slices.Clone(l.members)
	kept := map[*member]bool{}
	// A group that is the same takes over the settings; so does one with another
	// name whose receiver was told, because the message is there.
	adopt := func(fits func(m *member, t target) bool) {
		targets = slices.DeleteFunc(targets, func(t target) bool {
			i := slices.IndexFunc(before, func(m *member) bool { return !m.group.escalation && !kept[m] && fits(m, t) })
			if i < 0 {
				return false
			}
			kept[before[i]] = true
			before[i].group.route = t.route
			p.leave(before[i], false)
			return true
		})
	}
	adopt(func(m *member, t target) bool { return m.group.key == t.key })
	adopt(func(m *member, t target) bool { return m.told && m.group.receiver == t.receiver })
	for _, m := range before {
		switch {
		case kept[m] || m.group.escalation:
		case m.told:
			p.leave(m, true)
		default:
			m.group.take(m)
			l.members = slices.DeleteFunc(l.members, func(o *member) bool { return o == m })
			p.note(&l.change, Note{What: NotTold, GroupKey: m.group.key, Receiver: m.group.receiver, Text: "the routes changed before it was told"})
		}
	}
	for _, t := range targets {
		p.join(l, t, p.now)
	}
}

// leave notes whether the routes still lead an alert to a receiver that was
// told of it.
func (p *Planner) leave(m *member, left bool) {
	m.group.take(m)
	m.left = left
	m.group.put(m)
}
