package state

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Batch is what was decided by stepping through entries of the log.
type Batch struct {
	// Position is that of the last entry that was stepped through.
	Position uint64
	// At is the time of the commit, in microseconds since 1970 UTC.
	At int64
	// Steps are the entries that decided something, in order of position.
	Steps []Step
}

// Step is what one entry of the log decided.
type Step struct {
	Position uint64
	Changes  []alert.Change
	Notes    []Note
	Puts     []Put
}

// Put is a notification and those who want it.
type Put struct {
	Notification notifiers.Notification
	Endpoints    []EndpointID
}

// Queued is a message that Commit has put into the outbox.
type Queued struct {
	Endpoint EndpointID
	Item     Item
}

// Commit keeps a batch in one transaction. When it returns without an error all
// of it survives the death of process and machine; with one, nothing has
// happened, and the same batch may be committed again. What was committed
// already, by position or by the ID of a notification, changes nothing, also if
// it was delivered since. Queued are the messages that are new, in order.
func (s *State) Commit(b Batch) ([]Queued, error) { return nil, errNotYet }
