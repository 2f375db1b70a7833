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
	kind  qmp.Kind
	slots []int    // by member of Rule.By, for kinds in the table; noSlot: not there
	paths []string // the same for events that are not in the table
}

// noSlot stands for a member that the event does not define.
const noSlot = -1

// plan returns the plan for a kind of event, nil for one without.
func (p *pattern) plan(kind qmp.Kind) *keyPlan {
	for i := range p.keys {
		if p.keys[i].kind == kind {
			return &p.keys[i]
		}
	}
	return nil
}

// AppendKey appends the canonical text of each `by` value of a match, in the
// order of By: absent, null and "" are the same "". The texts may share the
// memory of the event.
func (r *Rule) AppendKey(dst []string, e *event.Event) []string {
	if len(r.By) == 0 {
		return dst
	}
	plan := r.patterns.match.plan(e.Kind)
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
	if len(r.By) == 0 {
		return dst
	}
	var plan *keyPlan
	for i := range r.patterns.resolve {
		if p := &r.patterns.resolve[i]; p.events.has(e.Kind, e.Name) {
			plan = p.plan(e.Kind)
			break
		}
	}
	var data qmp.Value
	if e.Kind == qmp.Unknown {
		data = qmp.ParseValue(e.Raw)
	}
	for i := range r.By {
		part := KeyPart{Any: true}
		switch {
		case plan == nil:
		case e.Kind == qmp.Unknown:
			if v := member(data, plan.paths[i]); !v.IsNil() {
				part = KeyPart{Value: v.Text()}
			}
		case plan.slots[i] != noSlot:
			part = KeyPart{Value: e.Field(plan.slots[i]).Text()}
		}
		dst = append(dst, part)
	}
	return dst
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
