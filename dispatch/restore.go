package dispatch

import (
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Restore returns a Planner that goes on where the Snapshot was taken. cfg must
// be the Config of then; another one is taken over by Swap. The zero Snapshot is
// no past.
func Restore(cfg Config, s Snapshot) (*Planner, error) {
	if s.Version > SnapshotVersion {
		return nil, fmt.Errorf("the state of the routes has version %d; this program knows %d", s.Version, SnapshotVersion)
	}
	p, err := New(cfg)
	if err != nil || s.Version == 0 {
		return p, err
	}
	p.now, p.round = s.Now, s.Round
	for i := range s.Groups {
		p.restoreGroup(&s.Groups[i])
	}
	p.ordinal = s.Ordinal
	if p.now != longAgo {
		p.tree.look(p.now)
	}
	for i := range s.Silences {
		if err := p.restoreSilence(s.Silences[i]); err != nil {
			return nil, err
		}
	}
	p.silences.plan(p.now)
	if err := p.restoreLives(s.Lives); err != nil {
		return nil, err
	}
	for _, g := range p.inOrder() {
		p.schedule(g)
	}
	return p, p.restoreDecided(s.Decided)
}

func (p *Planner) restoreGroup(s *Group) {
	g := p.group(s.Key, s.Receiver, p.tree.named(s.Route), slices.Clone(s.Labels), s.Escalation)
	g.ordinal, g.number = s.Ordinal, s.Number
	g.since, g.last, g.repeatFrom, g.drawn, g.update = s.Since, s.Last, s.RepeatFrom, s.Drawn, s.Update
	g.escalated = s.Escalated
	for _, c := range s.Ended {
		g.ended = append(g.ended, alert.Change(c))
	}
	for _, one := range s.Past {
		p.file(&past{change: alert.Change(one.Change), group: g, since: one.Since})
	}
	for _, m := range s.Timeline {
		m.Names = slices.Clone(m.Names)
		g.timeline = append(g.timeline, m)
	}
	if s.Fresh {
		p.fresh.add(g)
	}
}

func (p *Planner) restoreSilence(s SilenceRun) error {
	matchers, err := alertmanager.ParseMatcherList(s.Matchers)
	if err != nil {
		return fmt.Errorf("silence %s: %w", s.ID, err)
	}
	one := &silence{Silence: s.Silence, matchers: matchers, warned: s.Warned}
	one.Matchers = slices.Clone(s.Matchers)
	p.silences.byID[s.ID] = one
	if one.State(p.now) == Active {
		p.silences.file(one, true)
	}
	return nil
}

// restoreLives takes in all alerts before it asks who hides whom.
func (p *Planner) restoreLives(all []Life) error {
	for _, s := range all {
		l := &life{change: alert.Change(s.Change), began: s.Began}
		if s.Ack != nil {
			ack := *s.Ack
			l.ack = &ack
		}
		p.lives[l.fingerprint()] = l
		if s.Relabel != nil {
			p.relabeled[l.fingerprint()] = alert.Change(*s.Relabel)
		}
		p.inhibition.add(&l.change)
	}
	for _, s := range all {
		l := p.lives[s.Change.Fingerprint]
		l.muted = len(p.hides(&l.change)) > 0
		for _, m := range s.Members {
			g := p.groups[m.Group]
			if g == nil {
				return fmt.Errorf("the state of the routes lacks the group %q", m.Group)
			}
			one := &member{life: l, group: g, told: m.Told, toldAt: m.ToldAt, since: m.Since, left: m.Left, escalated: m.Escalated}
			l.members = append(l.members, one)
			g.put(one)
			if m.Told {
				p.told++
			}
		}
	}
	return nil
}

func (p *Planner) restoreDecided(s *Decided) error {
	if s == nil {
		return nil
	}
	p.out.Notes, p.out.Keep = slices.Clone(s.Notes), s.Keep
	for _, text := range s.Notifications {
		n, err := notifiers.ParseStored(text)
		if err != nil {
			return err
		}
		p.out.Notifications = append(p.out.Notifications, n)
	}
	return nil
}
