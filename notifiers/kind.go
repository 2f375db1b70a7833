package notifiers

import "github.com/qmpalert/qmpalert/alert"

// Kind is what a message is for.
type Kind string

// The kinds.
const (
	// KindFiring: alerts of the group are new to the receiver.
	KindFiring Kind = "firing"
	// KindResolved: some alerts of the group ended, or all (Status Resolved).
	KindResolved Kind = "resolved"
	// KindRepeat: nothing changed, but the repeat_interval is over.
	KindRepeat Kind = "repeat"
	// KindUpdate is quiet: a count, an acknowledgement, an escalation. Only who
	// can edit the message that is there gets it.
	KindUpdate Kind = "update"
	// KindEscalation goes to the receiver of `escalate`.
	KindEscalation Kind = "escalation"
	// KindSilence: a silence that hides firing alerts ends soon.
	KindSilence Kind = "silence"
	// KindDigest lists many messages that waited while the receiver was away.
	KindDigest Kind = "digest"
)

// Purpose is the Kind, also where that is left to the status.
func (n *Notification) Purpose() Kind {
	switch {
	case n.Kind != "":
		return n.Kind
	case n.Status == alert.Resolved:
		return KindResolved
	}
	return KindFiring
}

// MaxTimeline bounds Notification.Timeline; between the first and the newest
// moments those that are too many are left out.
const MaxTimeline = 30

// Moment is one step in the life of a group, as its receiver may see it.
type Moment struct {
	At    int64    // microseconds since 1970 UTC
	What  What     // what happened
	Names []string // of the alerts concerned, for people; at most 5
	More  int      // further alerts that Names leaves out
	By    string   // who did it: a person, another alert, a receiver; "" if nobody
	Text  string   // a comment, a reason; "" if there is none
}

// What happened at a Moment.
type What string

// What can happen to a group.
const (
	Fired        What = "fired"
	Joined       What = "joined" // more alerts, after the first message
	Ended        What = "resolved"
	Acknowledged What = "acknowledged"
	Silenced     What = "silenced"
	Unsilenced   What = "unsilenced"
	Escalated    What = "escalated"
	Repeated     What = "repeated"
)

// Ack says that somebody takes care of an alert, for this life of it.
type Ack struct {
	Fingerprint alert.Fingerprint
	StartsAt    int64 // which life; microseconds since 1970 UTC
	By          string
	Comment     string
	At          int64 // microseconds since 1970 UTC
}

// Silence hides alerts from receivers for a time.
type Silence struct {
	ID        string
	Matchers  []string // in Alertmanager's form: severity="critical"
	StartsAt  int64    // microseconds since 1970 UTC
	EndsAt    int64
	CreatedBy string
	Comment   string
}

// DigestEntry is one message that a digest stands for.
type DigestEntry struct {
	ID       string
	GroupKey string
	Kind     Kind
	Status   alert.Status
	At       int64 // microseconds since 1970 UTC
	Summary  string
	Alerts   int // in that message
	Labels   alert.Labels
}
