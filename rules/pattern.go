package rules

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// pattern is a set of events and a condition on them.
type pattern struct {
	// conds are the programs by kind of event, in order of kind. Nil: every
	// event of the set. A kind of the set without a program never matches.
	conds  []condition
	events selector
	keys   []keyPlan // where the key is found, by kind of event, in order of kind

	written []string // names and globs as they stand in the file, sorted
	canon   string   // normal form of the expression, "" without one
	paths   []string // for each member of By, the member that stands for it here
}

// kindID is a kind of event that programs are compiled for. Of those that are
// not in the table each record is a kind, and all others are one.
type kindID struct {
	kind   qmp.Kind
	record string // name of the record, "" for any other event
}

// is reports whether the event is of the kind. A record may fall into the kind
// of all others: whoever asks goes through the records first.
func (id kindID) is(e *event.Event) bool {
	return id.kind == e.Kind && (id.record == "" || id.record == e.Name)
}

type condition struct {
	kindID
	prog *lang.Program
}

// holds reports whether the event in the frame is one of the pattern.
func (p *pattern) holds(f *lang.Frame) bool {
	if !p.events.has(f.Event.Kind, f.Event.Name) {
		return false
	}
	return p.conds == nil || holds(p.conds, f)
}

// holds asks the program for the event in the frame; without one the answer is
// no. There are nearly always one or two; at most as many as a glob matches.
func holds(conds []condition, f *lang.Frame) bool {
	for i := range conds {
		if conds[i].is(f.Event) {
			return conds[i].prog.True(f)
		}
	}
	return false
}

// patterns are what a rule looks for. Role reads the slices and the head of
// match: side by side they are few cache lines of many thousand rules.
type patterns struct {
	steps      []pattern // of sequence and all_of
	until      []pattern
	resolve    []pattern
	exceptions []exception
	match      pattern // of a rule without steps
}

// each calls f for every pattern until it returns false.
func (ps *patterns) each(f func(*pattern) bool) bool {
	for _, list := range [][]pattern{ps.resolve, ps.until, ps.steps} {
		for i := range list {
			if !f(&list[i]) {
				return false
			}
		}
	}
	return f(&ps.match)
}

// Wants reports whether an event of this type could be anything to the rule.
// The name counts only for events that are not in the table (qmp.Unknown).
func (r *Rule) Wants(kind qmp.Kind, name string) bool {
	return !r.patterns.each(func(p *pattern) bool { return !p.events.has(kind, name) })
}

// Role says what the event is to the rule: resolve patterns are asked first,
// exceptions after a match. A match of sequence and all_of is an event that some
// step or until matches: Hit says which. It sets f.Event and allocates nothing;
// everything else in the frame is the caller's.
func (r *Rule) Role(e *event.Event, f *lang.Frame) Role {
	f.Event = e
	for i := range r.patterns.resolve {
		if r.patterns.resolve[i].holds(f) {
			return RoleResolve
		}
	}
	for i := range r.patterns.until {
		if r.patterns.until[i].holds(f) {
			return RoleMatch
		}
	}
	if r.matches(f) && (len(r.patterns.exceptions) == 0 || r.exceptionFor(f) < 0) {
		return RoleMatch
	}
	return RoleNone
}

// matches reports whether the event is a match, or one of a step, but for
// exceptions.
func (r *Rule) matches(f *lang.Frame) bool {
	for i := range r.patterns.steps {
		if r.patterns.steps[i].holds(f) {
			return true
		}
	}
	return r.patterns.match.holds(f)
}
