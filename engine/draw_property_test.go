package engine_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/engine/oracle"
)

// This file draws small worlds for the property tests: a few rules, a few VMs,
// and a stream made to hit ties and edges. All times lie on coarse grids, so
// that "exactly `within` later", "exactly the lateness" and the like happen in
// nearly every stream.

// world is what one property check runs on.
type world struct {
	oracle.World
	rules   []drawnRule
	events  []oracle.Event
	numbers []int // of the events; nil: by place
}

// drawnRule is a rule in the oracle's form and the `event` that stands in the
// rule file for it (a glob cannot be told from the names it stands for).
type drawnRule struct {
	oracle.Rule
	event string // "": the names
}

// kindOfEvent is what the tests know about an event, written down here once
// more by hand and not taken from the registry that the engine uses.
type kindOfEvent struct {
	name      string
	throttled bool
	members   []member
	record    bool
}

type member struct {
	path   string
	values []any // nil is "not sent"
}

// Sums of these are right only where nothing is rounded on the way.
var lengths = []any{int64(1), int64(2), int64(3), int64(10), int64(1<<53 + 1)}

var kindsOfEvent = vocabulary{
	{"QUORUM_REPORT_BAD", true, []member{{"node-name", []any{"a", "b"}}, {"type", []any{"read", "write"}}, {"error", []any{nil, "", "EIO"}}}, false},
	{"BLOCK_IO_ERROR", true, []member{{"device", []any{"a", ""}}, {"node-name", []any{"a", "b", nil}}, {"action", []any{"stop", "report"}}, {"nospace", []any{true, false, nil}}}, false},
	{"WATCHDOG", true, []member{{"action", []any{"reset", "pause"}}}, false},
	{"STOP", false, nil, false},
	{"RESUME", false, nil, false},
	{"BLOCK_JOB_COMPLETED", false, []member{{"type", []any{"mirror", nil}}, {"device", []any{"a", "b"}}, {"len", lengths}, {"offset", []any{int64(0), int64(-3), int64(7), nil}}, {"error", []any{nil, "EIO"}}}, false},
	{"BLOCK_JOB_READY", false, []member{{"type", []any{"mirror", "commit"}}, {"device", []any{"a", "b"}}, {"len", lengths}, {"offset", []any{int64(0), int64(7)}}}, false},
	{"BLOCK_JOB_ERROR", false, []member{{"device", []any{"a", "b"}}, {"action", []any{"stop", "report"}}}, false},
	{"JOB_STATUS_CHANGE", false, []member{{"id", []any{"a", "b"}}, {"status", []any{"running", "ready"}}}, false},
	{"DEVICE_DELETED", false, []member{{"device", []any{"a", "b", nil}}}, false},
	{"VNC_CONNECTED", false, []member{{"client.host", []any{"::1", "10.0.0.1"}}, {"client.service", []any{"1", "2"}}}, false},
	{"VNC_DISCONNECTED", false, []member{{"client.host", []any{"::1", "10.0.0.1"}}, {"client.service", []any{"1", "2"}}}, false},
	{"QMPALERT_DISCONNECTED", false, []member{{"gone", []any{true, false}}, {"clean", []any{true, false}}}, false},
	{"QMPALERT_CLOCK_STEP", false, nil, false}, // made by the engine, never drawn for a stream
}

// GoString is what rapid prints of a draw.
func (k kindOfEvent) GoString() string { return k.name }

// vocabulary is the events that a world speaks of: those of this file and the
// records of its rules.
type vocabulary []kindOfEvent

func (v vocabulary) of(name string) kindOfEvent {
	if i := slices.IndexFunc(v, func(k kindOfEvent) bool { return k.name == name }); i >= 0 {
		return v[i]
	}
	return kindOfEvent{name: name}
}

func (v vocabulary) throttled(name string) bool { return v.of(name).throttled }

func (v vocabulary) defines(event, path string) bool { return v.of(event).member(path) != nil }

func (k kindOfEvent) member(path string) *member {
	for i := range k.members {
		if k.members[i].path == path {
			return &k.members[i]
		}
	}
	return nil
}

// shape narrows what is drawn to what one property can speak about.
type shape struct {
	forms      []oracle.Form
	records    bool // some rules are records, and others use them
	exceptions bool
	confirm    bool
	scopes     []oracle.Scope
	noGone     bool // no VM goes away
	noSteps    bool // clocks are never set
	received   []int
	heldBack   bool // only rules that wait for late events
	everyKnown bool
	limits     bool // the end of the recording may come early
}

