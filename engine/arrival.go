package engine

import (
	"math"

	"github.com/qmpalert/qmpalert/event"
)

// arrival is an event on its way through the machine. Its event is the
// caller's, until somebody wants to hold it.
type arrival struct {
	event  *event.Event
	number uint64 // in order of arrival; of a record: that of what it was made of
	order  uint64 // the place among what has the same time
	from   *origin
	vm     *vm   // while it is being offered
	time   int64 // on the VM's time line, while it is being offered
	kept   *kept // a copy that may be held, or nil; the arrival is one of its holders
}

// The order of what has the same time: that of arrival, but for records that no
// event made (docs/semantics.md, rule 18).
const (
	orderLeave = 0              // made as matches left their windows, (a) of rule 5: before the events
	orderLast  = math.MaxUint64 // made by absent_for, (d) of rule 5: after them
)

// keep returns the event for holding: one copy however many hold it.
func (in *arrival) keep(s *store) *kept {
	if in.kept == nil {
		in.kept = s.copy(in.event)
		in.event = &in.kept.Event
	}
	return in.kept
}

// done ends the arrival.
func (in *arrival) done(s *store) {
	if in.kept != nil {
		s.drop(in.kept)
	}
}
