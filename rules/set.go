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

// add appends a rule.
func (s *Set) add(r *Rule) {
	if s.byName == nil {
		s.byName = make(map[string]*Rule)
	}
	s.rules = append(s.rules, r)
	s.byName[r.Name] = r
}
