package aggregate

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// Accumulator is an aggregate over a window of matches: a queue whose newest
// end is pushed and whose oldest end is popped.
type Accumulator interface {
	// Push adds the newest match, of which v is the argument; nil is skipped, but
	// counts as a match for Pop. Strings, lists and objects are kept as they are
	// and must not change until their match was popped.
	Push(v qmp.Value)
	// Pop removes the oldest match. There must be one.
	Pop()
	// Value is the aggregate of the matches that are in the window. It may share
	// memory with a value that was pushed and not popped.
	Value() qmp.Value
}

// New returns the accumulator of an aggregate over an empty window. The
// percentile p is that of lang.AggPercentile, within the length of the window,
// which lang.AggRate divides by.
func New(f lang.AggFunc, p float64, within time.Duration) Accumulator { return nil }
