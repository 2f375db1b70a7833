package dispatch

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// View is a picture of a Planner that does not change any more and may be
// shared. Times are microseconds since 1970 UTC.
type View struct {
	At       int64         // until when time has passed
	Alerts   []AlertView   // that fire, in order of fingerprint
	Groups   []GroupView   // in order of key
	Silences []SilenceView // in order of ID
}

// AlertView is one alert that fires.
type AlertView struct {
	Fingerprint alert.Fingerprint
	StartsAt    int64
	Name        string
	Labels      alert.Labels
	Muted       []Mute         // what hides it from everybody; empty: nothing does
	Ack         *notifiers.Ack // nil: nobody acknowledged
	Groups      []MemberView   // in order of key
}

// MemberView is what an alert is to a group, and so to a receiver.
type MemberView struct {
	GroupKey  string
	Receiver  string
	Told      bool
	At        int64  // since when it was told; else when it will be, 0 while something hides it
	Muted     []Mute // what hides it from this receiver only
	Escalated bool
}

// GroupView is the alerts that one receiver is told of together.
type GroupView struct {
	Key          string
	Receiver     string
	Route        string // as `explain route` prints it
	Labels       alert.Labels
	Told         int   // alerts that fire and that the receiver knows of
	Waiting      int   // alerts that it is to be told of: hidden ones, and those over by now, included
	Last         int64 // message that was not quiet; 0: none yet
	Next         int64 // when something is due; 0: nothing is
	Escalated    string
	Escalation   bool // the group of a receiver of `escalate`
	Timeline     []notifiers.Moment
	Fingerprints []alert.Fingerprint // of its alerts that fire, in order
}

// SilenceView is a silence and what it does.
type SilenceView struct {
	Silence
	State State
	Hides []alert.Fingerprint // alerts that fire, in order
}

// Mute says what hides an alert.
type Mute struct {
	By   MuteKind `json:"by"`
	Name string   `json:"name"`           // the alert, the ID of the silence, the time interval
	Text string   `json:"text,omitempty"` // for people
}

// MuteKind is one of the things that hide alerts.
type MuteKind string

// What hides alerts.
const (
	ByInhibition   MuteKind = "inhibition"
	BySilence      MuteKind = "silence"
	ByTimeInterval MuteKind = "time interval"
)

// Explanation says what would happen to an alert with some labels.
type Explanation struct {
	Routes []RouteView // the whole tree from the root, each before its children
	Muted  []Mute      // what would hide it from everybody at that instant
}

// RouteView is one route and what it makes of the labels.
type RouteView struct {
	Depth    int    // 0 is the root
	Route    string // the matchers from the root on: {}/{severity="critical"}
	Matchers string // its own
	Matches  bool   // its own matchers hold
	Reached  bool   // the labels came this far: its parent matches and no route before it took them
	Decides  bool   // it tells its receiver
	Continue bool
	Receiver string // who is told, if it decides; "" is nobody

	GroupKey    string
	GroupLabels alert.Labels
	Settings    Settings
	Muted       []Mute // by its time intervals
}
