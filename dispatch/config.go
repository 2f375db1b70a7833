package dispatch

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

// Config is what a Planner decides by. It is plain data that goes through
// encoding/json without loss, because it is stored beside the decisions that
// were made by it. It is not changed after it was handed over.
type Config struct {
	// Route is the root of the tree: it matches every alert, and what it says
	// holds for the alerts whose rule names its receivers itself.
	Route Route `json:"route"`
	// Receivers are all that exist, in any order; names are unique.
	Receivers []Receiver `json:"receivers,omitempty"`
	// InhibitRules say which alerts hide which others while they fire.
	InhibitRules []InhibitRule `json:"inhibitRules,omitempty"`
	// TimeIntervals are those that routes name.
	TimeIntervals []TimeInterval `json:"timeIntervals,omitempty"`
	// ExternalURL is copied into each notification.
	ExternalURL string `json:"externalURL,omitempty"`
}

// Route is one node of the tree. Each is complete: what a child inherits was
// filled in by whoever made the Config.
type Route struct {
	// Receiver is told of what the route matches. A name that no receiver has is
	// answered by the root's; where that does not exist either, nobody is told.
	Receiver string `json:"receiver,omitempty"`
	// Matchers must all hold, in Alertmanager's text form. The root has none.
	Matchers []string `json:"matchers,omitempty"`
	// Continue lets the routes behind this one match too.
	Continue bool `json:"continue,omitempty"`
	// GroupBy are the labels that alerts of one message have in common;
	// GroupByAll ("...") makes each alert a group of its own.
	GroupBy    []string `json:"groupBy,omitempty"`
	GroupByAll bool     `json:"groupByAll,omitempty"`
	// GroupWait is how long the first message of a group waits for more alerts,
	// GroupInterval how far apart messages about new alerts are at least. Zero is
	// not at all.
	GroupWait     time.Duration `json:"groupWait,omitempty"`
	GroupInterval time.Duration `json:"groupInterval,omitempty"`
	// RepeatInterval is after how long an unchanged group is told again; zero is
	// never.
	RepeatInterval time.Duration `json:"repeatInterval,omitempty"`
	// MuteTimeIntervals and ActiveTimeIntervals name time intervals: in the first
	// nobody is told of a beginning, outside of the second (if there is one)
	// neither.
	MuteTimeIntervals   []string `json:"muteTimeIntervals,omitempty"`
	ActiveTimeIntervals []string `json:"activeTimeIntervals,omitempty"`
	// Escalate tells somebody else of what nobody acknowledged; nil is nobody.
	Escalate *Escalation `json:"escalate,omitempty"`
	Routes   []Route     `json:"routes,omitempty"`
}

// Escalation says who is told of alerts that nobody acknowledged, and how long
// after the receiver of the route was told.
type Escalation struct {
	After    time.Duration `json:"after"`
	Receiver string        `json:"receiver"`
}

// InhibitRule hides alerts that match the target while one fires that matches
// the source and has the same values of the labels Equal.
type InhibitRule struct {
	Name           string   `json:"name,omitempty"` // for people; may be empty
	SourceMatchers []string `json:"sourceMatchers,omitempty"`
	TargetMatchers []string `json:"targetMatchers,omitempty"`
	Equal          []string `json:"equal,omitempty"`
}

// TimeInterval gives a name to times of day, days and months.
type TimeInterval struct {
	Name      string                  `json:"name"`
	Intervals []alertmanager.Interval `json:"intervals,omitempty"`
}

// Receiver is one that can be told.
type Receiver struct {
	Name         string `json:"name"`
	SendResolved bool   `json:"sendResolved,omitempty"`
}
