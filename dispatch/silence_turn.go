package dispatch

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// warnsAt is when a silence says that it ends soon; never for a short one, and
// once it did.
func (s *silence) warnsAt() int64 {
	if s.warned || s.EndsAt-s.StartsAt < micros(WarnFrom) || s.ExpiredBy != "" {
		return never
	}
	return s.EndsAt - micros(WarnBefore)
}

// turn is when the silence wants something done, after what it did.
func (s *silence) turn(now int64) int64 {
	switch s.State(now) {
	case Pending:
		return s.StartsAt
	case Active:
		return min(max(s.warnsAt(), now), s.EndsAt)
	}
	return s.EndsAt + micros(KeepExpired)
}

// plan finds when the next one wants something done.
func (ss *silences) plan(now int64) {
	ss.next = never
	for _, s := range ss.byID {
		ss.next = min(ss.next, s.turn(now))
	}
}

// turnSilences begins, warns of, ends and forgets silences whose time it is.
func (p *Planner) turnSilences() {
	if p.silences.next > p.now {
		return
	}
	var touched []alert.Fingerprint
	for _, s := range p.silences.sorted() {
		switch state := s.State(p.now); {
		case (state == Active) != s.active:
			p.silences.file(s, state == Active)
			touched = append(touched, p.matched(s)...)
		case state == Active && s.warnsAt() <= p.now:
			s.warned = true
			p.warn(s)
		case state == Expired && p.now >= s.EndsAt+micros(KeepExpired):
			delete(p.silences.byID, s.ID)
		}
	}
	p.silenced(touched, "")
	p.silences.plan(p.now)
}

// warn tells the receivers of alerts that a silence hides that it ends soon:
// one message each. Where time has run on to its end, it would be old news.
func (p *Planner) warn(s *silence) {
	if s.EndsAt <= p.horizon {
		return
	}
	touched := p.matched(s)
	slices.Sort(touched)
	hidden := map[string][]alert.Change{}
	for _, f := range touched {
		l := p.lives[f]
		var names []string
		for _, m := range l.members {
			if r := m.group.receiver; !m.left && !slices.Contains(names, r) {
				names = append(names, r)
				hidden[r] = append(hidden[r], l.change)
			}
		}
	}
	for _, name := range receiversOf(hidden) {
		about := sorted(hidden[name])
		g := &group{key: shorten(name + "/silence:" + s.ID), receiver: name, route: p.tree.root, since: p.now}
		n := p.message(g, notifiers.KindSilence, about, nil, 0, 0)
		n.Route, n.Silence = "", s.notice()
		id := p.send(g, n, about)
		for i := range about {
			p.note(&about[i], Note{
				What: Warned, GroupKey: g.key, Receiver: name, NotificationID: id, By: string(BySilence) + " " + s.ID, Text: "the silence ends soon",
			})
		}
	}
}

func receiversOf(hidden map[string][]alert.Change) []string {
	names := make([]string, 0, len(hidden))
	for name := range hidden {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
