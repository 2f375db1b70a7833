package rules

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
)

// Hit says to which patterns of a sequence or all_of an event belongs.
type Hit struct {
	Until bool
	Steps uint32 // bit i: step i
}

// Hit returns the patterns that an event matches, after Role said that it is a
// match. Exceptions are applied to the steps, not to until. It sets f.Event and
// allocates nothing.
func (r *Rule) Hit(e *event.Event, f *lang.Frame) Hit {
	f.Event = e
	var h Hit
	for i := range r.patterns.until {
		if r.patterns.until[i].holds(f) {
			h.Until = true
			break
		}
	}
	for i := range r.patterns.steps {
		if r.patterns.steps[i].holds(f) {
			h.Steps |= 1 << i
		}
	}
	if h.Steps != 0 && r.exceptionFor(f) >= 0 {
		h.Steps = 0
	}
	return h
}
