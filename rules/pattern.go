package rules

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// pattern is a set of events and a condition on them.
type pattern struct {
	events selector
	// conds are the programs by kind of event, in order of kind. Nil: every
	// event of the set. A kind of the set without a program never matches.
	conds []condition
	keys  []keyPlan // where the key is found, by kind of event, in order of kind
}

type condition struct {
	kind qmp.Kind
	prog *lang.Program
}

// holds reports whether the event in the frame is one of the pattern.
func (p *pattern) holds(f *lang.Frame) bool {
	e := f.Event
	if !p.events.has(e.Kind, e.Name) {
		return false
	}
	if p.conds == nil {
		return true
	}
	// Nearly always one or two; at most as many as a glob matches.
	for i := range p.conds {
		if p.conds[i].kind == e.Kind {
			return p.conds[i].prog.True(f)
		}
	}
	return false
}

// patterns are what a rule looks for.
type patterns struct {
	match   pattern
	resolve []pattern
}

// Wants reports whether an event of this type could be anything to the rule.
// The name counts only for events that are not in the table (qmp.Unknown).
func (r *Rule) Wants(kind qmp.Kind, name string) bool {
	if r.patterns.match.events.has(kind, name) {
		return true
	}
	for i := range r.patterns.resolve {
		if r.patterns.resolve[i].events.has(kind, name) {
			return true
		}
	}
	return false
}

// Role says what the event is to the rule: resolve patterns are asked first. It
// sets f.Event and allocates nothing; everything else in the frame is the
// caller's.
func (r *Rule) Role(e *event.Event, f *lang.Frame) Role {
	f.Event = e
	for i := range r.patterns.resolve {
		if r.patterns.resolve[i].holds(f) {
			return RoleResolve
		}
	}
	if r.patterns.match.holds(f) {
		return RoleMatch
	}
	return RoleNone
}
