package lang

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// Frame is what an expression is evaluated on. One Frame is used again and
// again, by one goroutine, so that an evaluation allocates nothing.
type Frame struct {
	Event *event.Event // nil: all members and fixed names are nil
	// Time, if set, is what the name time means instead of Event.Time, in
	// microseconds since 1970 UTC.
	Time                qmp.Opt[int64]
	Count               int64
	FirstTime, LastTime int64 // microseconds since 1970 UTC, or qmp.NoTime

	// Exhausted counts evaluations that were given up because they took too
	// many steps; Faults those that hit a defect in a function. Both gave nil.
	Exhausted, Faults int64
}

func timeValue(us int64) qmp.Value { return qmp.Value{} }
