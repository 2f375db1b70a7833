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
	ReasonMatch    Reason = "match"
	ReasonCount    Reason = "count"
	ReasonHaving   Reason = "having"
	ReasonSequence Reason = "sequence"
	ReasonAllOf    Reason = "all_of"
	ReasonAbsent   Reason = "absent"
	ReasonFor      Reason = "for" // whatever it was that held for so long
)

// Reasons of an end.
const (
	ReasonResolve      Reason = "resolve"       // a resolve event
	ReasonEnded        Reason = "ended"         // the condition is not true any more
	ReasonQuiet        Reason = "quiet"         // a notice closed; nobody is told
	ReasonNotConfirmed Reason = "not confirmed" // the query of `confirm` says no
	ReasonVMGone       Reason = "vm gone"       // QMPALERT_DISCONNECTED with gone
	ReasonRuleChanged  Reason = "rule changed"  // by a reload
	ReasonRuleRemoved  Reason = "rule removed"  // by a reload
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

	// What the rule says of its alerts; not part of the JSON form.
	Receivers []string // those that the rule names; empty lets the route decide
	Shadow    bool     // decided for the record: nobody is told
	Inhibits  []string // names of alerts that are silenced while this one fires
	Attach    []string // queries whose answers are to be sent along
}

// Evidence is the events that made an alert: the first 3 and the last 7, in
// order of evaluation; Omitted counts those between. After a sequence or all_of
// they are the events of the attempts that were completed, not the completions.
type Evidence struct {
	Events  []*event.Event
	Omitted int64
	// Bounded counts keys or matches that were forgotten because the bounds of
	// the rule's state were reached.
	Bounded int64
	// Note is a remark for people: why the alert fires without being confirmed.
	// "" if there is none. It may hold text that QEMU chose.
	Note string
}
