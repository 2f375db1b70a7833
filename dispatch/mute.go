package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

func byFingerprint(a, b *life) int { return cmp.Compare(a.fingerprint(), b.fingerprint()) }

// hides returns what hides an alert from everybody now: other alerts, then
// silences.
func (p *Planner) hides(c *alert.Change) []Mute {
	out := p.inhibits(c.Name, c.Labels, c.Fingerprint)
	for _, s := range p.silences.hiding(c.Labels) {
		out = append(out, s.mute())
	}
	return out
}

func (p *Planner) inhibits(name string, labels alert.Labels, self alert.Fingerprint) []Mute {
	var out []Mute
	for _, h := range p.inhibition.by(name, labels, self) {
		by := title(&p.lives[h.by].change)
		m := Mute{ByInhibition, by, "inhibited by " + by}
		if h.rule != "" {
			m.Text += ", inhibition rule " + h.rule
		}
		out = append(out, m)
	}
	return out
}

// reconsider looks again whether these alerts are hidden. Any may be named
// twice, or not fire.
func (p *Planner) reconsider(touched []alert.Fingerprint) {
	slices.Sort(touched)
	for _, f := range slices.Compact(touched) {
		if l, ok := p.lives[f]; ok {
			p.judge(l)
		}
	}
}

// judge hides an alert, or hides it no longer.
func (p *Planner) judge(l *life) {
	mutes := p.hides(&l.change)
	if muted := len(mutes) > 0; muted == l.muted {
		return
	}
	for _, m := range l.members {
		m.group.take(m)
	}
	l.muted = !l.muted
	for _, m := range l.members {
		if !l.muted && !m.told {
			m.since = p.now // as if it were new
		}
		m.group.put(m)
		p.witness(m, mutes)
		p.schedule(m.group)
	}
	if l.muted {
		p.noteMuted(l)
	} else {
		p.note(&l.change, Note{What: Unmuted, By: p.silences.by, Text: "nothing hides it any more"})
	}
}

// witness puts into the timeline of who was told that an alert is hidden, or is
// not any more. A silence is shown at once: somebody made it and looks.
func (p *Planner) witness(m *member, mutes []Mute) {
	if !m.told || m.left {
		return
	}
	moment := notifiers.Moment{At: p.now, What: notifiers.Unsilenced, By: p.silences.by}
	if len(mutes) > 0 {
		moment.What, moment.By, moment.Text = notifiers.Silenced, mutes[0].Name, mutes[0].Text
		if s := p.silences.byID[mutes[0].Name]; s != nil && mutes[0].By == BySilence {
			moment.By, moment.Text = s.CreatedBy, s.span("")
		}
	}
	m.group.moment(moment, &m.life.change)
	if p.silences.turning {
		m.group.updateAt(p.now)
	}
}

func (p *Planner) noteMuted(l *life) {
	mutes := p.hides(&l.change)
	var texts []string
	for _, m := range mutes {
		texts = append(texts, m.Text)
	}
	p.note(&l.change, Note{What: Muted, By: string(mutes[0].By) + " " + mutes[0].Name, Text: strings.Join(texts, "; ")})
}

// noteAsleep says why one receiver is not told of an alert.
func (p *Planner) noteAsleep(m *member) {
	mute := m.group.route.clock.mutes(p.now)[0]
	p.note(&m.life.change, Note{
		What: Muted, GroupKey: m.group.key, Receiver: m.group.receiver,
		By: fmt.Sprintf("%s %s", mute.By, mute.Name), Text: mute.Text,
	})
}

// wakeOrSleep lets the receivers of a route be told again, or not any more, of
// what begins.
func (p *Planner) wakeOrSleep(c *clock) {
	for _, g := range p.inOrder() {
		if !g.escalation && g.route.clock == c {
			p.rewait(g)
			p.schedule(g)
		}
	}
}

// rewait has what waits in a group wait from now on, because the group fell
// asleep or woke up.
func (p *Planner) rewait(g *group) {
	for _, m := range g.waiting {
		m.since = p.now // as if it were new
		if g.asleep() {
			p.noteAsleep(m)
		} else {
			p.note(&m.life.change, Note{What: Unmuted, GroupKey: g.key, Receiver: g.receiver, Text: "its time interval hides it no longer"})
		}
	}
	slices.SortFunc(g.waiting, bySince)
}

// inOrder returns the groups by age.
func (p *Planner) inOrder() []*group {
	out := make([]*group, 0, len(p.groups))
	for _, g := range p.groups {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Compare(a.ordinal, b.ordinal) })
	return out
}
