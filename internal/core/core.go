package core

import (
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/rules"
)

// Core is the whole of what decides. It is not safe for concurrent use.
type Core struct {
	machine *engine.Machine
	planner *dispatch.Planner
	rulesID string
	route   dispatch.Config
	clock   int64
	wide    bool // see isWide
}

// Output is what one entry decided.
type Output struct {
	Changes       []alert.Change
	Notifications []notifiers.Notification
	Notes         []dispatch.Note
	Questions     []engine.Question
	Verdicts      []engine.Verdict // of a Swap: for each rule
	Late          bool             // the event came late
	// Err says why a silence, its end or an acknowledgement was not taken; of a
	// Swap, why its routes were not: nothing has changed then.
	Err error

	keep     bool // the planner wants this entry in the log
	handed   int  // so many changes the planner has
	caughtUp bool // the machine is where time is
	fired    map[alert.Fingerprint]bool
}

// Empty says that nothing was decided: had the entry been the passing of time,
// nobody would miss it.
func (o *Output) Empty() bool {
	return !o.keep && len(o.Changes) == 0 && len(o.Notifications) == 0 && len(o.Notes) == 0 && len(o.Questions) == 0
}

// New returns a Core without a past. rulesID names the files that set was
// loaded from.
func New(rulesID string, set *rules.Set, route dispatch.Config, opts engine.Options) (*Core, error) {
	planner, err := dispatch.New(route)
	if err != nil {
		return nil, err
	}
	return &Core{machine: engine.New(set, opts), planner: planner, rulesID: rulesID, route: route, wide: isWide(set)}, nil
}

// isWide says that rules about a host or the fleet use records. Events of one VM
// then let others catch up, as far as time has passed for them: with which entry
// their changes come must not depend on ticks that are not in the log.
func isWide(set *rules.Set) bool {
	return slices.ContainsFunc(set.Rules(), func(r *rules.Rule) bool { return r.Level > 0 && r.Scope != rules.ScopeVM })
}

// Step takes the next entry. A Swap must have its Rules.
func (c *Core) Step(e Entry) Output {
	c.clock = max(c.clock, e.At)
	var o Output
	switch {
	case e.Event != nil:
		if c.wide {
			o.take(c.machine.Advance(c.clock))
		}
		o.take(c.machine.Step(e.Event))
	case e.Swap != nil:
		o.Err = c.swap(e.Swap, &o)
	case e.Silence != nil:
		_, o.Err = c.planner.SetSilence(*e.Silence, c.clock)
	case e.Expire != nil:
		o.Err = c.planner.ExpireSilence(e.Expire.ID, e.Expire.By, c.clock)
	case e.Ack != nil:
		o.Err = c.ack(e.Ack)
	default:
		o.take(c.machine.Advance(c.clock))
	}
	c.hand(&o)
	c.catchUp(&o)
	c.hand(&o)
	c.plan(&o)
	return o
}

// hand gives the planner what changed. One entry can begin and end an alert. A
// route with a group_wait tells of that by itself, in one message; one that tells
// at once (group_wait 0, rule tests) owes its receiver both, so it has to decide in
// between.
func (c *Core) hand(o *Output) {
	for ; o.handed < len(o.Changes); o.handed++ {
		f := o.Changes[o.handed].Fingerprint
		switch {
		case o.Changes[o.handed].Status == alert.Firing:
			if o.fired == nil {
				o.fired = make(map[alert.Fingerprint]bool)
			}
			o.fired[f] = true
		case o.fired[f]:
			c.catchUp(o)
			c.plan(o)
			clear(o.fired)
		}
		c.planner.Step(o.Changes[o.handed], c.clock)
	}
}

// catchUp brings the machine to where time is, if a message is due that shows how
// alerts are now: it would else show which ticks went before, and those are not in
// the log.
func (c *Core) catchUp(o *Output) {
	if !o.caughtUp && len(c.planner.Stale(c.clock)) > 0 {
		o.caughtUp = true
		o.take(c.machine.Advance(c.clock))
	}
}

// plan lets the planner decide what is due, with what is newest of the alerts
// that it will show.
func (c *Core) plan(o *Output) {
	for _, f := range c.planner.Stale(c.clock) {
		if now, ok := c.machine.Look(f); ok {
			c.planner.Refresh(now)
		}
	}
	d := c.planner.Advance(c.clock)
	o.Notifications = append(o.Notifications, d.Notifications...)
	o.Notes = append(o.Notes, d.Notes...)
	o.keep = o.keep || d.Keep
}

func (o *Output) take(d engine.Decision) {
	o.Changes = append(o.Changes, d.Changes...)
	o.Questions = append(o.Questions, d.Questions...)
	o.Late = o.Late || d.Late
}

// swap takes the routes first: the old rules may end alerts, and those of the
// new rules must find theirs.
func (c *Core) swap(s *Swap, o *Output) error {
	if err := c.planner.Swap(s.Route, c.clock); err != nil {
		return err
	}
	d, verdicts := c.machine.Swap(s.Rules, c.clock)
	o.take(d)
	o.Verdicts = verdicts
	c.rulesID, c.route, c.wide = s.RulesID, s.Route, isWide(s.Rules)
	return nil
}

func (c *Core) ack(a *Ack) error {
	if a.Group != "" {
		return c.planner.AckGroup(a.Group, a.By, a.Comment, c.clock)
	}
	now, ok := c.machine.Look(a.Fingerprint)
	if !ok {
		return fmt.Errorf("no alert %s fires", a.Fingerprint)
	}
	return c.planner.Ack(a.Fingerprint, notifiers.Ack{
		Fingerprint: a.Fingerprint, StartsAt: now.StartsAt, By: a.By, Comment: a.Comment, At: c.clock,
	}, c.clock)
}

// Retell forgets who was told of what, and lets everything that fires be told
// anew with the next entry. Silences go on.
func (c *Core) Retell() error {
	planner, err := dispatch.New(c.route)
	if err != nil {
		return err
	}
	for _, s := range c.planner.View().Silences {
		if s.State != dispatch.Expired {
			_, _ = planner.SetSilence(s.Silence, c.clock) // it was taken before
		}
	}
	c.planner = planner
	for _, a := range c.machine.Active() {
		if a.Status == alert.Firing {
			planner.Step(a, c.clock)
		}
	}
	return nil
}

// Machine and Planner are for looking at, between two entries.
func (c *Core) Machine() *engine.Machine { return c.machine }

// Planner is for looking at: Explain, View.
func (c *Core) Planner() *dispatch.Planner { return c.planner }

// RulesID names the rules that decide, Route who is told, Clock the newest At.
func (c *Core) RulesID() string { return c.rulesID }

// Route is the newest one that was taken.
func (c *Core) Route() dispatch.Config { return c.route }

// Clock is the newest Entry.At, 0 before the first.
func (c *Core) Clock() int64 { return c.clock }
