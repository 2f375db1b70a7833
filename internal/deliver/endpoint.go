package deliver

import (
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Endpoint is one way to reach a receiver: one entry of its slack_configs,
// email_configs, webhook_configs.
type Endpoint struct {
	Receiver     string
	Name         string // unique for the receiver: "slack", "email 2"; printed
	SendResolved bool
	// Edits says that it changes its messages: it gets notifiers.KindUpdate.
	Edits bool
	// Whole says that programs read it: every message goes out by itself, none is
	// carried by another one.
	Whole bool
	// Resend is after how long the message of a group that fires is sent again,
	// until the group is resolved; 0: never. It implies Whole.
	Resend   time.Duration
	Timeout  time.Duration // of one try; 0: that of Options
	Limit    Limit
	Notifier notifiers.Notifier // a pointer: Swap compares
}

// Limit is how fast a far end wants to be told. Endpoints of one Key share it;
// each try counts, and so does each edit.
type Limit struct {
	Key   string        // what is limited: a channel of a workspace; "": there is no limit
	Every time.Duration // one message; 1s when 0
	Burst int           // that many at once, after a pause; at least 1
}

// ID is the endpoint's name in the outbox.
func (e *Endpoint) ID() EndpointID { return EndpointID{e.Receiver, e.Name} }

// wants says whether a message is for this endpoint.
func (e *Endpoint) wants(n *notifiers.Notification) bool {
	if n.Kind == notifiers.KindUpdate && !e.Edits {
		return false
	}
	return e.SendResolved || n.Status != alert.Resolved && n.Kind != notifiers.KindResolved
}

// folds says whether messages may be carried by others.
func (e *Endpoint) folds() bool { return !e.Whole && e.Resend <= 0 }
