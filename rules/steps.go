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
// match. Exceptions are applied to the steps, not to until.
func (r *Rule) Hit(e *event.Event, f *lang.Frame) Hit {
	return Hit{}
}

// AppendStepKey appends the canonical text of each `by` value of an event as
// step maps it: see AppendKey. Different steps may find different keys in the
// same event.
func (r *Rule) AppendStepKey(dst []string, e *event.Event, step int) []string {
	return r.AppendKey(dst, e)
}

// UntilKey appends what an `until` event says about each member of By: see
// ResolveKey.
func (r *Rule) UntilKey(dst []KeyPart, e *event.Event) []KeyPart {
	return r.ResolveKey(dst, e)
}

// Excepted reports which exception takes a match away. The event is in f; it
// is for traces and asks again what Role asked.
func (r *Rule) Excepted(e *event.Event, f *lang.Frame) (name string, yes bool) {
	return "", false
}

// KeyEvent is what stands for the newest match in the texts of a rule with
// absent_for: an event of the rule's name with no members but those of the key,
// at time t in microseconds since 1970.
func (r *Rule) KeyEvent(key []string, host, vm string, t int64) *event.Event {
	return &event.Event{Host: host, VM: event.VM{Name: vm}}
}
