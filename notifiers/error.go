package notifiers

import (
	"fmt"
	"time"
)

// Class is what a caller does about a failure.
type Class uint8

const (
	// Retry: the far end could not; try the same message again later.
	Retry Class = iota
	// Wait: the far end said when; nothing is sent to it before Error.After.
	Wait
	// Misconfigured: the far end refuses us (token, channel, address); another
	// try is useless until somebody mends the configuration.
	Misconfigured
	// Rejected: the far end refuses this message; others may pass.
	Rejected
)

// String names the class as logs and the delivery history print it.
func (c Class) String() string {
	switch c {
	case Wait:
		return "wait"
	case Misconfigured:
		return "misconfigured"
	case Rejected:
		return "rejected"
	default:
		return "retry"
	}
}

// Error is a failure to deliver. Op says what was tried, Err what came back;
// neither holds a secret.
type Error struct {
	Class Class
	After time.Duration // with Wait: how long; 0 when the far end did not say
	// Resume says, of an error that comes with a Receipt, that the message was sent
	// in part and that the rest is to be tried again with this Receipt.
	Resume bool
	Op     string // "chat.postMessage", "RCPT TO", "POST"
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Op, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
