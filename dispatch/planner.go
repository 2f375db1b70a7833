package dispatch

import (
	"time"

	"github.com/qmpalert/qmpalert/alert"
)

// Planner turns changes and time into messages. It is not safe for concurrent
// use. Its memory is an entry for each alert that fires, each group of them and
// each silence.
//
// Every method that is given a time first lets time pass until then, as if
// Advance had been called at each instant on the way; what this decides comes
// out of the next Advance. A time before one that was given already counts as
// that one.
type Planner struct {
	cfg        Config
	tree       *tree
	inhibition *inhibition
	silences   silences

	lives   map[alert.Fingerprint]*life
	past    map[alert.Fingerprint][]*past // one for each group, by age of these
	groups  map[string]*group
	ordinal uint64 // of the newest group
	agenda  agenda
	empty   []*group // without alerts; forgotten when this instant is over

	now     int64 // longAgo: it was never said
	horizon int64 // until when time is known to pass: what would be old news by then is left out
	told    int   // members that were told: there is something to update
	round   int64 // the newest one of updates
	fresh   freshGroups
	// relabeled alerts have other labels from the next Advance on.
	relabeled map[alert.Fingerprint]alert.Change
	out       Decision
}

// New returns a Planner that has told nobody anything. An error names a
// matcher or a time interval that cannot be.
func New(cfg Config) (*Planner, error) {
	p := &Planner{
		silences: silences{byID: map[string]*silence{}, next: never},
		lives:    map[alert.Fingerprint]*life{}, past: map[alert.Fingerprint][]*past{}, groups: map[string]*group{}, fresh: freshGroups{in: map[*group]struct{}{}},
		relabeled: map[alert.Fingerprint]alert.Change{},
		now:       longAgo,
	}
	return p, p.configure(cfg)
}

func (p *Planner) configure(cfg Config) error {
	t, err := compile(cfg)
	if err != nil {
		return err
	}
	in, err := newInhibition(cfg.InhibitRules)
	if err != nil {
		return err
	}
	p.cfg, p.tree, p.inhibition = cfg, t, in
	return nil
}

// Step takes in what happened to an alert. It decides nothing: what happens at
// one instant is told in one message, when Advance says that this is all.
func (p *Planner) Step(c alert.Change, at int64) {
	p.enter(at)
	switch c.Status {
	case alert.Firing:
		p.fired(c)
	case alert.Resolved:
		p.resolved(c)
	}
}

// Advance lets time pass until at, which included, and returns what became due
// since the last Advance. One that returned nothing makes no difference.
func (p *Planner) Advance(at int64) Decision {
	p.enter(at)
	at = p.now
	if len(p.relabeled) > 0 {
		p.relabel()
	}
	for g := p.fresh.next(at); g != nil; g = p.fresh.next(at) {
		g.updateAt(at)
		p.schedule(g)
	}
	for p.agenda.first() <= at {
		p.flush(p.agenda[0])
	}
	if p.told > 0 && roundOf(at) > p.round {
		p.round, p.out.Keep = roundOf(at), true
	}
	out := p.out
	p.out = Decision{}
	return out
}

// enter lets time pass until at: everything before it is decided, and of at
// itself what decides who is hidden.
func (p *Planner) enter(at int64) {
	if p.now == longAgo {
		p.now = at
	}
	at = max(at, p.now)
	p.horizon = at
	for {
		turn, due := min(p.silences.next, p.tree.next), p.agenda.first()
		switch {
		case turn <= at && turn <= due:
			p.reach(max(turn, p.now))
			p.turn()
		case due < at:
			p.reach(due)
			p.flush(p.agenda[0])
		default:
			p.reach(at)
			return
		}
	}
}

// reach makes it a later time. Groups without alerts are forgotten only then,
// because the number of messages is a part of what an ID is made of.
func (p *Planner) reach(at int64) {
	if at <= p.now {
		return
	}
	p.now = at
	for _, g := range p.empty {
		if g.empty = false; len(g.all)+len(g.past) == 0 {
			delete(p.groups, g.key)
			p.fresh.drop(g)
		}
	}
	p.empty = p.empty[:0]
}

// turn does what silences and time intervals want done now. The first time
// that is said turns all clocks.
func (p *Planner) turn() {
	for _, c := range p.tree.look(p.now) {
		p.wakeOrSleep(c)
	}
	p.turnSilences()
}

// schedule puts a group on the agenda, or among those that are over.
func (p *Planner) schedule(g *group) {
	if g.over() {
		p.fresh.drop(g)
	}
	if len(g.all)+len(g.ended)+len(g.past) > 0 {
		p.agenda.set(g, g.due(p.now))
		return
	}
	p.agenda.set(g, never)
	if !g.empty {
		g.empty = true
		p.empty = append(p.empty, g)
	}
}

// roundOf numbers the times at which counts are looked at.
func roundOf(at int64) int64 { return at / int64(UpdateEvery/time.Microsecond) }
