package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// macros changes the macros that the rule uses, for this rule alone: the tests
// of each rule that uses a macro have to notice.
func (m *mutator) macros() {
	file := m.spec.Group.File
	c := &compiler{loader: m.suite.scratch(), spec: m.spec}
	for _, i := range m.usedMacros() {
		node := file.macros[file.sources[i].Name]
		m.expr(c, node, m.allTargets(c), asCondition, "macro "+file.sources[i].Name, func(w *spec, n *yamldoc.Node) {
			changed := slices.Clone(file.sources)
			changed[i].Source = n.Value
			defs, problems := lang.NewDefinitions(file.lists, changed)
			if len(problems) > 0 {
				return // no change at all, which is the same as the rule itself
			}
			group, own := *w.Group, *file
			own.defs = defs
			group.File = &own
			w.Group = &group
		})
	}
}

// usedMacros returns the numbers of the macros whose names stand in expressions
// of the rule, or in macros that do.
func (m *mutator) usedMacros() []int {
	file := m.spec.Group.File
	if file == nil || len(file.sources) == 0 {
		return nil
	}
	text := m.sources()
	used := make([]bool, len(file.sources))
	for more := true; more; {
		more = false
		for i, macro := range file.sources {
			if !used[i] && strings.Contains(text, macro.Name) {
				used[i], more = true, true
				text += "\n" + macro.Source
			}
		}
	}
	var out []int
	for i := range used {
		if used[i] {
			out = append(out, i)
		}
	}
	return out
}

// sources is the text of all expressions of the rule.
func (m *mutator) sources() string {
	var b strings.Builder
	add := func(n *yamldoc.Node) {
		if n != nil {
			b.WriteString(n.Value + "\n")
		}
	}
	add(m.spec.Expr)
	add(m.spec.Having)
	for _, l := range m.lists() {
		for _, p := range l.specs {
			add(p.Expr)
		}
	}
	for _, x := range m.spec.Exceptions {
		add(x.Expr)
	}
	return b.String()
}

// allTargets are the kinds of events that any pattern of the rule is about.
func (m *mutator) allTargets(c *compiler) []target {
	all := m.targets(c, m.spec.Event)
	for _, l := range m.lists() {
		for i := range l.specs {
			all = union(all, m.targets(c, l.specs[i].Event))
		}
	}
	return all
}
