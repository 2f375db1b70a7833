package sources

import "github.com/qmpalert/qmpalert/event"

// State says how a connection is.
type State uint8

// The states of a connection. All but Connected are tried again.
const (
	Waiting   State = iota // nothing there yet, or nobody listens
	Connected              // events are being read
	Busy                   // another client holds the monitor
	Denied                 // no permission
	NotQMP                 // something else listens
)

var stateNames = [...]string{"waiting", "connected", "busy", "denied", "not QMP"}

// String returns the state for people.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}

// Status is a picture of one connection, or of a pattern that nothing matches.
type Status struct {
	Source  string   // "qmp:/run/qemu/db1.qmp"
	Host    string   // what events of it carry
	VM      event.VM // zero before it is known
	State   State
	Since   int64  // of State, microseconds since 1970, on the clock of Event.Received
	Reason  string // why it is not connected; "" while it is
	Version string // of QEMU, of the last connection; "" before the first
	Counts  Counts
}

// Counts are numbers of events since the source began. Received is always
// Emitted + Dropped + Pending; events that the source made itself are not in
// any of these.
type Counts struct {
	Received uint64 // read
	Emitted  uint64 // accepted by emit
	Dropped  uint64 // did not fit the queue, or nobody took them any more
	Pending  uint64 // in the queue, the one that emit has included

	Damaged        uint64 // values that were not JSON, skipped
	Oversized      uint64 // values above the size limit, skipped
	Unmatched      uint64 // answers that nobody waited for
	Mistyped       uint64 // members of events that are null or of the wrong type
	UnknownMembers uint64 // members of events that the table does not have
}

// Reporter is a source that can say how its connections are.
type Reporter interface {
	// Statuses returns one Status for each connection, sorted by Source. It
	// never blocks for long and is safe for concurrent use.
	Statuses() []Status
}
