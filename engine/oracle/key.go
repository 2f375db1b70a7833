package oracle

import (
	"fmt"
	"slices"
	"strings"
)

// kind is what an event is to one key of a rule.
type kind int

const (
	match   kind = iota // of a pattern, or a step
	until               // it drops what was begun, and then may be a step
	resolve             // it ends the condition
	gone                // the VM goes away
	seen                // it shows that somebody is known
	lost                // the last that was known goes away
	answer              // to confirm
)

// input is one event that concerns a key.
type input struct {
	placed
	kind  kind
	steps []int // that it matches for this key, of sequence and all_of
}

// key is one key of a rule in one lane, with all that concerns it in order.
type key struct {
	place  Place
	values []string
	labels string
	inputs []input
}

// keys finds the keys of a rule in a lane: those of its matches (rule 6), and
// for absent_for without `by` that of whoever is known (rule 10).
func (ln lane) keys(w World, r Rule) []key {
	var out []key
	add := func(values []string) {
		if !slices.ContainsFunc(out, func(k key) bool { return slices.Equal(k.values, values) }) {
			out = append(out, key{ln.place, values, r.labels(ln.place, values), ln.inputs(w, r, values)})
		}
	}
	for _, p := range ln.in {
		switch {
		case r.Form == FormAbsent && len(r.By) == 0:
			if !p.record {
				add(nil)
			}
		case r.matches(p):
			for _, pattern := range r.patterns() {
				if pattern.matches(p.Event) {
					add(r.values(p.Event, pattern))
				}
			}
		}
	}
	return out
}

// inputs lists what concerns the key with the given `by` values.
func (ln lane) inputs(w World, r Rule, values []string) []input {
	var in []input
	known := map[Place]bool{}
	for _, p := range ln.in {
		v := Place{p.Host, p.VM}
		if !p.record && p.gone() {
			// Rule 16: before rules see that event.
			if r.Scope == VM && !r.KeepOnExit {
				in = append(in, input{p, gone, nil})
			}
			// With `on_vm_exit: keep` a VM is as if it were still there.
			if delete(known, v); len(known) == 0 && !(r.Scope == VM && r.KeepOnExit) {
				in = append(in, input{p, lost, nil})
			}
		} else if !p.record && !known[v] {
			known[v] = true
			if len(known) == 1 {
				in = append(in, input{p, seen, nil})
			}
		}
		if r.Confirm != nil && p.Name == "QMPALERT_ANSWER" {
			in = append(in, input{p, answer, nil})
		}
		if r.resolves(p.Event) {
			if slices.ContainsFunc(r.Resolve, func(pat Pattern) bool { return r.applies(w, p.Event, pat, values) }) {
				in = append(in, input{p, resolve, nil})
			}
			continue // such an event resolves and is nothing else
		}
		if slices.ContainsFunc(r.Until, func(pat Pattern) bool { return r.applies(w, p.Event, pat, values) }) {
			in = append(in, input{p, until, nil})
		}
		if !r.matches(p) {
			continue
		}
		var steps []int
		for i, pattern := range r.patterns() {
			if pattern.matches(p.Event) && slices.Equal(r.values(p.Event, pattern), values) {
				steps = append(steps, i)
			}
		}
		if steps != nil {
			in = append(in, input{p, match, steps})
		}
	}
	return in
}

// patterns are those whose events are matches.
func (r Rule) patterns() []Pattern {
	if r.Form == FormSequence || r.Form == FormAllOf {
		return r.Steps
	}
	return []Pattern{r.Match}
}

// matches is rule 6: name, condition, no exception, and no resolve pattern.
func (r Rule) matches(p placed) bool {
	return slices.ContainsFunc(r.patterns(), func(pat Pattern) bool { return pat.matches(p.Event) }) &&
		!r.excepted(p) && !r.resolves(p.Event)
}

func (r Rule) excepted(p placed) bool {
	return slices.ContainsFunc(r.Exceptions, func(x Exception) bool {
		return allTrue(x.Conds, p.Event) && (x.Until == NoTime || p.at < x.Until)
	})
}

func (r Rule) resolves(e Event) bool {
	return slices.ContainsFunc(r.Resolve, func(p Pattern) bool { return p.matches(e) })
}

// names says that the event stands in a pattern of the rule.
func (r Rule) names(event string) bool { return slices.Contains(r.allNames(), event) }

func (r Rule) allNames() []string {
	var all []string
	for _, ps := range [][]Pattern{r.patterns(), r.Until, r.Resolve} {
		for _, p := range ps {
			all = append(all, p.Events...)
		}
	}
	return all
}

// applies is rule 14: a resolve or until event that matches the pattern is
// about the members of `by` that its definition has; one that it has and does
// not carry is about the empty value.
func (r Rule) applies(w World, e Event, p Pattern, values []string) bool {
	if !p.matches(e) {
		return false
	}
	got := r.values(e, p)
	for i, member := range r.By {
		if w.Defines(e.Name, p.calls(member)) && got[i] != values[i] {
			return false
		}
	}
	return true
}

// calls is what the events of a pattern call a member of the key.
func (p Pattern) calls(member string) string {
	if own, ok := p.By[member]; ok {
		return own
	}
	return member
}

// values are those of `by`: absent and empty are the same.
func (r Rule) values(e Event, p Pattern) []string {
	vs := make([]string, len(r.By))
	for i, member := range r.By {
		if v := e.Members[p.calls(member)]; v != nil {
			vs[i] = fmt.Sprint(v)
		}
	}
	return vs
}

// labels are those of the key (rule 19), empty values left out.
func (r Rule) labels(p Place, values []string) string {
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
	return slices.Contains(p.Events, e.Name) && allTrue(p.Conds, e)
}

func allTrue(conds []Cond, e Event) bool {
	for _, c := range conds {
		if (e.member(c.Member) == c.Value) != (c.Op == "==") {
			return false
		}
	}
	return true
}
