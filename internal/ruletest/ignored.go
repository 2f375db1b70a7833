package ruletest

import (
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// ignored says why an event was nothing to the rule of a test: because of its
// type, or because of what its condition asks.
func ignored(c *Case, e *event.Event, at int64) string {
	r := c.Test.Rule
	switch {
	case r == nil:
		return "nothing to any rule"
	case !r.Wants(e.Kind, e.Name):
		return "nothing to " + r.Name + ": it waits for other events"
	}
	p := c.Suite.Prober(r)
	branches := p.Branches()
	var ways []string
	f := &lang.Frame{Time: qmp.Some(at)}
	_, matches := p.Event(e, f, func(branch int, holds bool) {
		way := " is false"
		if holds {
			way = " is true"
		}
		ways = append(ways, "`"+branches[branch].Source+"`"+way)
	})
	switch {
	case matches:
		return "no attempt waits for this step"
	case len(ways) == 0:
		return "nothing to end" // by a resolve or until
	}
	return "no match: " + strings.Join(ways, ", ")
}
