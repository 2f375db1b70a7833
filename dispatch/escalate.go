package dispatch

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/notifiers"
)

// escalate tells somebody else of what nobody acknowledged: of all such alerts
// of the group, once the oldest has waited long enough.
func (p *Planner) escalate(g *group) {
	e := g.settings().Escalate
	text := "nobody acknowledged within " + duration.Format(e.After)
	open := g.open
	g.open = nil
	var about []alert.Change
	for _, m := range open {
		m.escalated = true
		about = append(about, m.life.change)
	}
	about = sorted(about)
	if _, ok := p.tree.receivers[e.Receiver]; !ok {
		for i := range about {
			p.note(&about[i], Note{What: NotTold, Receiver: e.Receiver, Text: text + ", but there is no receiver of that name"})
		}
		return
	}
	for i := range about {
		g.moment(notifiers.Moment{At: p.now, What: notifiers.Escalated, By: e.Receiver, Text: text}, &about[i])
	}
	g.escalated = e.Receiver
	g.updateAt(p.now)
	p.tellEscalated(p.group(escalationKey(e.Receiver, g), e.Receiver, g.route, g.labels, true), g, open, text)
}

// tellEscalated tells the receiver of an escalation of what it was not told of
// by another group. It sees what happened before.
func (p *Planner) tellEscalated(to, from *group, open members, text string) {
	before, shown := visible(to.told, to.shown), to.shown
	if to.since == never {
		to.since, to.timeline = p.now, slices.Clone(from.timeline)
	}
	var about []alert.Change
	for _, m := range open {
		if to.all[m.life.fingerprint()] != nil {
			continue
		}
		n := &member{life: m.life, group: to, since: p.now, told: true, toldAt: p.now, escalated: true}
		m.life.members = append(m.life.members, n)
		to.put(n)
		about = append(about, m.life.change)
	}
	if len(about) == 0 {
		return
	}
	p.told += len(about)
	about = sorted(about)
	if len(before) > 0 {
		for i := range about {
			to.moment(notifiers.Moment{At: p.now, What: notifiers.Escalated, By: to.receiver, Text: text}, &about[i])
		}
	}
	to.escalated = to.receiver
	id := p.send(to, p.message(to, notifiers.KindEscalation, about, before, MaxAlerts, shown), about)
	p.noteTold(to, id, about, Escalated, text)
	p.loud(to)
	p.schedule(to)
}

func escalationKey(receiver string, g *group) string {
	return groupKey(receiver, g.route.key+"/escalation", g.labels)
}
