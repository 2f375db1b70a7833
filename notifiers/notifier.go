package notifiers

import (
	"context"

	"github.com/qmpalert/qmpalert/alert"
)

// Notifier sends messages to one receiver. Notify blocks until the far end
// has accepted the message, refused it, or ctx is done. It is called for one
// message at a time.
//
// prev is the Receipt of the last message about the same group to this
// receiver, "" for the first: a notifier that can edit its messages edits that
// one, others thread on it or ignore it. The Receipt returned replaces it; it
// is printable text that the caller stores without reading it. A Receipt that
// another kind of notifier made, before a reload, counts as "".
//
// Errors are *Error; any other error counts as Retry. A Receipt beside an
// error says that a part of the far end has the message (some of the addresses
// of a mail): the caller keeps the Receipt, reports the error and does not try
// again, unless the error says Resume.
type Notifier interface {
	Notify(ctx context.Context, n Notification, prev Receipt) (Receipt, error)
}

// Receipt is a notifier's own handle of a message that was sent.
type Receipt string

// Notification is one message to one receiver about a group of alerts. Its
// values may hold text that a guest chose; each notifier escapes for its
// output.
type Notification struct {
	// ID is derived from receiver, group key, fingerprint, start and place in
	// the alert's life: the same decision has the same ID on every machine.
	ID       string
	Receiver string
	GroupKey string
	Status   alert.Status // Firing, or Resolved when every alert is
	At       int64        // when it was decided, microseconds since 1970 UTC
	// Alerts are at most a thousand: first those that the message is about, then
	// others of the group that fire. Omitted counts those left out.
	Alerts  []alert.Change
	Omitted int
	// Since is when the first message about this life of the group was decided,
	// in microseconds since 1970 UTC: a group whose alerts were all over begins a
	// new life with the same key.
	Since int64

	// GroupLabels are the labels that all alerts of the group share by the
	// route's group_by; CommonLabels and CommonAnnotations those equal in all.
	GroupLabels       alert.Labels
	CommonLabels      alert.Labels
	CommonAnnotations alert.Labels

	// Attached is what the VM of the first alert said about itself when the alert
	// fired; empty where its rule wants nothing attached.
	Attached []Attachment

	// ExternalURL is where qmpalert can be reached, "" when nowhere.
	ExternalURL string

	// Kind is what the message is for; "" counts as Firing or Resolved, as Status
	// says.
	Kind Kind
	// Route is the route that led to the receiver, as `explain route` prints it.
	Route string
	// Timeline is the life of the group for this receiver, oldest first: at most
	// MaxTimeline moments.
	Timeline []Moment
	// Acks are the acknowledgements of alerts in the group, by fingerprint.
	Acks []Ack
	// Escalated names the receiver that was told because nobody acknowledged.
	Escalated string
	// Silence is the one that ends soon, for KindSilence.
	Silence *Silence
	// Carries has the IDs of the notifications that this one stands for, because
	// they waited too long to be sent each by itself; empty: it stands for itself.
	Carries []string
	// Digest lists what a message of KindDigest stands for.
	Digest []DigestEntry
	// Test marks the message of `qmpalert notify test`.
	Test bool
}

// Attachment is the answer to a read-only query that a rule wants to be sent
// along.
type Attachment struct {
	Query string // query-block
	// JSON is the answer; "" when there is none, for Error says why. Where Cut is
	// set, it is only the beginning, which is no JSON any more; it then ends with a
	// mark that says how much is missing.
	JSON  string
	Cut   bool
	Error string
}
