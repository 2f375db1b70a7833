package rules

import (
	"fmt"
	"slices"
	"strings"
)

// meaning is the canonical form of everything that decides what the rule does,
// so that a reload knows which rules may keep their state. It is compared, never
// parsed; values are quoted so that no two rules look the same by accident.
func (c *compiler) meaning(r *Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "scope=%s event=%s expr=%q by=%q count=%d within=%s for=%s keep=%s,%t lateness=%s",
		r.Scope, r.patterns.match.events.canonical(), c.canon, r.By,
		r.Count, r.Within, r.For, r.KeepFiringFor, r.KeepGiven, r.Lateness)
	for _, line := range c.resolveMeaning(r) {
		b.WriteString(" resolve=" + line)
	}
	return b.String()
}

// resolveMeaning has one line for each condition and map, whatever patterns it
// was spread over.
func (c *compiler) resolveMeaning(r *Rule) []string {
	union := map[string]*selector{}
	for i := range r.patterns.resolve {
		how := fmt.Sprintf("expr=%t,%q by=%q", r.patterns.resolve[i].conds != nil, c.canons[i], c.maps[i])
		if union[how] == nil {
			union[how] = &selector{}
		}
		union[how].merge(&r.patterns.resolve[i].events)
	}
	lines := make([]string, 0, len(union))
	for how, s := range union {
		lines = append(lines, s.canonical()+" "+how)
	}
	slices.Sort(lines)
	return lines
}

// merge adds the events of another selector.
func (s *selector) merge(o *selector) {
	for i := range s.kinds {
		s.kinds[i] |= o.kinds[i]
	}
	for _, n := range o.names {
		s.names = insert(s.names, n)
	}
	for _, g := range o.globs {
		s.globs = insert(s.globs, g)
	}
}

// canonical lists globs, and the names that none of them matches. Kinds have no
// stable number, so names stand for them.
func (s *selector) canonical() string {
	all := slices.Clone(s.globs)
	covered := func(name string) bool {
		return slices.ContainsFunc(s.globs, func(g string) bool { return globMatches(g, name) })
	}
	for _, d := range s.kinds.all() {
		if !covered(d.Name) {
			all = append(all, d.Name)
		}
	}
	for _, n := range s.names {
		if !covered(n) {
			all = append(all, n)
		}
	}
	return fmt.Sprintf("%q", all)
}
