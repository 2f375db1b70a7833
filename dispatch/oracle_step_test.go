package dispatch

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
)

func (o *oracle) step(c alert.Change, at int64) {
	o.enter(at)
	a := o.find(c.Fingerprint)
	switch {
	case c.Status == alert.Firing && !c.Shadow:
		if a != nil && a.c.StartsAt == c.StartsAt {
			return
		}
		if a != nil {
			o.drop(a)
		}
		a = &oAlert{c: c}
		o.alerts = append(o.alerts, a)
		slices.SortFunc(o.alerts, byAlert)
		for _, t := range o.targets(&c) {
			o.join(a, t)
		}
		waited := o.unpast(c.Fingerprint)
		o.look(false)
		for _, m := range a.in {
			if since, ok := waited[m.g]; ok && m.visible {
				m.since = since
			}
		}
	case c.Status == alert.Resolved && a != nil && a.c.StartsAt == c.StartsAt:
		for _, m := range a.in {
			switch {
			case c.Reason == alert.ReasonQuiet || !o.wants(m.g):
			case m.told:
				m.g.ended = append(m.g.ended, c)
			case m.visible:
				m.g.past = append(m.g.past, &oPast{c, m.since})
			}
		}
		o.drop(a)
	}
	o.look(false)
}

func (o *oracle) wants(g *oGroup) bool {
	return slices.ContainsFunc(o.cfg.Receivers, func(r Receiver) bool { return r.Name == g.receiver && r.SendResolved })
}

// unpast takes out what was to be told of an alert that is over, and says where,
// and since when.
func (o *oracle) unpast(f alert.Fingerprint) map[*oGroup]int64 {
	waited := map[*oGroup]int64{}
	for _, g := range o.groups {
		g.past = slices.DeleteFunc(g.past, func(one *oPast) bool {
			if one.c.Fingerprint == f {
				waited[g] = one.since
			}
			return one.c.Fingerprint == f
		})
	}
	return waited
}

func (o *oracle) join(a *oAlert, t oTarget) {
	a.in = append(a.in, &oMember{a: a, g: o.group(t, a.c.Labels, false), since: o.now})
}

func (o *oracle) silence(s Silence, at int64) bool {
	o.enter(at)
	old := o.silences[s.ID]
	if old == nil || o.now < old.StartsAt {
		s.StartsAt = max(s.StartsAt, o.now)
	}
	if s.EndsAt <= s.StartsAt || s.EndsAt <= o.now || old != nil && old.EndsAt <= o.now {
		return false
	}
	o.silences[s.ID] = &oSilence{Silence: s}
	o.look(true)
	return true
}

func (o *oracle) expire(id string, at int64) bool {
	o.enter(at)
	s := o.silences[id]
	if s == nil || s.EndsAt <= o.now {
		return false
	}
	s.StartsAt, s.EndsAt, s.ExpiredBy = min(s.StartsAt, o.now), o.now, "me"
	o.look(true)
	return true
}

func (o *oracle) ack(f alert.Fingerprint, at int64) bool {
	o.enter(at)
	a := o.find(f)
	if a == nil {
		return false
	}
	a.acked = true
	for _, m := range a.in {
		if m.told && !m.left {
			m.g.update = true
		}
	}
	return true
}

func (o *oracle) ackGroup(key string, at int64) bool {
	o.enter(at)
	for _, g := range o.groups {
		if told := o.members(g, isTold); g.key == key && len(told) > 0 {
			for _, m := range told {
				o.ack(m.a.c.Fingerprint, at)
			}
			return true
		}
	}
	return false
}

// swap: who was told stays so, where it was told; the others are routed anew.
func (o *oracle) swap(cfg Config, at int64) {
	o.enter(at)
	o.cfg = cfg
	for _, a := range o.alerts {
		targets := o.targets(&a.c)
		kept := map[*oMember]bool{}
		for _, sameKey := range []bool{true, false} {
			var rest []oTarget
			for _, t := range targets {
				i := slices.IndexFunc(a.in, func(m *oMember) bool {
					if m.g.escalation || kept[m] {
						return false
					}
					if sameKey {
						return m.g.key == o.keyOf(t, a.c.Labels)
					}
					return m.told && m.g.receiver == t.receiver
				})
				if i < 0 {
					rest = append(rest, t)
					continue
				}
				m := a.in[i]
				kept[m], m.left, m.g.route, m.g.routeKey = true, false, t.route, t.routeKey
			}
			targets = rest
		}
		a.in = slices.DeleteFunc(a.in, func(m *oMember) bool { return !kept[m] && !m.told })
		for _, m := range a.in {
			m.left = !kept[m] && !m.g.escalation
		}
		for _, t := range targets {
			o.join(a, t)
		}
	}
	o.swapPast()
	o.settle()
	o.look(false)
}

// swapPast: what is over stays in its group, if the routes lead there; else it
// is new to another group of the same receiver, or lost.
func (o *oracle) swapPast() {
	type place struct {
		g   *oGroup
		one *oPast
	}
	all := map[alert.Fingerprint][]place{}
	for _, g := range o.groups {
		for _, one := range g.past {
			all[one.c.Fingerprint] = append(all[one.c.Fingerprint], place{g, one})
		}
		g.past = nil
	}
	var order []alert.Fingerprint
	for f := range all {
		order = append(order, f)
	}
	slices.Sort(order)
	for _, f := range order {
		targets := o.targets(&all[f][0].one.c)
		for _, sameKey := range []bool{true, false} {
			var rest []place
			for _, was := range all[f] {
				i := slices.IndexFunc(targets, func(t oTarget) bool {
					return sameKey && o.keyOf(t, was.one.c.Labels) == was.g.key || !sameKey && t.receiver == was.g.receiver
				})
				if i < 0 {
					rest = append(rest, was)
					continue
				}
				g := o.group(targets[i], was.one.c.Labels, false)
				if g != was.g {
					was.one.since = o.now
				}
				g.past = append(g.past, was.one)
				targets = slices.Delete(targets, i, i+1)
			}
			all[f] = rest
		}
	}
}

func (o *oracle) keyOf(t oTarget, l alert.Labels) string {
	probe := oracle{}
	return probe.group(t, l, false).key
}
