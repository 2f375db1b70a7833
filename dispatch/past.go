package dispatch

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
)

// past is an alert that ended while a group waited to tell of it. It hides
// nothing and cannot be acknowledged: all that is left of it is to be told.
type past struct {
	change alert.Change // by which it ended
	group  *group
	since  int64 // since when the receiver is to be told of it
}

// byWait is by how long they have waited. A group has one of each alert.
func byWait(a, b *past) int {
	return cmp.Or(cmp.Compare(a.since, b.since), inOrder(&a.change, &b.change))
}

func byGroup(a, b *past) int { return cmp.Compare(a.group.ordinal, b.group.ordinal) }

// keep has a group tell of an alert when it is due although it is over.
func (p *Planner) keep(g *group, c alert.Change, since int64) {
	p.file(&past{change: c, group: g, since: since})
	p.schedule(g)
}

func (p *Planner) file(one *past) {
	g, f := one.group, one.change.Fingerprint
	i, _ := slices.BinarySearchFunc(g.past, one, byWait)
	g.past = slices.Insert(g.past, i, one)
	i, _ = slices.BinarySearchFunc(p.past[f], one, byGroup)
	p.past[f] = slices.Insert(p.past[f], i, one)
}

// release is the inverse of keep.
func (p *Planner) release(one *past) {
	if i, ok := slices.BinarySearchFunc(one.group.past, one, byWait); ok {
		one.group.past = slices.Delete(one.group.past, i, i+1)
	}
	p.unlist(one)
	p.schedule(one.group)
}

func (p *Planner) unlist(one *past) {
	f := one.change.Fingerprint
	rest := slices.DeleteFunc(p.past[f], func(o *past) bool { return o == one })
	if p.past[f] = rest; len(rest) == 0 {
		delete(p.past, f)
	}
}

// supersede lets an alert that fires anew take the place of what was to be told
// of it. It returns since when each group (by key) waits: what flaps faster than
// group_wait would else never be told.
func (p *Planner) supersede(f alert.Fingerprint) map[string]int64 {
	if len(p.past[f]) == 0 {
		return nil
	}
	since := map[string]int64{}
	for _, one := range slices.Clone(p.past[f]) {
		since[one.group.key] = one.since
		p.release(one)
		p.noteUntold(one, "it fired anew before anybody was told")
	}
	return since
}

// weed takes those out of what a group is about to tell that its receiver is
// not told of.
func (p *Planner) weed(g *group) {
	g.past = slices.DeleteFunc(g.past, func(one *past) bool {
		why := p.untold(&one.change, g)
		if why != "" {
			p.unlist(one)
			p.noteUntold(one, why)
		}
		return why != ""
	})
}

// takePast takes out of a group what it tells now: those that waited longest, at
// most so many.
func (p *Planner) takePast(g *group, most int) []alert.Change {
	n := min(len(g.past), most)
	out := make([]alert.Change, 0, n)
	for _, one := range g.past[:n] {
		out = append(out, one.change)
		p.unlist(one)
	}
	g.past = slices.Delete(g.past, 0, n)
	return sorted(out)
}

// reroutePast finds an alert that is over its place by new routes: its group, else
// another one of the same receiver, as if it were new there. A receiver that
// nothing led to before has missed it.
func (p *Planner) reroutePast(all []*past) {
	targets := p.tree.targets(all[0].change.Labels, all[0].change.Receivers)
	adopt := func(fits func(one *past, t target) bool) {
		all = slices.DeleteFunc(all, func(one *past) bool {
			i := slices.IndexFunc(targets, func(t target) bool { return fits(one, t) })
			if i >= 0 {
				p.move(one, targets[i])
				targets = slices.Delete(targets, i, i+1)
			}
			return i >= 0
		})
	}
	adopt(func(one *past, t target) bool { return one.group.key == t.key })
	adopt(func(one *past, t target) bool { return one.group.receiver == t.receiver })
	for _, one := range all {
		p.release(one)
		p.noteUntold(one, "the routes changed before it was told")
	}
}

func (p *Planner) move(one *past, t target) {
	if g := p.group(t.key, t.receiver, t.route, t.labels, false); g != one.group {
		p.release(one)
		p.keep(g, one.change, p.now)
	}
}

// untold says why the receiver of a group is not told now of an alert that
// ended before it was told of it; "" if it is.
func (p *Planner) untold(c *alert.Change, g *group) string {
	const early = "it ended before this receiver was told: "
	mutes := p.hides(c)
	if g.asleep() {
		mutes = append(mutes, g.route.clock.mutes(p.now)...)
	}
	if len(mutes) > 0 {
		return early + mutes[0].Text
	}
	if why := p.unwanted(g); why != "" {
		return early + why
	}
	return ""
}

// unwanted says why a receiver is told of no ends; "" if it is.
func (p *Planner) unwanted(g *group) string {
	switch r, exists := p.tree.receivers[g.receiver]; {
	case !exists:
		return "the receiver does not exist any more"
	case !r.SendResolved:
		return "the receiver does not want to hear of ends (send_resolved: false)"
	}
	return ""
}

func (p *Planner) noteUntold(one *past, why string) {
	p.note(&one.change, Note{What: NotTold, GroupKey: one.group.key, Receiver: one.group.receiver, Text: why})
}
