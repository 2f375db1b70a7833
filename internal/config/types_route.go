package config

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/internal/diag"
)

// What a route has when nothing in the file says otherwise.
const (
	DefaultGroupWait      = time.Second
	DefaultGroupInterval  = time.Minute
	DefaultRepeatInterval = 4 * time.Hour
)

// Route is a node of the tree that decides who is told. It is complete: what it
// takes over from the route above it is filled in.
type Route struct {
	// Receiver is told of the alerts that end here; "" when the file has no
	// receivers.
	Receiver string
	// Matchers are in the form that Alertmanager prints; an alert comes here when
	// it matches all of them. The root has none.
	Matchers []string
	// Continue lets an alert that came here go on to the next sibling, too.
	Continue bool

	GroupBy        []string // names of labels; nil with GroupByAll
	GroupByAll     bool     // each alert is a group of its own
	GroupWait      time.Duration
	GroupInterval  time.Duration
	RepeatInterval time.Duration // 0: never

	// The names of time intervals. These are not taken over from above.
	MuteTimeIntervals   []string
	ActiveTimeIntervals []string

	Escalate *Escalation // nil: nobody else is told
	Routes   []Route     // the first one that matches takes the alert
	Pos      diag.Pos    // of the receiver's name, else of what comes nearest
}

// Escalation says who is told when nobody acknowledged an alert.
type Escalation struct {
	After    time.Duration // since the group was first told
	Receiver string
	Pos      diag.Pos
}

// InhibitRule says that alerts which match the target are not told while one
// that matches the source fires with the same values of the labels in Equal.
type InhibitRule struct {
	Name           string // for people; may be ""
	SourceMatchers []string
	TargetMatchers []string
	Equal          []string
	Pos            diag.Pos
}

// TimeInterval is a name for times that come again.
type TimeInterval struct {
	Name      string
	Intervals []alertmanager.Interval // one of them must hold
	Pos       diag.Pos
}
