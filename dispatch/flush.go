package dispatch

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// atOnce notes of an end that it was told together with the beginning.
const atOnce = "; its beginning and its end in one message"

// flush tells what is due for a group: what is over first, then what is new,
// then what nobody answered. A quiet message is left out where another one
// showed the same.
func (p *Planner) flush(g *group) {
	for len(g.ended) > 0 {
		p.tellEnded(g)
	}
	if g.dueNews() <= p.now {
		p.tellNews(g)
	}
	if g.dueRepeat() <= p.now {
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

// tellEnded tells of the ends. With the last one go those that were to be told
// although they are over: there will be no message of this life any more.
func (p *Planner) tellEnded(g *group) {
	about := sorted(g.ended)
	g.ended = nil
	if len(about) > MaxAlerts { // the others come behind
		about, g.ended = about[:MaxAlerts:MaxAlerts], about[MaxAlerts:]
	}
	var past []alert.Change
	if g.quiet() {
		p.weed(g)
		past = p.takePast(g, MaxAlerts-len(about))
		p.chronicle(g, nil, past)
	}
	p.tellOver(g, about, past)
}

// tellOver tells of alerts that are over: of some whose beginning was told, and
// of some of which the receiver hears for the first time. Those that still fire
// are listed behind them, hidden ones too: the message is not to look as if all
// were well.
func (p *Planner) tellOver(g *group, ended, past []alert.Change) {
	about := sorted(append(slices.Clip(ended), past...))
	n := p.message(g, notifiers.KindResolved, about, g.told, MaxOthers, len(g.told))
	if g.quiet() {
		n.Status = alert.Resolved
	}
	id := p.send(g, n, about)
	p.noteTold(g, id, sorted(ended), EndTold, "")
	p.noteTold(g, id, past, EndTold, atOnce)
	p.loud(g)
	g.over()
}

// quiet says that nothing fires any more that the receiver was told of, and that
// it has heard of every end.
func (g *group) quiet() bool { return len(g.told) == 0 && len(g.ended) == 0 }

// tellNews tells of those that waited, if any is due that may be told: as many as
// a message carries. The others wait for the next one.
func (p *Planner) tellNews(g *group) {
	p.weed(g)
	if g.dueNews() > p.now {
		return
	}
	past := p.takePast(g, MaxAlerts-min(len(g.waiting), MaxAlerts))
	if len(g.waiting) > 0 {
		p.tellFiring(g, past)
	} else {
		p.chronicle(g, nil, past)
		p.tellOver(g, nil, past)
	}
}

// tellFiring tells of those that waited, and behind them of those that are over
// by now.
func (p *Planner) tellFiring(g *group, past []alert.Change) {
	n := min(len(g.waiting), MaxAlerts)
	fresh, rest := g.waiting[:n:n], slices.Clone(g.waiting[n:])
	g.waiting = rest
	if p.told == 0 {
		p.round = max(p.round, roundOf(p.now))
	}
	p.told += len(fresh)
	before, shown := visible(g.told, g.shown), g.shown
	about := make([]alert.Change, 0, len(fresh))
	for _, m := range fresh {
		about = append(about, m.life.change)
		m.told, m.toldAt = true, p.now
		g.put(m)
	}
	about = sorted(about)
	p.chronicle(g, about, past)
	all := append(slices.Clip(about), past...)
	id := p.send(g, p.message(g, notifiers.KindFiring, all, before, MaxAlerts, shown), all)
	p.noteTold(g, id, about, Told, "")
	p.noteTold(g, id, past, EndTold, atOnce)
	p.loud(g)
}

// chronicle puts into the timeline what the receiver hears of for the first
// time: alerts that fire, and alerts that are over.
func (p *Planner) chronicle(g *group, fresh, past []alert.Change) {
	what := notifiers.Joined
	if g.since == never {
		g.since, what = p.now, notifiers.Fired
	}
	for _, list := range [2][]alert.Change{fresh, past} {
		for i := range list {
			g.moment(notifiers.Moment{At: p.now, What: what}, &list[i])
		}
	}
	for i := range past {
		g.moment(notifiers.Moment{At: p.now, What: notifiers.Ended, Text: string(past[i].Reason)}, &past[i])
	}
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
	id := p.send(g, p.message(g, notifiers.KindRepeat, about, nil, 0, 0), about)
	p.noteTold(g, id, about, Repeated, "not all of the group is acknowledged")
	p.loud(g)
}

// tellUpdate shows what changed to who can edit the message that is there.
func (p *Planner) tellUpdate(g *group) {
	g.update = never
	if len(g.told) == 0 {
		return
	}
	n := p.message(g, notifiers.KindUpdate, nil, g.told, MaxOthers, len(g.told))
	p.send(g, n, n.Alerts)
	g.drawn = p.now
	p.fresh.drop(g)
}

// loud notes that a message went out that was not quiet.
func (p *Planner) loud(g *group) {
	g.last, g.repeatFrom, g.drawn, g.update = p.now, p.now, p.now, never
	p.fresh.drop(g)
}

// send hands out a message about these alerts, and returns its ID.
func (p *Planner) send(g *group, n notifiers.Notification, about []alert.Change) string {
	g.number++
	n.ID = notificationID(&n, g.number, about)
	p.out.Notifications = append(p.out.Notifications, n)
	return n.ID
}

// noteTold notes for each of these alerts that a message tells of it. Of an end
// the reason comes first.
func (p *Planner) noteTold(g *group, id string, about []alert.Change, what What, text string) {
	for i := range about {
		n := Note{What: what, GroupKey: g.key, Receiver: g.receiver, NotificationID: id, Text: text}
		if what == EndTold {
			n.Text = string(about[i].Reason) + text
		}
		p.note(&about[i], n)
	}
}
