package dispatch

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// flush tells what is due for a group: what is over first, then what is new,
// then what nobody answered. A quiet message is left out where another one
// showed the same.
func (p *Planner) flush(g *group) {
	if len(g.ended) > 0 {
		p.tellEnded(g)
	}
	if g.dueFiring() <= p.now {
		p.tellFiring(g)
	} else if g.dueRepeat() <= p.now {
		p.repeat(g)
	}
	if g.dueEscalation() <= p.now {
		p.escalate(g)
	}
	if g.update <= p.now {
		p.tellUpdate(g)
	}
	p.schedule(g)
}

// tellEnded tells of the ends. Those that still fire are listed behind them,
// hidden ones too: the message is not to look as if all were well.
func (p *Planner) tellEnded(g *group) {
	about := sorted(g.ended)
	g.ended = nil
	n := p.message(g, notifiers.KindResolved, about, g.told, MaxOthers, len(g.told))
	if len(g.told) == 0 {
		n.Status = alert.Resolved
	}
	p.send(g, n, about, EndTold, "")
	p.loud(g)
	g.over()
}

// tellFiring tells of those that waited.
func (p *Planner) tellFiring(g *group) {
	fresh := g.waiting
	g.waiting = nil
	if p.told == 0 {
		p.round = max(p.round, roundOf(p.now))
	}
	p.told += len(fresh)
	what := notifiers.Joined
	if g.since == never {
		g.since, what = p.now, notifiers.Fired
	}
	before, shown := visible(g.told, g.shown), g.shown
	about := make([]alert.Change, 0, len(fresh))
	for _, m := range fresh {
		about = append(about, m.life.change)
		m.told, m.toldAt = true, p.now
		g.put(m)
	}
	about = sorted(about)
	for i := range about {
		g.moment(notifiers.Moment{At: p.now, What: what}, &about[i])
	}
	n := p.message(g, notifiers.KindFiring, about, before, MaxAlerts, shown)
	p.send(g, n, about, Told, "")
	p.loud(g)
}

// repeat tells again of what fires and nobody acknowledged. Of repetitions that
// nobody was there to send only the last is.
func (p *Planner) repeat(g *group) {
	every := micros(g.settings().RepeatInterval)
	if missed := (p.horizon - g.dueRepeat()) / every; missed > 0 {
		if g.repeatFrom += missed * every; g.dueRepeat() > p.now {
			return
		}
	}
	var about []alert.Change
	for _, m := range visible(g.told, g.shown) {
		about = append(about, m.life.change)
	}
	for i := range about {
		g.moment(notifiers.Moment{At: p.now, What: notifiers.Repeated}, &about[i])
	}
	n := p.message(g, notifiers.KindRepeat, about, nil, 0, 0)
	p.send(g, n, about, Repeated, "not all of the group is acknowledged")
	p.loud(g)
}

// tellUpdate shows what changed to who can edit the message that is there.
func (p *Planner) tellUpdate(g *group) {
	g.update = never
	if len(g.told) == 0 {
		return
	}
	n := p.message(g, notifiers.KindUpdate, nil, g.told, MaxOthers, len(g.told))
	p.send(g, n, n.Alerts, "", "")
	g.drawn = p.now
	p.fresh.drop(g)
}

// loud notes that a message went out that was not quiet.
func (p *Planner) loud(g *group) {
	g.last, g.repeatFrom, g.drawn, g.update = p.now, p.now, p.now, never
	p.fresh.drop(g)
}

// send hands a message out and notes it for each alert that it is about.
func (p *Planner) send(g *group, n notifiers.Notification, about []alert.Change, what What, text string) {
	g.number++
	n.ID = notificationID(&n, g.number, about)
	p.out.Notifications = append(p.out.Notifications, n)
	if what == "" {
		return
	}
	for i := range about {
		why := text
		if what == EndTold {
			why = string(about[i].Reason)
		}
		p.note(&about[i], Note{What: what, GroupKey: g.key, Receiver: g.receiver, NotificationID: n.ID, Text: why})
	}
}
