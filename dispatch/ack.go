package dispatch

import (
	"fmt"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Ack notes that somebody takes care of an alert: nobody is told of it again,
// or told because nobody did, until it is over. Whoever was told is shown who.
// The newest acknowledgement counts. It is an error if this life of the alert
// (a.StartsAt; 0 is any) does not fire.
func (p *Planner) Ack(f alert.Fingerprint, a notifiers.Ack, at int64) error {
	p.enter(at)
	l, ok := p.lives[f]
	if !ok || a.StartsAt != 0 && a.StartsAt != l.change.StartsAt {
		return fmt.Errorf("alert %s does not fire any more", f)
	}
	p.acknowledge(l, a.By, a.Comment)
	return nil
}

// AckGroup acknowledges all alerts of a group that its receiver was told of.
func (p *Planner) AckGroup(key, by, comment string, at int64) error {
	p.enter(at)
	g, ok := p.groups[key]
	if !ok || len(g.told) == 0 {
		return fmt.Errorf("no alert of the group %q fires any more", key)
	}
	lives := make([]*life, len(g.told))
	for i, m := range g.told {
		lives[i] = m.life
	}
	for _, l := range lives {
		p.acknowledge(l, by, comment)
	}
	return nil
}

func (p *Planner) acknowledge(l *life, by, comment string) {
	for _, m := range l.members {
		m.group.take(m)
	}
	l.ack = &notifiers.Ack{
		Fingerprint: l.fingerprint(), StartsAt: l.change.StartsAt, By: words(by), Comment: words(comment), At: p.now,
	}
	p.note(&l.change, Note{What: Acknowledged, By: l.ack.By, Text: l.ack.Comment})
	for _, m := range l.members {
		g := m.group
		g.put(m)
		if m.told && !m.left {
			g.moment(notifiers.Moment{At: p.now, What: notifiers.Acknowledged, By: l.ack.By, Text: l.ack.Comment}, &l.change)
			g.updateAt(p.now)
		}
		p.schedule(g)
	}
}
