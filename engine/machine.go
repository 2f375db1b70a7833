package engine

import (
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/rules"
)

// Options of a Machine; the zero value has the defaults.
type Options struct {
	// ClockStep is how far back an event may be before its VM's newest time
	// without being taken for a step of the host's clock. Default 10s.
	ClockStep time.Duration
}

// Decision is what one call decided. Changes are in the order in which they
// were decided, which is in order of At for each alert but not across alerts.
type Decision struct {
	Changes []alert.Change
	Late    bool // the event was before the watermark of a rule that wants it
}

// New returns a machine without state.
func New(set *rules.Set, opts Options) *Machine { return nil }

// Know tells the machine of a VM before its first event: a rule of scope host
// or fleet waits for it. Used by a replay, which knows all its VMs.
func (m *Machine) Know(host, vm string) {}

// Step takes the next event in order of arrival. The event is only read, and
// cloned where it is kept.
func (m *Machine) Step(ev *event.Event) Decision { return Decision{} }

// Advance says that the wall clock (of event.Received) is now at received, in
// microseconds since 1970 UTC: silence lets time pass too. Advance(a) then
// Advance(b) is the same as Advance(b).
func (m *Machine) Advance(received int64) Decision { return Decision{} }

// Finish ends a recording: everything that waits is evaluated, then time runs
// on until no deadline is left, or for at most limit after the newest event
// (limit < 0: no limit).
func (m *Machine) Finish(limit time.Duration) Decision { return Decision{} }

// Verdict says what a reload did to one rule.
type Verdict struct {
	Group, Rule string
	Action      string // "kept", "added", "changed", "removed"
}

// Swap takes over another set of rules at the time at (microseconds, the same
// clock as Advance). Rules whose group, name and meaning are the same keep
// their windows and alerts; the others start anew, and the alerts they had
// resolve.
func (m *Machine) Swap(set *rules.Set, at int64) (Decision, []Verdict) { return Decision{}, nil }

// Snapshot returns the state as plain data; Restore makes a machine of it that
// goes on as if nothing had happened. set must be the rules that the snapshot
// was made with; a track whose rule is not in it is an error.
func (m *Machine) Snapshot() Snapshot { return Snapshot{} }

// Restore is the inverse of Snapshot.
func Restore(set *rules.Set, opts Options, s Snapshot) (*Machine, error) { return nil, nil }

// Machine is the whole running state. It is not safe for concurrent use.
type Machine struct{}

// Snapshot is the state of a Machine as plain data that encoding/json can
// carry.
type Snapshot struct{}
