package dispatch

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Decision is what became due: messages to send and, for each of them and for
// each that was not sent, the reason.
type Decision struct {
	Notifications []notifiers.Notification
	Notes         []Note
	// Keep says that this passing of time changed what later decisions look like
	// although nothing was decided: the caller has to log it, so that the log
	// gives the same decisions again. It happens at most every UpdateEvery.
	Keep bool
}

// Empty says that nothing was decided and nothing has to be logged.
func (d *Decision) Empty() bool {
	return len(d.Notifications) == 0 && len(d.Notes) == 0 && !d.Keep
}

// Note is one decision about one life of one alert: who was told, who was not,
// and why. Together the notes of a life are its story, as `explain alert`
// prints it.
type Note struct {
	At             int64             `json:"at"` // microseconds since 1970 UTC
	Fingerprint    alert.Fingerprint `json:"fingerprint"`
	StartsAt       int64             `json:"startsAt"` // which life; microseconds since 1970 UTC
	What           What              `json:"what"`
	GroupKey       string            `json:"groupKey,omitempty"`
	Receiver       string            `json:"receiver,omitempty"`
	NotificationID string            `json:"notificationID,omitempty"` // of the message that tells it
	By             string            `json:"by,omitempty"`             // a person, an alert, a silence, a time interval
	Text           string            `json:"text,omitempty"`           // the reason, for people
}

// What was decided.
type What string

// The decisions.
const (
	Routed       What = "routed"       // the receiver is to be told, by which route and when
	Told         What = "told"         // that it fires
	Repeated     What = "repeated"     // that it still fires
	Escalated    What = "escalated"    // told because nobody acknowledged
	EndTold      What = "end told"     // that it is over
	Muted        What = "muted"        // By hides it from now on
	Unmuted      What = "unmuted"      // and does not any more
	Acknowledged What = "acknowledged" // By takes care of it
	Warned       What = "warned"       // the silence By, which hides it, ends soon
	NotTold      What = "not told"     // nobody, or not this receiver, and never of this
)
