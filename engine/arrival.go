package engine

import "github.com/qmpalert/qmpalert/event"

// arrival is an event on its way through the machine. Its event is the
// caller's, until somebody wants to hold it.
type arrival struct {
	event  *event.Event
	vm     *vm
	number uint64 // in order of arrival
	time   int64  // on the VM's time line
	kept   *kept  // a copy that may be held, or nil; the arrival is one of its holders
}

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
