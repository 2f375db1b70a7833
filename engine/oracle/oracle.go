package oracle

import (
	"math"
	"slices"
	"strings"
	"time"
)

// NoTime is a time that is not known.
const NoTime = math.MinInt64

// Event is one event as it arrived. Members are by path ("client.host"); a
// value is string, bool, int64 or float64.
type Event struct {
	Host, VM string
	Name     string
	Time     int64 // of its own, microseconds, or NoTime
	Received int64 // microseconds, or NoTime
	Members  map[string]any
}

// member is the value of a member, nil if it was not sent.
func (e Event) member(path string) any {
	switch path {
	case "vm.name":
		return e.VM
	case "event":
		return e.Name
	}
	return e.Members[path]
}

// Place is a VM: its identity is host and name together.
type Place struct{ Host, VM string }

// Ref is a piece of evidence: the event with this index in the recording,
// (Step) the QMPALERT_CLOCK_STEP that came right before it, with its seconds, or
// a record.
type Ref struct {
	Index   int
	Step    bool
	Seconds float64
	Record  *Event
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
	Shown    []string // values of Rule.Shown when the condition last held

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
	// Window bounds the matches in a window of having or all_of; 0: 10,000.
	Window int

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
	if w.Window == 0 {
		w.Window = 10_000
	}
	stamped := stamp(w, events)
	res := Result{Late: make([]bool, len(events))}
	var made []placed // records
	for _, r := range inOrder(rules) {
		for _, ln := range lanes(w, rules, r, events, stamped, made) {
			for i := range events {
				res.Late[i] = res.Late[i] || ln.lateWanted(r, i)
			}
			for _, k := range ln.keys(w, r) {
				x := live(w, r, ln, k)
				res.Changes = append(res.Changes, x.out...)
				for _, m := range x.records {
					m.level = level(rules, r)
					made = append(made, m)
				}
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

// inOrder are the rules so that records come before the rules that use them
// (rule 18: in order of dependency, then name).
func inOrder(rules []Rule) []Rule {
	sorted := slices.Clone(rules)
	slices.SortFunc(sorted, func(a, b Rule) int {
		if l := level(rules, a) - level(rules, b); l != 0 {
			return l
		}
		return strings.Compare(a.Name, b.Name)
	})
	return sorted
}

// level is 0 for a rule that uses no record, else one more than the greatest of
// those that it uses.
func level(rules []Rule, r Rule) int {
	l := 0
	for _, other := range rules {
		if other.Record && r.names(other.Name) {
			l = max(l, 1+level(rules, other))
		}
	}
	return l
}

func micros(d time.Duration) int64 { return d.Microseconds() }
