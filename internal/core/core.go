package core

import (
	"fmt"

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

	keep bool // the planner wants this entry in the log
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
	return &Core{machine: engine.New(set, opts), planner: planner, rulesID: rulesID, route: route}, nil
}

// Step takes the next entry. A Swap must have its Rules.
func (c *Core) Step(e Entry) Output {
	c.clock = max(c.clock, e.At)
	var o Output
	switch {
	case e.Event != nil:
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
	// One entry can begin and end an alert. A route with a group_wait tells of that
	// by itself, in one message; one that tells at once (group_wait 0, rule tests)
	// owes its receiver both, so it has to decide in between.
	var fired map[alert.Fingerprint]bool // by this entry
	for i := range o.Changes {
		change := &o.Changes[i]
		switch {
		case change.Status == alert.Firing:
			if fired == nil {
				fired = make(map[alert.Fingerprint]bool)
			}
			fired[change.Fingerprint] = true
		case fired[change.Fingerprint]:
			c.plan(&o)
			clear(fired)
		}
		c.planner.Step(*change, c.clock)
	}
	c.plan(&o)
	return o
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
	o.Changes, o.Questions, o.Late = d.Changes, d.Questions, d.Late
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
	c.rulesID, c.route = s.RulesID, s.Route
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
