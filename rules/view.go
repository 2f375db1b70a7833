package rules

import (
	"slices"

	"github.com/qmpalert/qmpalert/internal/lang"
)

// PatternView is a pattern as it was understood.
type PatternView struct {
	Events []string // names and globs as written, sorted
	Expr   string   // normal form; "": every event
	// By says which member here stands for which member of the key, where these
	// differ.
	By map[string]string

	prog *lang.Program // of one of the events
}

// Words says in plain English what the condition asks for, "" for every event.
func (p PatternView) Words() string { return describe(p.prog) }

// ExceptionView is an exception as it was understood.
type ExceptionView struct {
	Name, Expr string
	Expires    string // 2027-01-31, or ""

	prog *lang.Program
}

// Words says in plain English which matches do not count.
func (x ExceptionView) Words() string { return describe(x.prog) }

// View is what a compiled rule looks for, in words: for explanations, documents
// and coverage. The caller may keep and change it. Patterns are in the order of
// the file.
type View struct {
	Match                 PatternView // of a rule without steps
	Steps, Until, Resolve []PatternView
	Having                string // normal form
	Exceptions            []ExceptionView
	Confirm               string // normal form; "": none

	having, confirm *lang.Program
}

// HavingWords says in plain English what having asks for, "" without it.
func (v View) HavingWords() string { return describe(v.having) }

// ConfirmWords says in plain English what the answer must be, "" if nothing is
// asked.
func (v View) ConfirmWords() string { return describe(v.confirm) }

// describe costs as much as a compilation, so a view does it when asked.
func describe(p *lang.Program) string {
	if p == nil {
		return ""
	}
	return lang.Describe(p)
}

// View returns what the rule looks for.
func (r *Rule) View() View {
	v := View{Match: r.viewOf(&r.patterns.match)}
	for i := range r.patterns.steps {
		v.Steps = append(v.Steps, r.viewOf(&r.patterns.steps[i]))
	}
	for i := range r.patterns.until {
		v.Until = append(v.Until, r.viewOf(&r.patterns.until[i]))
	}
	for i := range r.patterns.resolve {
		v.Resolve = append(v.Resolve, r.viewOf(&r.patterns.resolve[i]))
	}
	if r.having != nil {
		v.Having, v.having = r.having.Canonical(), r.having
	}
	if r.Confirm != nil && r.Confirm.prog != nil {
		v.Confirm, v.confirm = r.Confirm.prog.Canonical(), r.Confirm.prog
	}
	for _, x := range r.patterns.exceptions {
		v.Exceptions = append(v.Exceptions, ExceptionView{x.name, x.canon, x.expires, anyProgram(x.conds)})
	}
	return v
}

func (r *Rule) viewOf(p *pattern) PatternView {
	v := PatternView{Events: slices.Clone(p.written), Expr: p.canon, prog: anyProgram(p.conds)}
	for i, path := range p.paths {
		if path != r.By[i] {
			if v.By == nil {
				v.By = map[string]string{}
			}
			v.By[r.By[i]] = path
		}
	}
	return v
}

// anyProgram is the program for one of the events: all say the same.
func anyProgram(conds []condition) *lang.Program {
	if len(conds) == 0 {
		return nil
	}
	return conds[0].prog
}

// Aggregates are those of having and of the texts of the rule: the value of the
// i-th is Frame.Aggregates[i]. The caller must not change the slice.
func (r *Rule) Aggregates() []lang.Aggregate {
	if r.aggregates == nil {
		return nil
	}
	return r.aggregates.List()
}

// HavingHolds reports whether having is true of the aggregates in the frame. It
// reads nothing else of it.
func (r *Rule) HavingHolds(f *lang.Frame) bool { return r.having.True(f) }
