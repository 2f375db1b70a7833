package dispatch

import (
	"cmp"
	"maps"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// View returns a picture of the state. It costs a walk over everything.
func (p *Planner) View() View {
	v := View{At: p.now}
	hides := map[string][]alert.Fingerprint{}
	for _, l := range p.firing() {
		a := p.picture(l)
		for _, m := range a.Muted {
			if m.By == BySilence {
				hides[m.Name] = append(hides[m.Name], a.Fingerprint)
			}
		}
		v.Alerts = append(v.Alerts, a)
	}
	for _, key := range slices.Sorted(maps.Keys(p.groups)) {
		if g := p.groups[key]; len(g.all)+len(g.past) > 0 {
			v.Groups = append(v.Groups, g.picture())
		}
	}
	for _, s := range p.silences.sorted() {
		one := SilenceView{Silence: s.Silence, State: s.State(p.now), Hides: hides[s.ID]}
		one.Matchers = slices.Clone(s.Matchers)
		v.Silences = append(v.Silences, one)
	}
	return v
}

func (p *Planner) picture(l *life) AlertView {
	c := &l.change
	a := AlertView{Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, Name: c.Name, Labels: c.Labels, Muted: p.hides(c)}
	if l.ack != nil {
		ack := *l.ack
		a.Ack = &ack
	}
	for _, m := range l.members {
		one := MemberView{GroupKey: m.group.key, Receiver: m.group.receiver, Told: m.told, At: m.toldAt, Escalated: m.escalated}
		if !m.left && m.group.asleep() {
			one.Muted = m.group.route.clock.mutes(p.now)
		}
		if due := m.group.dueFiring(); m.waits() && due != never {
			one.At = due
		}
		a.Groups = append(a.Groups, one)
	}
	slices.SortFunc(a.Groups, func(x, y MemberView) int { return cmp.Compare(x.GroupKey, y.GroupKey) })
	return a
}

func (g *group) picture() GroupView {
	v := GroupView{
		Key: g.key, Receiver: g.receiver, Route: g.route.key, Labels: g.labels, Told: len(g.told), Waiting: len(g.all) - len(g.told) + len(g.past),
		Last: g.last, Escalated: g.escalated, Escalation: g.escalation,
		Timeline: append([]notifiers.Moment(nil), g.timeline...), Fingerprints: slices.Sorted(maps.Keys(g.all)),
	}
	if g.place >= 0 {
		v.Next = g.next
	}
	return v
}