// How `received` is drawn: on no event, on all (never going back), on all with
// jitter, on some.
const (
	receivedNever = iota
	receivedAlways
	receivedJitter
	receivedSome
)

var anything = shape{
	forms: []oracle.Form{oracle.FormMatch, oracle.FormCount, oracle.FormCount, oracle.FormHaving,
		oracle.FormSequence, oracle.FormAllOf, oracle.FormAbsent},
	records: true, exceptions: true, confirm: true,
	scopes:   []oracle.Scope{oracle.VM, oracle.VM, oracle.Host, oracle.Fleet},
	received: []int{receivedNever, receivedAlways, receivedJitter, receivedSome},
}

// only narrows a shape to some forms.
func (s shape) only(forms ...oracle.Form) shape {
	s.forms = forms
	s.records, s.exceptions, s.confirm = false, false, false
	return s
}

func (s shape) draw(t *rapid.T) world {
	var w world
	w.Limit = -1
	if s.limits {
		w.Limit = sample(t, "limit", -1, -1, 0, time.Second, 5*time.Minute)
	}
	w.ClockStep = sample(t, "clock_step", 10*time.Second, 10*time.Second, 3*time.Second)
	places := []oracle.Place{{Host: "h1", VM: "a"}, {Host: "h1", VM: "b"}, {Host: "h2", VM: "a"}}
	places = places[:rapid.IntRange(1, len(places)).Draw(t, "places")]
	if s.everyKnown {
		w.Known = places
	} else {
		for _, p := range places {
			if sample(t, "known", false, false, true) {
				w.Known = append(w.Known, p)
			}
		}
	}
	// Few kinds of events in one world, so that rules and events meet.
	var kinds vocabulary
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(kindsOfEvent)-1), 2, 4, rapid.ID[int]).Draw(t, "kinds") {
		kinds = append(kinds, kindsOfEvent[n])
	}
	streamed := slices.Clone(kinds)
	d := ruleDrawer{T: t, shape: s, kinds: kinds, words: slices.Clone(kindsOfEvent), places: places, scopesOf: map[string]oracle.Scope{}}
	n := rapid.IntRange(1, 4).Draw(t, "rules")
	for i := range n {
		d.records = s.records && i < n-1 // who would use the last one?
		w.rules = append(w.rules, d.rule(i))
	}
	w.Throttled, w.Defines = d.words.throttled, d.words.defines
	if len(d.asked) > 0 {
		streamed = append(streamed, slices.Repeat(vocabulary{answers(d.asked)}, 2*len(streamed))...)
	}
	// What a VM or host makes that is gone is older than what those see that
	// do not wait for it any more: by how much is left to the engine.
	s.noGone = s.noGone || d.widened
	s.noSteps = s.noSteps || sample(t, "steady clocks", true, false)
	w.events = s.drawStream(t, streamed, places)
	return w
}

// answers are the events that answer the questions of confirm: about alerts
// with these fingerprints.
func answers(fingerprints []any) kindOfEvent {
	return kindOfEvent{name: "QMPALERT_ANSWER", members: []member{
		{"fingerprint", fingerprints},
		{"query", []any{"query-status", "query-status", "query-status", "query-status", "query-block"}},
		{"return.running", []any{true, false}},
		{"error", []any{nil, nil, nil, nil, nil, "timed out"}},
	}}
}

// globbed lists the events of this file that a glob stands for: never our own,
// and no records (rule 6).
func globbed(glob string) []string {
	var names []string
	for _, k := range kindsOfEvent {
		if strings.HasPrefix(k.name, strings.TrimSuffix(glob, "*")) && !strings.HasPrefix(k.name, "QMPALERT_") {
			names = append(names, k.name)
		}
	}
	return names
}

// allTake says that the value is one of the member's in each of the events: a
// word that is not in an enum is an error at load.
func (v vocabulary) allTake(events []string, path string, value any) bool {
	return !slices.ContainsFunc(events, func(e string) bool {
		return !slices.Contains(v.of(e).member(path).values, value)
	})
}

// shared lists the members that all of the events have.
func (v vocabulary) shared(events []string) []member {
	var ms []member
	for _, m := range v.of(events[0]).members {
		if !slices.ContainsFunc(events, func(e string) bool { return !v.defines(e, m.path) }) {
			ms = append(ms, m)
		}
	}
	return ms
}

func sample[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}
