package deliver

import (
	"errors"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// EndpointID names one way to reach a receiver. It is what the outbox keeps
// things under, so it stays the same over restarts and reloads.
type EndpointID struct {
	Receiver string
	Name     string // unique for the receiver: "slack", "email 2"
}

// String is for logs.
func (e EndpointID) String() string { return e.Receiver + "/" + e.Name }

// Item is a message that waits for one endpoint, without its body. Times are
// microseconds since 1970 UTC.
type Item struct {
	Seq    uint64 // its place among those of the endpoint; never used for another one
	ID     string // of the notification
	Group  string
	Kind   notifiers.Kind
	Status alert.Status
	At     int64 // of the newest change it tells
	Put    int64 // when it was decided; of a composed one: when the first it carries was
	Tries  int   // that failed
	// Sealed says that the far end may have seen it, or that it was composed:
	// every further try has the same id and the same body.
	Sealed bool
	// Messages is how many decided messages it stands for: 1, or what a composed
	// one carries.
	Messages int
}

// Outcome is how a message came to its end.
type Outcome struct {
	At     int64  // microseconds since 1970 UTC
	Reason Reason // why it is a dead letter; "": delivered
	Partly bool   // some of the endpoint's addresses have it all the same
	Err    string // the last error, or a remark; may hold text from outside; "" if there is none
	Tries  int    // the last one included

	// Receipts are the handles that change with it, all in the same transaction.
	Receipts []GroupReceipt
	// Standing is what becomes of the standing message of its group.
	Standing Standing
}

// GroupReceipt is the handle of the last message about a group; "" forgets it.
type GroupReceipt struct {
	Group   string
	Receipt notifiers.Receipt
}

// Standing is what becomes of the message of a group that is sent again and
// again while it fires (Endpoint.Resend).
type Standing uint8

// What can become of it.
const (
	StandingStays Standing = iota
	StandingKeep           // this message is it now
	StandingDrop           // there is none any more
)

// Try is a try that failed and will be repeated.
type Try struct {
	At    int64 // microseconds since 1970 UTC
	Class notifiers.Class
	Err   string // may hold text from outside
	// Receipt, where it is not "", becomes the group's: the message was sent in
	// part, and the next try goes on with it. Such a Try must not be lost.
	Receipt notifiers.Receipt
}

// DeadLetter is a message that was given up.
type DeadLetter struct {
	Endpoint EndpointID
	Item     Item
	At       int64 // when it was given up; microseconds since 1970 UTC
	Reason   Reason
	Partly   bool
	Err      string // may hold text from outside
}

// ErrNoMessage means that the outbox has no such message, or that it is damaged.
// Any other error of an Outbox means that nothing was changed and that the same
// call may succeed later.
var ErrNoMessage = errors.New("no such message in the outbox")

// Outbox keeps what was decided until it is delivered. How messages get in is
// not part of it: that happens together with the decision, in one transaction.
// Each method that changes something is one transaction; when it has returned
// nil, what it did survives the death of process and machine.
//
// Its methods may be called by several goroutines, and may wait for the disk.
// Those that change a message of one endpoint are called by one goroutine at a
// time for that endpoint, except Revive.
type Outbox interface {
	// Endpoints returns the endpoints for which something waits, in any order.
	Endpoints() ([]EndpointID, error)
	// Items returns what waits for an endpoint, by Seq.
	Items(e EndpointID) ([]Item, error)
	// Load returns the body of what waits or of a dead letter.
	Load(e EndpointID, seq uint64) (notifiers.Notification, error)
	// Seal marks a message before it is tried for the first time. Of one that is
	// sealed it changes nothing.
	Seal(e EndpointID, seq uint64) error
	// Compose replaces messages that wait, in order of Seq, by n, which carries
	// them: sealed, under the Seq of the first, Put of the oldest, with the sum of
	// their Messages. An id that is carried stays known: deciding it again changes
	// nothing. ErrNoMessage, and no change, when one of them does not wait.
	Compose(e EndpointID, carried []uint64, n notifiers.Notification) (Item, error)
	// Done takes a message out: delivered, and nothing but the record of it is left,
	// or dead, and kept as a DeadLetter. ErrNoMessage when it does not wait.
	Done(e EndpointID, seq uint64, o Outcome) error
	// Tried counts a try that failed (Item.Tries) and keeps a record of it.
	// ErrNoMessage when it does not wait.
	Tried(e EndpointID, seq uint64, t Try) error
	// Receipt returns the handle of the last message about a group, "" if there
	// is none.
	Receipt(e EndpointID, group string) (notifiers.Receipt, error)
	// Standing returns the groups that have a standing message, sorted.
	Standing(e EndpointID) ([]string, error)
	// LoadStanding returns the standing message of a group.
	LoadStanding(e EndpointID, group string) (notifiers.Notification, error)
	// DropStanding forgets the standing message of a group, if there is one.
	DropStanding(e EndpointID, group string) error
	// DeadLetters returns what was given up, the oldest first. How many are kept
	// is up to the outbox.
	DeadLetters() ([]DeadLetter, error)
	// Revive lets a dead letter wait again: behind all others (with a new Seq),
	// sealed, without tries, Put at the given time. ErrNoMessage when there is none.
	Revive(e EndpointID, seq uint64, at int64) (Item, error)
}
