package oracle

import (
	"math"
	"slices"
	"strings"
	"time"
)

// NoTime is a time that is not known.
const NoTime = math.MinInt64

// Scope says what besides the `by` values makes the key of a rule.
type Scope int

// The scopes, narrow to wide.
const (
	VM Scope = iota
	Host
	Fleet
)

// Rule is a rule as docs/semantics.md describes it.
type Rule struct {
	Name  string
	Match Pattern
	Scope Scope
	By    []string

	Count  int           // 0: no window
	Within time.Duration // 0: no window
	For    time.Duration // 0: none

	Resolve []Pattern

	Keep      time.Duration // only when KeepGiven
	KeepGiven bool

	Lateness      time.Duration // only when LatenessGiven
	LatenessGiven bool
}

// Pattern matches an event by name and members. An event matches when its name
// is one of Events and every condition is true.
type Pattern struct {
	Events []string
	Conds  []Cond
}

// Cond compares one member (by its path, as QMP spells it) with a literal:
// string, bool or int64. Op is "==" or "!=". A member that was not sent is nil,
// which is equal to no literal.
type Cond struct {
	Member string
	Op     string
	Value  any
}

// Event is one event as it arrived. Members are by path ("client.host"); a
// value is string, bool or int64.
type Event struct {
	Host, VM string
	Name     string
	Time     int64 // of its own, microseconds, or NoTime
	Received int64 // microseconds, or NoTime
	Members  map[string]any
}

// Place is a VM: its identity is host and name together.
type Place struct{ Host, VM string }

// Ref is a piece of evidence: the event with this index in the recording, or
// (Step) the QMPALERT_CLOCK_STEP that came right before it, with its seconds.
type Ref struct {
	Index   int
	Step    bool
	Seconds float64
}

// Change is one step in the life of one alert.
type Change struct {
	At       int64
	Status   string
	Rule     string
	Labels   string // "host=h1,node_name=c,vm=a": the key, in order of name
	ActiveAt int64
	StartsAt int64 // NoTime until it fired
	EndsAt   int64 // NoTime until it resolved
	Count    int
	Reason   string
	Evidence []Ref
	Omitted  int

	// Out is the index of the event after whose arrival the change must be
	// known, len(events) when only the end of the recording shows it.
	Out int
}

// World is what is true of a run besides rules and events.
type World struct {
	ClockStep time.Duration // 0: the default, 10s
	Known     []Place       // VMs that are known before their first event
	// Limit is how long time runs on after the newest event of the recording;
	// negative: until no deadline is left.
	Limit time.Duration

	Throttled func(event string) bool         // QEMU holds such events back
	Defines   func(event, member string) bool // the event's definition has the member
}

// Result is the outcome of a run.
type Result struct {
	Changes []Change // by At, rule, labels, then as they happened
	Late    []bool   // per event: it was before the watermark of a rule that wants it
}

// Run evaluates the rules over the recording.
func Run(w World, rules []Rule, events []Event) Result {
	if w.ClockStep == 0 {
		w.ClockStep = 10 * time.Second
	}
	stamped := stamp(w, events)
	res := Result{Late: make([]bool, len(events))}
	for _, r := range rules {
		for _, ln := range lanes(w, r, events, stamped) {
			for i := range events {
				res.Late[i] = res.Late[i] || ln.lateWanted(r, i)
			}
			for _, k := range ln.keys(w, r) {
				res.Changes = append(res.Changes, live(w, r, ln, k)...)
			}
		}
	}
	slices.SortStableFunc(res.Changes, func(a, b Change) int {
		switch {
		case a.At < b.At:
			return -1
		case a.At > b.At:
			return 1
		case a.Rule != b.Rule:
			return strings.Compare(a.Rule, b.Rule)
		}
		return strings.Compare(a.Labels, b.Labels)
	})
	return res
}

func micros(d time.Duration) int64 { return d.Microseconds() }
