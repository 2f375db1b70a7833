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
	case c.Status == alert.Resolved && a != nil && a.c.StartsAt == c.StartsAt:
		for _, m := range a.in {
			wants := slices.ContainsFunc(o.cfg.Receivers, func(r Receiver) bool { return r.Name == m.g.receiver && r.SendResolved })
			if m.told && wants && c.Reason != alert.ReasonQuiet {
				m.g.ended = append(m.g.ended, c)
			}
		}
		o.drop(a)
	}
	o.look(false)
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
	o.settle()
	o.look(false)
}

func (o *oracle) keyOf(t oTarget, l alert.Labels) string {
	probe := oracle{}
	return probe.group(t, l, false).key
}
