package dispatch

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// enter lives through all units before at, and begins at.
func (o *oracle) enter(at int64) {
	o.horizon = at
	for ; o.now < at; o.turn() {
		o.tell()
		o.now += unit
		o.forget()
	}
}

func (o *oracle) advance(at int64) []string {
	o.enter(at)
	o.tell()
	said := o.said
	o.said = nil
	return said
}

// turn is what silences do at the beginning of a unit.
func (o *oracle) turn() {
	var ids []string
	for id, s := range o.silences {
		ids = append(ids, id)
		if o.now >= s.EndsAt+micros(KeepExpired) {
			delete(o.silences, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		s := o.silences[id]
		if s != nil && o.now > s.StartsAt {
			o.warn(s)
		}
	}
	o.look(true)
	for _, id := range ids { // one that begins so late warns at once
		if s := o.silences[id]; s != nil {
			o.warn(s)
		}
	}
}

// warn is rule 12.
func (o *oracle) warn(s *oSilence) {
	if s.warned || s.ExpiredBy != "" || o.now < s.StartsAt || o.now >= s.EndsAt ||
		s.EndsAt-s.StartsAt < micros(WarnFrom) || o.now < s.EndsAt-micros(WarnBefore) {
		return
	}
	s.warned = true
	if s.EndsAt <= o.horizon {
		return
	}
	hidden := map[string][]alert.Change{}
	for _, a := range o.alerts {
		var once []string
		for _, m := range a.in {
			if matches(s.Matchers, a.c.Labels) && !m.left && !slices.Contains(once, m.g.receiver) {
				once = append(once, m.g.receiver)
				hidden[m.g.receiver] = append(hidden[m.g.receiver], a.c)
			}
		}
	}
	for _, name := range receiversOf(hidden) {
		o.say(&oGroup{key: name + "/silence:" + s.ID}, notifiers.KindSilence, alert.Firing, hidden[name], nil)
	}
}

// tell is rules 4 to 7: groups with ends first, then the oldest first.
func (o *oracle) tell() {
	o.settle()
	groups := slices.Clone(o.groups)
	slices.SortStableFunc(groups, func(a, b *oGroup) int { return min(len(b.ended), 1) - min(len(a.ended), 1) })
	for _, g := range groups {
		o.tellGroup(g)
	}
	o.settle()
}

func (o *oracle) tellGroup(g *oGroup) {
	if len(g.ended) > 0 {
		rest, status := o.members(g, isTold), alert.Firing
		if len(rest) == 0 {
			status = alert.Resolved
		}
		about := g.ended
		g.ended = nil
		if status == alert.Resolved {
			about = append(about, o.takePast(g)...)
		}
		o.say(g, notifiers.KindResolved, status, about, rest)
		g.last, g.repeat, g.update = o.now, o.now, false
		o.settle()
	}
	settings := *g.route
	if g.escalation {
		settings = Route{}
	}
	if !o.tellNews(g, settings) {
		o.repeat(g, settings)
	}
	if e := settings.Escalate; e != nil && !o.asleep(g) {
		o.escalate(g, e)
	}
	if rest := o.members(g, isTold); g.update && len(rest) > 0 {
		o.say(g, notifiers.KindUpdate, alert.Firing, nil, rest)
	}
	g.update = false
}

// takePast empties the list of what is over, and returns what is told of it.
func (o *oracle) takePast(g *oGroup) []alert.Change {
	var told []alert.Change
	for _, one := range g.past {
		if !o.hides(&oAlert{c: one.c}) && !o.asleep(g) && o.wants(g) {
			told = append(told, one.c)
		}
	}
	g.past = nil
	return told
}

// tellNews is rule 4.
func (o *oracle) tellNews(g *oGroup, settings Route) bool {
	waiting := o.members(g, func(m *oMember) bool { return !m.told && !m.left && m.visible })
	due := func() bool {
		ready := func(since int64) bool { return since+micros(settings.GroupWait) <= o.now }
		one := slices.ContainsFunc(waiting, func(m *oMember) bool { return ready(m.since) }) ||
			slices.ContainsFunc(g.past, func(p *oPast) bool { return ready(p.since) })
		return one && !(g.alive && g.last+micros(settings.GroupInterval) > o.now)
	}
	if !due() {
		return false
	}
	// What is hidden makes nothing due.
	g.past = slices.DeleteFunc(g.past, func(one *oPast) bool {
		return o.hides(&oAlert{c: one.c}) || o.asleep(g) || !o.wants(g)
	})
	if !due() {
		return false
	}
	past := o.takePast(g)
	if len(waiting) == 0 {
		rest, status := o.members(g, isTold), alert.Firing
		if len(rest) == 0 {
			status = alert.Resolved
		}
		o.say(g, notifiers.KindResolved, status, past, rest)
		g.alive, g.last, g.repeat, g.update = true, o.now, o.now, false
		o.settle()
		return true
	}
	before := o.members(g, isShown)
	var about []alert.Change
	for _, m := range waiting {
		about = append(about, m.a.c)
		m.told, m.toldAt = true, o.now
	}
	slices.SortFunc(past, func(a, b alert.Change) int { return inOrder(&a, &b) })
	for _, m := range before {
		past = append(past, m.a.c)
	}
	o.sayAll(g, notifiers.KindFiring, alert.Firing, about, past)
	g.alive, g.last, g.repeat, g.update = true, o.now, o.now, false
	return true
}

// repeat is rule 6.
func (o *oracle) repeat(g *oGroup, settings Route) {
	every := micros(settings.RepeatInterval)
	unanswered := o.members(g, func(m *oMember) bool { return isShown(m) && !m.left && !m.a.acked })
	if every == 0 || len(unanswered) == 0 || o.asleep(g) || g.repeat+every > o.now {
		return
	}
	for g.repeat+2*every <= o.horizon {
		g.repeat += every
	}
	if g.repeat+every > o.now {
		return
	}
	o.say(g, notifiers.KindRepeat, alert.Firing, nil, o.members(g, isShown))
	g.last, g.repeat, g.update = o.now, o.now, false
}

// escalate is rule 7.
func (o *oracle) escalate(g *oGroup, e *Escalation) {
	open := o.members(g, func(m *oMember) bool { return isShown(m) && !m.left && !m.a.acked && !m.esc })
	if !slices.ContainsFunc(open, func(m *oMember) bool { return m.toldAt+micros(e.After) <= o.now }) {
		return
	}
	for _, m := range open {
		m.esc = true
	}
	if !o.exists(e.Receiver) {
		return
	}
	g.update = true
	to := o.group(oTarget{e.Receiver, g.routeKey, &Route{GroupByAll: true}}, g.labels, true)
	before := o.members(to, isShown)
	var about []alert.Change
	for _, m := range open {
		if !slices.ContainsFunc(m.a.in, func(x *oMember) bool { return x.g == to }) {
			m.a.in = append(m.a.in, &oMember{a: m.a, g: to, told: true, toldAt: o.now, esc: true, visible: true})
			about = append(about, m.a.c)
		}
	}
	if len(about) > 0 {
		o.say(to, notifiers.KindEscalation, alert.Firing, about, before)
		to.alive, to.last, to.repeat, to.update = true, o.now, o.now, false
	}
}
