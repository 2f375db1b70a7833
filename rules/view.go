package rules

// PatternView is a pattern as it was understood.
type PatternView struct {
	Events []string // names and globs as written, sorted
	Expr   string   // normal form; "": every event
	// By says which member here stands for which member of the key, where these
	// differ.
	By map[string]string
}

// ExceptionView is an exception as it was understood.
type ExceptionView struct {
	Name, Expr string
	Expires    string // 2027-01-31, or ""
}

// View is what a compiled rule looks for, in words: for explanations, documents
// and coverage. The caller may keep and change it.
type View struct {
	Match                 PatternView // of a rule without steps
	Steps, Until, Resolve []PatternView
	Having                string
	Exceptions            []ExceptionView
}

// View returns what the rule looks for.
func (r *Rule) View() View {
	return View{}
}
