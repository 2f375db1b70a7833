package dispatch

import (
	"fmt"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/notifiers"
)

// fired begins the life of an alert. That it fires, said again, is no news: what
// is newer about it comes by Refresh.
func (p *Planner) fired(c alert.Change) {
	if c.Shadow {
		p.note(&c, Note{What: NotTold, Text: "its rule is in shadow mode"})
		return
	}
	if old, ok := p.lives[c.Fingerprint]; ok {
		if old.change.StartsAt == c.StartsAt {
			return
		}
		p.forget(old, "it fired anew before its end was seen")
	}
	waiting := p.supersede(c.Fingerprint)
	l := &life{change: c, began: p.now}
	p.lives[c.Fingerprint] = l
	l.muted = len(p.hides(&c)) > 0
	targets := p.tree.targets(c.Labels, c.Receivers)
	for _, t := range targets {
		since, waits := waiting[t.key]
		if !waits {
			since = p.now
		}
		p.join(l, t, since)
	}
	if len(targets) == 0 {
		p.note(&c, Note{What: NotTold, Text: "no receiver is configured for it"})
	} else if l.muted {
		p.noteMuted(l)
	}
	p.reconsider(p.inhibition.add(&c))
}

// join makes an alert that fires a member of a group, whose receiver is to be
// told of it from an instant on.
func (p *Planner) join(l *life, t target, since int64) {
	g := p.group(t.key, t.receiver, t.route, t.labels, false)
	m := &member{life: l, group: g, since: since}
	l.members = append(l.members, m)
	g.put(m)
	p.schedule(g)
	text := fmt.Sprintf("route %s", g.route.key)
	if due := g.dueFiring(); due > p.now && due != never {
		text += fmt.Sprintf("; told in %s, with what else happens until then", duration.Format(roughly(due-p.now)))
	}
	p.note(&l.change, Note{What: Routed, GroupKey: g.key, Receiver: g.receiver, Text: text})
	if g.asleep() {
		p.noteAsleep(m)
	}
}

// group finds or makes the group of a key.
func (p *Planner) group(key, receiver string, r *route, labels alert.Labels, escalation bool) *group {
	g := p.groups[key]
	if g == nil {
		p.ordinal++
		g = &group{
			key: key, ordinal: p.ordinal, receiver: receiver, labels: labels, escalation: escalation,
			all: map[alert.Fingerprint]*member{}, since: never, update: never, place: -1,
		}
		p.groups[key] = g
	}
	g.route = r // of one that was left empty by other routes
	return g
}

// resolved ends the life of an alert.
func (p *Planner) resolved(c alert.Change) {
	l, ok := p.lives[c.Fingerprint]
	if !ok || l.change.StartsAt != c.StartsAt {
		return
	}
	if c.Reason == alert.ReasonQuiet {
		p.forget(l, "the end of a notice tells nobody")
		return
	}
	for _, m := range l.members {
		p.end(m, c)
	}
	p.bury(l)
}

// end has a receiver hear of the end: at once if it was told of the beginning,
// else when its group is due.
func (p *Planner) end(m *member, c alert.Change) {
	g, why := m.group, p.unwanted(m.group)
	if !m.told {
		why = p.untold(&m.life.change, g)
	}
	switch {
	case why != "":
		p.note(&c, Note{What: NotTold, GroupKey: g.key, Receiver: g.receiver, Text: why})
	case m.told:
		g.ended = append(g.ended, c)
		g.moment(notifiers.Moment{At: p.now, What: notifiers.Ended, Text: string(c.Reason)}, &c)
	default:
		p.keep(g, c, m.since)
	}
}

// forget ends a life of which nobody is told any more.
func (p *Planner) forget(l *life, why string) {
	p.note(&l.change, Note{What: NotTold, Text: why})
	p.bury(l)
}

// bury takes an alert that does not fire any more out of everything.
func (p *Planner) bury(l *life) {
	delete(p.lives, l.fingerprint())
	for _, m := range l.members {
		m.group.take(m)
		if m.told {
			p.told--
		}
		p.schedule(m.group)
	}
	p.reconsider(p.inhibition.remove(&l.change))
}

// note adds to what was decided about an alert.
func (p *Planner) note(c *alert.Change, n Note) {
	n.At, n.Fingerprint, n.StartsAt = p.now, c.Fingerprint, c.StartsAt
	p.out.Notes = append(p.out.Notes, n)
}

// firing returns the alerts that fire, in order of fingerprint.
func (p *Planner) firing() []*life {
	out := make([]*life, 0, len(p.lives))
	for _, l := range p.lives {
		out = append(out, l)
	}
	slices.SortFunc(out, byFingerprint)
	return out
}

// roughly is a time in microseconds as people want to read it.
func roughly(wait int64) time.Duration {
	d := time.Duration(wait) * time.Microsecond
	if d < time.Second {
		return d
	}
	return d.Round(100 * time.Millisecond)
}
