package rules

import (
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// Mutant is a rule with one change, of which a good test takes notice.
type Mutant struct {
	Rule *Rule
	Pos  diag.Pos // what was changed
	What string   // how: "`count`: 3 → 4"
}

// Mutants returns the rules that differ from r in one change: a threshold, a
// window, an operator, a literal, an event, a member of `by`, a step, an end, an
// exception, or the scope. Those that do not compile are left out, and so are
// those that mean the same as r or as another one. They are in the order of the
// file.
func (s *Suite) Mutants(r *Rule) []Mutant {
	w := s.specs[r]
	m := &mutator{suite: s, spec: w, rule: r}
	m.thresholds()
	m.expressions()
	m.macros()
	m.events()
	m.key()
	m.steps()
	m.ends()
	m.exceptions()
	m.confirm()
	var out []Mutant
	seen := map[string]bool{r.Meaning: true}
	for _, e := range m.edits {
		changed := *w
		e.apply(&changed)
		if r := s.recompile(&changed); r != nil && !seen[r.Meaning] {
			seen[r.Meaning] = true
			r.Inhibits = m.rule.Inhibits
			out = append(out, Mutant{r, e.pos, e.what})
		}
	}
	slices.SortStableFunc(out, func(a, b Mutant) int { return comparePos(a.Pos, b.Pos) })
	return out
}

func comparePos(a, b diag.Pos) int {
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Column - b.Column
}

// recompile compiles one rule again, nil if it is wrong. Nothing that it shares
// with other rules is changed.
func (s *Suite) recompile(w *spec) *Rule {
	l := s.scratch()
	r := l.compile(w)
	if l.found.HasErrors() {
		return nil
	}
	return r
}

// mutator collects the changes of one rule.
type mutator struct {
	suite *Suite
	spec  *spec
	rule  *Rule
	edits []edit
}

// edit is one change. It is applied to a copy of the spec and replaces what it
// changes: what is behind pointers and slices belongs to all copies.
type edit struct {
	pos   diag.Pos
	what  string
	apply func(*spec)
}

func (m *mutator) add(pos diag.Pos, apply func(*spec), format string, args ...any) {
	m.edits = append(m.edits, edit{pos, fmt.Sprintf(format, args...), apply})
}

// exceptions leaves each of them out.
func (m *mutator) exceptions() {
	for i, x := range m.spec.Exceptions {
		if x.Expr == nil {
			continue
		}
		name := ""
		if x.Name != nil {
			name = " `" + x.Name.Value + "`"
		}
		m.add(x.Expr.Pos, func(w *spec) {
			w.Exceptions = without(w.Exceptions, i)
			if len(w.Exceptions) == 0 {
				w.keys = withoutKey(w.keys, "exceptions")
			}
		}, "exception%s removed", name)
	}
	if m.spec.KeepOnExit {
		m.add(m.spec.keys.Key("on_vm_exit").Pos, func(w *spec) {
			w.KeepOnExit = false
			w.keys = withoutKey(w.keys, "on_vm_exit")
		}, "`on_vm_exit: keep` removed")
	}
}

// confirm leaves the question out.
func (m *mutator) confirm() {
	if m.spec.Confirm != nil {
		m.add(m.spec.Confirm.Query.Pos, func(w *spec) {
			w.Confirm = nil
			w.keys = withoutKey(w.keys, "confirm")
		}, "`confirm` removed")
	}
}

// without is a copy of a list that lacks one entry.
func without[T any](list []T, i int) []T {
	return slices.Delete(slices.Clone(list), i, i+1)
}

// withoutKey is a copy of a mapping that lacks a key.
func withoutKey(n *yamldoc.Node, key string) *yamldoc.Node {
	return &yamldoc.Node{Kind: n.Kind, Pos: n.Pos, Pairs: slices.DeleteFunc(slices.Clone(n.Pairs), func(p yamldoc.Pair) bool { return p.Key.Value == key })}
}

// rewritten is a text in the place of another one. Its positions are of no use
// to anybody.
func rewritten(text string) *yamldoc.Node {
	n, _ := yamldoc.Parse("", qmp.String(text).AppendJSON(nil))
	return n
}
