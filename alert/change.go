package alert

import "github.com/qmpalert/qmpalert/event"

// Status is where an alert is in its life.
type Status string

// The life of an alert: inactive → pending → firing → resolved. Inactive, in a
// Change, is the end of an alert that was pending and never fired.
const (
	Inactive Status = "inactive"
	Pending  Status = "pending"
	Firing   Status = "firing"
	Resolved Status = "resolved"
)

// Reason says in one word why a change happened. It is printed.
type Reason string

// Reasons of a beginning.
const (
	ReasonMatch Reason = "match"
	ReasonCount Reason = "count"
	ReasonFor   Reason = "for"
)

// Reasons of an end.
const (
	ReasonResolve     Reason = "resolve"      // a resolve event
	ReasonEnded       Reason = "ended"        // the window ran out
	ReasonQuiet       Reason = "quiet"        // a notice closed; nobody is told
	ReasonVMGone      Reason = "vm gone"      // QMPALERT_DISCONNECTED with gone
	ReasonRuleChanged Reason = "rule changed" // by a reload
	ReasonRuleRemoved Reason = "rule removed" // by a reload
)

// Change is one step in the life of one alert. Times are microseconds since
// 1970 UTC; StartsAt and EndsAt are qmp.NoTime until the alert fired and was
// resolved. A Change is never modified after it was made.
type Change struct {
	At          int64
	Status      Status
	Name        string
	Labels      Labels
	Annotations Labels
	Fingerprint Fingerprint
	ActiveAt    int64
	StartsAt    int64
	EndsAt      int64
	Count       int64 // matches of the key since ActiveAt, the window's included
	Reason      Reason
	Evidence    Evidence

	// Receivers are those that the rule names; empty lets the route decide.
	// Not part of the JSON form.
	Receivers []string
}

// Evidence is the events that made an alert: the first 3 and the last 7, in
// order of evaluation; Omitted counts those between.
type Evidence struct {
	Events  []*event.Event
	Omitted int64
	// Bounded counts keys or matches that were forgotten because the bounds of
	// the rule's state were reached.
	Bounded int64
}
