package rules

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// exception takes matches away.
type exception struct {
	name    string
	conds   []condition
	until   int64  // it is over from this time on, in microseconds since 1970; 0: never
	expires string // as it is written
	canon   string // normal form of the expression
}

// exceptionFor returns the first exception that takes the event in the frame
// away, -1 if none does.
func (r *Rule) exceptionFor(f *lang.Frame) int {
	for i := range r.patterns.exceptions {
		x := &r.patterns.exceptions[i]
		if (x.until == 0 || timeOf(f) < x.until) && holds(x.conds, f) {
			return i
		}
	}
	return -1
}

// timeOf is the time of the event in the frame. One without a time is before
// everything.
func timeOf(f *lang.Frame) int64 {
	if f.Time.Set {
		return f.Time.V
	}
	if f.Event.Time == qmp.NoTime {
		return f.Event.Received
	}
	return f.Event.Time
}

// Excepted reports which exception takes away what would be a match, or a match
// of a step, otherwise. It sets f.Event; it is for traces and asks again what
// Role asked.
func (r *Rule) Excepted(e *event.Event, f *lang.Frame) (name string, yes bool) {
	f.Event = e
	for i := range r.patterns.resolve {
		if r.patterns.resolve[i].holds(f) {
			return "", false
		}
	}
	if !r.matches(f) {
		return "", false
	}
	if i := r.exceptionFor(f); i >= 0 {
		return r.patterns.exceptions[i].name, true
	}
	return "", false
}
