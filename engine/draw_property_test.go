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
}

type member struct {
	path   string
	values []any // nil is "not sent"
}

var kindsOfEvent = []kindOfEvent{
	{"QUORUM_REPORT_BAD", true, []member{{"node-name", []any{"a", "b"}}, {"type", []any{"read", "write"}}, {"error", []any{nil, "", "EIO"}}}},
	{"BLOCK_IO_ERROR", true, []member{{"device", []any{"a", ""}}, {"node-name", []any{"a", "b", nil}}, {"action", []any{"stop", "report"}}, {"nospace", []any{true, false, nil}}}},
	{"WATCHDOG", true, []member{{"action", []any{"reset", "pause"}}}},
	{"STOP", false, nil},
	{"RESUME", false, nil},
	{"BLOCK_JOB_COMPLETED", false, []member{{"type", []any{"mirror", nil}}, {"device", []any{"a", "b"}}, {"len", []any{int64(1), int64(2)}}, {"error", []any{nil, "EIO"}}}},
	{"BLOCK_JOB_ERROR", false, []member{{"device", []any{"a", "b"}}, {"action", []any{"stop", "report"}}}},
	{"DEVICE_DELETED", false, []member{{"device", []any{"a", "b", nil}}}},
	{"VNC_CONNECTED", false, []member{{"client.host", []any{"::1", "10.0.0.1"}}, {"client.service", []any{"1", "2"}}}},
	{"QMPALERT_DISCONNECTED", false, []member{{"gone", []any{true, false}}, {"clean", []any{true, false}}}},
	{"QMPALERT_CLOCK_STEP", false, nil}, // made by the engine, never drawn for a stream
}

// GoString is what rapid prints of a draw.
func (k kindOfEvent) GoString() string { return k.name }

func kindOf(name string) kindOfEvent {
	return kindsOfEvent[slices.IndexFunc(kindsOfEvent, func(k kindOfEvent) bool { return k.name == name })]
}

func throttled(name string) bool { return kindOf(name).throttled }

func defines(event, path string) bool { return kindOf(event).member(path) != nil }

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
	scopes:   []oracle.Scope{oracle.VM, oracle.VM, oracle.Host, oracle.Fleet},
	received: []int{receivedNever, receivedAlways, receivedJitter, receivedSome},
}

func (s shape) draw(t *rapid.T) world {
	var w world
	w.Throttled, w.Defines = throttled, defines
	w.Limit = -1
	if s.limits {
		w.Limit = sample(t, "limit", -1, -1, 0, time.Second, 5*time.Minute)
	}
	w.ClockStep = sample(t, "clock_step", 10*time.Second, 10*time.Second, 3*time.Second)
	// Few kinds of events in one world, so that rules and events meet.
	names := rapid.SliceOfNDistinct(rapid.IntRange(0, len(kindsOfEvent)-1), 2, 4, rapid.ID[int]).Draw(t, "kinds")
	kinds := make([]kindOfEvent, len(names))
	for i, n := range names {
		kinds[i] = kindsOfEvent[n]
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "rules") {
		r := s.drawRule(t, kinds)
		r.Name = string(rune('A' + i))
		w.rules = append(w.rules, r)
	}
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
	w.events = s.drawStream(t, kinds, places)
	return w
}

func (s shape) drawRule(t *rapid.T, kinds []kindOfEvent) drawnRule {
	var r drawnRule
	r.Scope = sample(t, "scope", s.scopes...)
	r.Match = s.drawPattern(t, kinds)
	if len(r.Match.Conds) == 0 && sample(t, "glob", false, false, false, true) {
		r.event = sample(t, "event", "*", "BLOCK_*", "BLOCK_JOB_*")
		r.Match.Events = globbed(r.event)
	}
	for _, m := range shared(r.Match.Events) {
		if r.event == "" && m.path != "nospace" && sample(t, "by "+m.path, false, true) {
			r.By = append(r.By, m.path)
		}
	}
	switch sample(t, "form", "notice", "state", "state", "window", "window", "window and resolve") {
	case "state":
		r.Resolve = s.drawResolve(t, kinds)
	case "window":
		r.drawWindow(t)
	case "window and resolve":
		r.drawWindow(t)
		r.Resolve = s.drawResolve(t, kinds)
	}
	if r.Count > 0 || len(r.Resolve) > 0 {
		r.For = sample(t, "for", 0, 0, 500*time.Millisecond, time.Second, 5*time.Second)
	}
	if sample(t, "keep given", false, true) {
		r.KeepGiven, r.Keep = true, sample(t, "keep", time.Second, 2*time.Second, 10*time.Second)
		if r.Count > 0 && sample(t, "keep nothing", false, false, true) {
			r.Keep = 0 // elsewhere it does nothing, which the loader refuses
		}
	}
	if s.heldBack && r.Scope == oracle.VM && !slices.ContainsFunc(r.names(), throttled) {
		r.Match, r.event, r.By = oracle.Pattern{Events: []string{"WATCHDOG"}}, "", nil
	}
	return r
}

func (r drawnRule) names() []string {
	names := slices.Clone(r.Match.Events)
	for _, p := range r.Resolve {
		names = append(names, p.Events...)
	}
	return names
}

func (r *drawnRule) drawWindow(t *rapid.T) {
	r.Count = sample(t, "count", 2, 2, 3, 4, 1, 12)
	r.Within = sample(t, "within", time.Second, 2*time.Second, 3*time.Second, 10*time.Second)
}

func (s shape) drawResolve(t *rapid.T, kinds []kindOfEvent) []oracle.Pattern {
	var ps []oracle.Pattern
	for range sample(t, "resolves", 1, 1, 2) {
		ps = append(ps, s.drawPattern(t, kinds))
	}
	return ps
}

func (s shape) drawPattern(t *rapid.T, kinds []kindOfEvent) oracle.Pattern {
	var p oracle.Pattern
	for range sample(t, "names", 1, 1, 2) {
		if n := sample(t, "name", kinds...).name; !slices.Contains(p.Events, n) {
			p.Events = append(p.Events, n)
		}
	}
	for _, m := range shared(p.Events) {
		if sample(t, "condition on "+m.path, false, false, true) {
			v := sample(t, "value", m.values...)
			if v != nil && v != "" && allTake(p.Events, m.path, v) {
				p.Conds = append(p.Conds, oracle.Cond{Member: m.path, Op: sample(t, "op", "==", "!="), Value: v})
			}
		}
	}
	return p
}

// globbed lists the events of this file that a glob stands for: never our own
// (rule 6).
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
func allTake(events []string, path string, v any) bool {
	return !slices.ContainsFunc(events, func(e string) bool {
		return !slices.Contains(kindOf(e).member(path).values, v)
	})
}

// shared lists the members that all of the events have.
func shared(events []string) []member {
	var ms []member
	for _, m := range kindOf(events[0]).members {
		if !slices.ContainsFunc(events, func(e string) bool { return !defines(e, m.path) }) {
			ms = append(ms, m)
		}
	}
	return ms
}

func sample[T any](t *rapid.T, label string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t, label)
}
