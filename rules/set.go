package rules

// Set is the rules of all files. It is immutable and safe for concurrent use.
type Set struct {
	rules  []*Rule
	byName map[string]*Rule
}

// Rules returns the rules in order of file, group and rule. The caller must not
// change the slice. A nil Set has none.
func (s *Set) Rules() []*Rule {
	if s == nil {
		return nil
	}
	return s.rules
}

// Rule returns the alert or record of that name, nil if there is none.
func (s *Set) Rule(name string) *Rule {
	if s == nil {
		return nil
	}
	return s.byName[name]
}

// Len is the number of rules.
func (s *Set) Len() int { return len(s.Rules()) }

// newSet makes the set of rules whose names differ.
func newSet(all []*Rule) *Set {
	s := &Set{rules: all, byName: make(map[string]*Rule, len(all))}
	for _, r := range all {
		s.byName[r.Name] = r
	}
	return s
}
