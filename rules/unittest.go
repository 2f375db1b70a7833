package rules

import (
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
)

// TestStart is the instant that `at: 0s` of a test means, in microseconds
// since 1970: Thursday, 1 January 2026, 00:00 UTC. It decides what `time` and
// the expiry dates of exceptions see.
const TestStart int64 = 1767225600_000000

// What an event of a test has where the test does not say it.
const (
	TestHost = "localhost"
	TestVM   = "vm1"
)

// Test is a unit test: events, and what becomes of them.
type Test struct {
	Name string
	Pos  diag.Pos
	// Rule is the alert or record whose tests this one stands in; nil in a test
	// file.
	Rule   *Rule
	Input  []TestInput // in order of time; of equal times in order of the file
	Expect []TestExpect
}

// TestInput is an event of a test. Its time is TestStart + At.
type TestInput struct {
	Pos   diag.Pos
	At    time.Duration
	Event *event.Event
	// Given is what the test says of the event's data, as JSON: the rest was
	// filled in. "" if it says nothing.
	Given string
}

// TestExpect is what must be the case when everything of an instant is done. A
// list that is nil was not written and is not compared.
type TestExpect struct {
	Pos diag.Pos
	At  time.Duration
	// Alert is the only alert that is looked at; "" stands for all of the rule
	// set. In the tests of a rule it is that rule.
	Alert    string
	Firing   *TestAlerts
	Pending  *TestAlerts
	Resolved *TestAlerts
	Notified *TestReceivers
}

// TestAlerts is a list of alerts: these and no others.
type TestAlerts struct {
	Pos    diag.Pos
	Alerts []TestAlert
}

// TestAlert is one alert of a list. Labels are those that are compared; the
// value "" says that the alert does not have the label.
type TestAlert struct {
	Pos    diag.Pos
	Labels alert.Labels
}

// TestReceivers is who is told at an instant: these and nobody else, in any
// order.
type TestReceivers struct {
	Pos   diag.Pos
	Names []string
}

// Tests returns the inline tests of the rule in the order of the file. The
// caller must not change them.
func (r *Rule) Tests() []Test { return r.tests }
