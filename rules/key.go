package rules

import (
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// KeyPart is what a resolve event says about one member of the key.
type KeyPart struct {
	Value string
	Any   bool // the event does not know the member: it is about every value
}

// keyPlan says where the members of the key are in events of one kind.
type keyPlan struct {
	kindID
	// slots are by member of Rule.By; noSlot: the event does not define it. Nil
	// for events whose members are not known.
	slots []int
	paths []string // the same for events that are read from their text
}

// noSlot stands for a member that the event does not define.
const noSlot = -1

// plan returns the plan for an event, nil for one without.
func (p *pattern) plan(e *event.Event) *keyPlan {
	for i := range p.keys {
		if p.keys[i].is(e) {
			return &p.keys[i]
		}
	}
	return nil
}

// AppendKey appends the canonical text of each `by` value of a match, in the
// order of By: absent, null and "" are the same "". The texts may share the
// memory of the event.
func (r *Rule) AppendKey(dst []string, e *event.Event) []string {
	return r.appendKey(dst, e, &r.patterns.match)
}

// AppendStepKey is AppendKey for a step of sequence or all_of: different steps
// may find different keys in the same event.
func (r *Rule) AppendStepKey(dst []string, e *event.Event, step int) []string {
	return r.appendKey(dst, e, &r.patterns.steps[step])
}

func (r *Rule) appendKey(dst []string, e *event.Event, p *pattern) []string {
	if len(r.By) == 0 {
		return dst
	}
	plan := p.plan(e)
	if plan == nil {
		return append(dst, make([]string, len(r.By))...)
	}
	if e.Kind == qmp.Unknown {
		data := qmp.ParseValue(e.Raw)
		for _, path := range plan.paths {
			dst = append(dst, member(data, path).Text())
		}
		return dst
	}
	for _, slot := range plan.slots {
		if slot == noSlot {
			dst = append(dst, "")
			continue
		}
		dst = append(dst, e.Field(slot).Text())
	}
	return dst
}

// ResolveKey appends what an event that resolves says about each member of By,
// through the map of the pattern it belongs to. A member that the event's
// definition lacks is Any, and so is one that an event without a definition
// does not carry; an optional member that was not sent is "".
func (r *Rule) ResolveKey(dst []KeyPart, e *event.Event) []KeyPart {
	return r.partsOf(dst, e, r.patterns.resolve)
}

// UntilKey is ResolveKey for an event that an `until` pattern matches.
func (r *Rule) UntilKey(dst []KeyPart, e *event.Event) []KeyPart {
	return r.partsOf(dst, e, r.patterns.until)
}

// partsOf reads the key through the first of the patterns that has the event;
// all that have it say the same.
func (r *Rule) partsOf(dst []KeyPart, e *event.Event, patterns []pattern) []KeyPart {
	if len(r.By) == 0 {
		return dst
	}
	var plan *keyPlan
	for i := range patterns {
		if p := &patterns[i]; p.events.has(e.Kind, e.Name) {
			plan = p.plan(e)
			break
		}
	}
	var data qmp.Value
	if e.Kind == qmp.Unknown && plan != nil {
		data = qmp.ParseValue(e.Raw)
	}
	for i := range r.By {
		dst = append(dst, plan.part(i, e, data))
	}
	return dst
}

// part is what the event says about the i-th member of the key.
func (p *keyPlan) part(i int, e *event.Event, data qmp.Value) KeyPart {
	switch {
	case p == nil || p.slots != nil && p.slots[i] == noSlot:
		return KeyPart{Any: true}
	case e.Kind != qmp.Unknown:
		return KeyPart{Value: e.Field(p.slots[i]).Text()}
	}
	v := member(data, p.paths[i])
	return KeyPart{Value: v.Text(), Any: p.slots == nil && v.IsNil()}
}

// member returns the member with that path; a vendor's name may have dots of
// its own.
func member(data qmp.Value, path string) qmp.Value {
	if v := data.Get(path); !v.IsNil() {
		return v
	}
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		return qmp.Value{}
	}
	return member(data.Get(head), rest)
}
