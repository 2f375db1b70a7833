package rules

// Set is the rules of all files. It is immutable and safe for concurrent use.
type Set struct{ rules []*Rule }

// Rules returns the rules in order of file, group and rule. The caller must not
// change the slice. A nil Set has none.
func (s *Set) Rules() []*Rule {
	if s == nil {
		return nil
	}
	return s.rules
}

// Len is the number of rules.
func (s *Set) Len() int { return len(s.Rules()) }
