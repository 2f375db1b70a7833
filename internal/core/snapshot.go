package core

import (
	"fmt"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/rules"
)

// Snapshot is the state of a Core as plain data that encoding/json carries
// without loss.
type Snapshot struct {
	RulesID string            `json:"rules"`
	Route   dispatch.Config   `json:"route"`
	Clock   int64             `json:"clock"`
	Engine  engine.Snapshot   `json:"engine"`
	Planner dispatch.Snapshot `json:"planner"`
}

// Snapshot copies the state out.
func (c *Core) Snapshot() Snapshot {
	return Snapshot{
		RulesID: c.rulesID, Route: c.route, Clock: c.clock,
		Engine: c.machine.Snapshot(), Planner: c.planner.Snapshot(),
	}
}

// Restore returns a Core that goes on where the snapshot was taken. set must be
// the rules that RulesID names.
func Restore(set *rules.Set, s Snapshot) (*Core, error) {
	machine, err := engine.Restore(set, s.Engine)
	if err != nil {
		return nil, fmt.Errorf("the state of the rules: %w", err)
	}
	planner, err := dispatch.Restore(s.Route, s.Planner)
	if err != nil {
		return nil, fmt.Errorf("the state of the routes: %w", err)
	}
	return &Core{machine: machine, planner: planner, rulesID: s.RulesID, route: s.Route, clock: s.Clock, wide: isWide(set)}, nil
}
