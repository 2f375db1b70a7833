package aggregate

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// Accumulator is an aggregate over a window of matches: a queue whose newest
// end is pushed and whose oldest end is popped. It is for one goroutine.
type Accumulator interface {
	// Push adds the newest match, of which v is the argument; nil is skipped, but
	// counts as a match for Pop. Strings, lists and objects are kept as they are
	// and must not change until their match was popped.
	Push(v qmp.Value)
	// Pop removes the oldest match. On an empty window it does nothing.
	Pop()
	// Value is the aggregate of the matches that are in the window. It may share
	// memory with a value that was pushed and not popped.
	Value() qmp.Value
}

// New returns the accumulator of an aggregate over an empty window. The
// percentile p, 0 to 100, is that of lang.AggPercentile; within is the length of
// the window, which lang.AggRate divides by.
func New(f lang.AggFunc, p float64, within time.Duration) Accumulator {
	switch f {
	case lang.AggCountIf:
		return new(countIf)
	case lang.AggDistinct:
		return new(distinct)
	case lang.AggSum:
		return new(sum)
	case lang.AggAvg:
		return new(avg)
	case lang.AggMin:
		return &extreme{sign: 1}
	case lang.AggMax:
		return &extreme{sign: -1}
	case lang.AggFirst:
		return new(first)
	case lang.AggLast:
		return new(last)
	case lang.AggStddev:
		return new(stddev)
	case lang.AggPercentile:
		return &percentile{q: p / 100}
	case lang.AggChanges:
		return new(changes)
	case lang.AggRate:
		return &rate{seconds: within.Seconds()}
	case lang.AggFirstSeen:
		return new(firstSeen)
	}
	return new(count) // lang.AggCount
}
