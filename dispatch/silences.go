package dispatch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

// silences are all that are known. Those that hold now are found by one label
// value that they want, so that an alert is not compared with each of them.
type silences struct {
	byID   map[string]*silence
	active map[alert.Label][]*silence // by what it wants; the zero label: by no one value
	next   int64                      // when one begins, warns, ends or is forgotten

	// turning says that what is judged is judged because of a silence, by who
	// ended it.
	turning bool
	by      string
}

type silence struct {
	Silence
	matchers alertmanager.Matchers
	active   bool
	warned   bool // that this end comes
}

// SetSilence takes in a new silence, or changes the one with its ID, and
// returns it as it is now. A start that is over counts as now. An error says
// what is wrong with it; nothing has changed then.
func (p *Planner) SetSilence(s Silence, at int64) (Silence, error) {
	p.enter(at)
	matchers, err := alertmanager.ParseMatcherList(s.Matchers[:min(len(s.Matchers), maxMatchers+1)])
	if err != nil {
		return Silence{}, err
	}
	old := p.silences.byID[s.ID]
	if old == nil || old.State(p.now) == Pending {
		s.StartsAt = max(s.StartsAt, p.now)
	}
	switch err := s.check(p.now); {
	case err != nil:
		return Silence{}, err
	case matchers.MatchesEmpty():
		return Silence{}, fmt.Errorf("the silence %s matches alerts that have none of these labels: one matcher at least must want a value", matchers)
	case old == nil && len(p.silences.byID) >= MaxSilences:
		return Silence{}, fmt.Errorf("there are %d silences already", MaxSilences)
	case old != nil && old.State(p.now) == Expired:
		return Silence{}, fmt.Errorf("silence %s is over; make a new one", s.ID)
	}
	s.CreatedBy, s.Comment, s.ExpiredBy, s.UpdatedAt = words(s.CreatedBy), words(s.Comment), "", p.now
	s.Matchers = matchers.List()
	p.replace(old, &silence{Silence: s, matchers: matchers})
	return s, nil
}

// ExpireSilence ends a silence now. One that is over already is an error, one
// that nobody knows too.
func (p *Planner) ExpireSilence(id, by string, at int64) error {
	p.enter(at)
	old := p.silences.byID[id]
	switch {
	case old == nil:
		return fmt.Errorf("there is no silence %q", id)
	case old.State(p.now) == Expired:
		return fmt.Errorf("silence %s is over already", id)
	}
	changed := *old
	changed.StartsAt, changed.EndsAt = min(old.StartsAt, p.now), p.now
	changed.UpdatedAt, changed.ExpiredBy = p.now, words(by)
	p.replace(old, &changed)
	return nil
}

// replace puts a silence in the place of another one, which may be nil.
func (p *Planner) replace(old, s *silence) {
	var touched []alert.Fingerprint
	if old != nil {
		p.silences.file(old, false)
		touched = p.matched(old)
	}
	s.active = false
	p.silences.byID[s.ID] = s
	if s.State(p.now) == Active {
		p.silences.file(s, true)
		touched = append(touched, p.matched(s)...)
	}
	p.silenced(touched, s.ExpiredBy)
	p.silences.plan(p.now)
}

// silenced looks again at alerts because of a silence.
func (p *Planner) silenced(touched []alert.Fingerprint, by string) {
	p.silences.turning, p.silences.by = true, by
	p.reconsider(touched)
	p.silences.turning, p.silences.by = false, ""
}

// matched returns the alerts that fire and match a silence.
func (p *Planner) matched(s *silence) []alert.Fingerprint {
	var out []alert.Fingerprint
	for f, l := range p.lives {
		if s.matchers.Match(l.change.Labels) {
			out = append(out, f)
		}
	}
	return out
}

// file notes that a silence holds, or does not any more.
func (ss *silences) file(s *silence, active bool) {
	if s.active == active {
		return
	}
	s.active = active
	by := s.wants()
	if !active {
		ss.active[by] = slices.DeleteFunc(ss.active[by], func(o *silence) bool { return o == s })
		if len(ss.active[by]) == 0 {
			delete(ss.active, by)
		}
		return
	}
	if ss.active == nil {
		ss.active = map[alert.Label][]*silence{}
	}
	ss.active[by] = append(ss.active[by], s)
}

// wants is a label that every alert that it hides has.
func (s *silence) wants() alert.Label {
	for _, name := range [4]string{"vm", "node_name", "host", "alertname"} {
		if value, ok := s.matchers.Equals(name); ok && value != "" {
			return alert.Label{Name: name, Value: value}
		}
	}
	return alert.Label{}
}

// hiding returns the silences that hold now and match, in order of ID.
func (ss *silences) hiding(labels alert.Labels) []*silence {
	if len(ss.active) == 0 {
		return nil
	}
	var out []*silence
	look := func(by alert.Label) {
		for _, s := range ss.active[by] {
			if s.matchers.Match(labels) {
				out = append(out, s)
			}
		}
	}
	look(alert.Label{})
	for _, l := range labels {
		look(l)
	}
	slices.SortFunc(out, func(a, b *silence) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// sorted returns all silences in order of ID.
func (ss *silences) sorted() []*silence {
	out := make([]*silence, 0, len(ss.byID))
	for _, s := range ss.byID {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *silence) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
