package rules

import (
	"maps"
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// Suite is a rule set with what tests of it need beside: how its rules were
// written. It is safe for concurrent reading, not for concurrent Mutants.
type Suite struct {
	Set *Set

	loader *loader
	specs  map[*Rule]*spec
	number map[*Rule]int      // place in the set
	uses   map[*Rule][]*Rule  // records that a rule uses
	silent map[string][]*Rule // rules that inhibit an alert, by its name
}

// LoadSuite is Load for tests. The suite is nil if one of the findings is an
// error.
func LoadSuite(files []File, opts Options) (*Suite, diag.List) {
	l := newLoader(opts)
	specs, all := l.load(files)
	found := bounded(l.found)
	if found.HasErrors() {
		return nil, found
	}
	s := &Suite{Set: newSet(all), loader: l,
		specs: map[*Rule]*spec{}, number: map[*Rule]int{}, uses: map[*Rule][]*Rule{}, silent: map[string][]*Rule{}}
	for i, r := range all {
		s.specs[r], s.number[r] = specs[i], i
		specs[i].eachEvent(func(n *yamldoc.Node) {
			if used := s.Set.Rule(n.Value); used != nil && used.Record != "" && !slices.Contains(s.uses[r], used) {
				s.uses[r] = append(s.uses[r], used)
			}
		})
		for _, name := range r.Inhibits {
			s.silent[name] = append(s.silent[name], r)
		}
	}
	return s, found
}

// bindTests makes the inline tests of all rules.
func (l *loader) bindTests(specs []*spec, all []*Rule) {
	var b *testBinder
	for i, s := range specs {
		if len(s.Tests) == 0 {
			continue
		}
		if b == nil {
			b = l.testBinder(newSet(all))
		}
		var found diag.List
		b.found = &found
		all[i].tests = b.bind(s.Tests, all[i])
		for _, f := range found {
			l.found.Add(f.In(s.Group.name(), s.name()))
		}
	}
}

func (l *loader) testBinder(set *Set) *testBinder {
	b := &testBinder{rule: set.Rule, names: l.sortedRecords}
	b.record = func(name string) (def *qmp.Def, known bool) {
		m := l.made[name]
		if m == nil {
			return nil, l.recordNames[name]
		}
		return m.def, true
	}
	for _, r := range set.Rules() {
		if r.Record == "" {
			b.alerts = append(b.alerts, r.Name)
		}
	}
	return b
}

// In returns the rules that stand in some files.
func (s *Suite) In(files []string) *Set {
	var some []*Rule
	for _, r := range s.Set.Rules() {
		if slices.Contains(files, r.Pos.File) {
			some = append(some, r)
		}
	}
	return newSet(some)
}

// Bind makes the tests of a test file, which are about the rules of a set; that
// is a part of the suite's.
func (s *Suite) Bind(f *TestFile, set *Set) ([]Test, diag.List) {
	var found diag.List
	b := s.loader.testBinder(set)
	b.found = &found
	tests := b.bind(f.specs, nil)
	return tests, bounded(found)
}

// Around returns the rules that can have an influence on what becomes of these:
// themselves, the records that they use, and what inhibits them. They are in
// the order of the set.
func (s *Suite) Around(rules ...*Rule) *Set {
	in := map[*Rule]bool{}
	var add func(r *Rule)
	add = func(r *Rule) {
		if !in[r] {
			in[r] = true
			for _, used := range s.uses[r] {
				add(used)
			}
		}
	}
	for _, r := range rules {
		add(r)
		for _, by := range s.silent[r.Name] {
			add(by)
		}
	}
	some := slices.Collect(maps.Keys(in))
	slices.SortFunc(some, func(a, b *Rule) int { return s.number[a] - s.number[b] })
	return newSet(some)
}

// Replace returns the set with one rule in the place of another.
func (s *Set) Replace(old, by *Rule) *Set {
	all := slices.Clone(s.rules)
	if i := slices.Index(all, old); i >= 0 {
		all[i] = by
	}
	return newSet(all)
}
