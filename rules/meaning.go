package rules

import (
	"fmt"
	"slices"
	"strings"
)

// meaning is the canonical form of everything that decides what the condition
// does, so that a reload knows which rules may keep their state. It is compared,
// never parsed; values are quoted so that no two rules look the same by accident.
// Level and the scope of the records are in it because they decide with which
// events a rule is evaluated together; what the records themselves mean is not.
func meaning(r *Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "record=%q form=%s scope=%s by=%q count=%d within=%s absent_for=%s for=%s keep=%s,%t lateness=%s level=%d,%s exit=%t",
		r.Record, r.Form, r.Scope, r.By, r.Count, r.Within, r.AbsentFor, r.For, r.KeepFiringFor, r.KeepGiven,
		r.Lateness, r.Level, r.WideRecords, r.KeepOnExit)
	if len(r.patterns.steps) == 0 {
		b.WriteString(" match=" + patternMeaning(&r.patterns.match))
	}
	for i := range r.patterns.steps {
		b.WriteString(" step=" + patternMeaning(&r.patterns.steps[i]))
	}
	if r.having != nil {
		fmt.Fprintf(&b, " having=%q", r.having.Canonical())
	}
	for _, line := range endsMeaning(r.patterns.until) {
		b.WriteString(" until=" + line)
	}
	for _, line := range endsMeaning(r.patterns.resolve) {
		b.WriteString(" resolve=" + line)
	}
	for _, line := range exceptionsMeaning(r.patterns.exceptions) {
		b.WriteString(" except=" + line)
	}
	if r.Confirm != nil && r.Confirm.prog != nil {
		fmt.Fprintf(&b, " confirm=%s,%q", r.Confirm.Query, r.Confirm.prog.Canonical())
	}
	return b.String()
}

func patternMeaning(p *pattern) string { return p.events.canonical() + " " + p.how() }

// how is what a pattern asks of its events.
func (p *pattern) how() string {
	return fmt.Sprintf("expr=%t,%q by=%q", p.conds != nil, p.canon, p.paths)
}

// endsMeaning has one line for each condition and map, whatever patterns it was
// spread over.
func endsMeaning(patterns []pattern) []string {
	union := map[string]*selector{}
	for i := range patterns {
		how := patterns[i].how()
		if union[how] == nil {
			union[how] = &selector{}
		}
		union[how].merge(&patterns[i].events)
	}
	lines := make([]string, 0, len(union))
	for how, s := range union {
		lines = append(lines, s.canonical()+" "+how)
	}
	slices.Sort(lines)
	return lines
}

// exceptionsMeaning leaves out the names: they explain.
func exceptionsMeaning(all []exception) []string {
	lines := make([]string, 0, len(all))
	for _, x := range all {
		lines = append(lines, fmt.Sprintf("%q,%d", x.canon, x.until))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
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
	for _, r := range o.records {
		if s.record(r.name) == nil {
			s.addRecord(r)
		}
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
	for _, r := range s.records {
		all = append(all, r.name)
	}
	return fmt.Sprintf("%q", all)
}
