package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// kind is what an event is to one key of a rule.
type kind int

const (
	match kind = iota
	resolve
	gone
)

// input is one event that concerns a key.
type input struct {
	placed
	kind kind
}

// key is one key of a rule in one lane, with all that concerns it in order.
type key struct {
	labels string
	inputs []input
}

// keys finds the keys of a rule in a lane: those of its matches (rule 6).
func (ln lane) keys(w World, r Rule) []key {
	var out []key
	for _, p := range ln.in {
		if !r.matches(p.Event) {
			continue
		}
		values := r.values(p.Event)
		labels := r.labels(p.Event, values)
		if slices.ContainsFunc(out, func(k key) bool { return k.labels == labels }) {
			continue
		}
		out = append(out, key{labels, ln.inputs(w, r, values)})
	}
	return out
}

// inputs lists what concerns the key with the given `by` values.
func (ln lane) inputs(w World, r Rule, values []string) []input {
	var in []input
	for _, p := range ln.in {
		if p.gone() && r.Scope == VM {
			// Rule 16: before rules see that event.
			in = append(in, input{p, gone})
		}
		switch {
		case r.resolves(p.Event):
			if r.applies(w, p.Event, values) {
				in = append(in, input{p, resolve})
			}
		case r.matches(p.Event):
			if slices.Equal(r.values(p.Event), values) {
				in = append(in, input{p, match})
			}
		}
	}
	return in
}

// matches is rule 6: name, condition, and no resolve pattern.
func (r Rule) matches(e Event) bool { return r.Match.matches(e) && !r.resolves(e) }

func (r Rule) resolves(e Event) bool {
	return slices.ContainsFunc(r.Resolve, func(p Pattern) bool { return p.matches(e) })
}

func (r Rule) names(event string) bool {
	for _, p := range append([]Pattern{r.Match}, r.Resolve...) {
		if slices.Contains(p.Events, event) {
			return true
		}
	}
	return false
}

// applies is rule 14: a resolve event is about the members of `by` that its
// definition has; one that it has and does not carry is about the empty value.
func (r Rule) applies(w World, e Event, values []string) bool {
	got := r.values(e)
	for i, member := range r.By {
		if w.Defines(e.Name, member) && got[i] != values[i] {
			return false
		}
	}
	return true
}

// values are those of `by`: absent and empty are the same.
func (r Rule) values(e Event) []string {
	vs := make([]string, len(r.By))
	for i, member := range r.By {
		if v, ok := e.Members[member]; ok && v != nil {
			vs[i] = fmt.Sprint(v)
		}
	}
	return vs
}

// labels are those of the key (rule 19), empty values left out.
func (r Rule) labels(e Event, values []string) string {
	p := r.Scope.cut(Place{e.Host, e.VM})
	all := map[string]string{"host": p.Host, "vm": p.VM}
	for i, member := range r.By {
		all[strings.NewReplacer("-", "_", ".", "_").Replace(member)] = values[i]
	}
	var ls []string
	for name, v := range all {
		if v != "" {
			ls = append(ls, name+"="+v)
		}
	}
	slices.Sort(ls)
	return strings.Join(ls, ",")
}

func (p Pattern) matches(e Event) bool {
	if !slices.Contains(p.Events, e.Name) {
		return false
	}
	for _, c := range p.Conds {
		if (e.Members[c.Member] == c.Value) != (c.Op == "==") {
			return false
		}
	}
	return true
}
