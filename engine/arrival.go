package engine

import "github.com/qmpalert/qmpalert/event"

// arrival is an event on its way through the machine.
type arrival struct {
	event  *event.Event
	vm     *vm
	number uint64 // in order of arrival
	time   int64  // on the VM's time line
	kept   bool   // event is a clone that may be held
}

// keep returns the event for holding: one clone however many hold it.
func (in *arrival) keep() *event.Event {
	if !in.kept {
		in.event, in.kept = in.event.Clone(), true
	}
	return in.event
}
