package rules

import (
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// thresholds changes numbers and spans: the count by one, a span to its half
// and its double. Smaller changes of a span would be noticed only by tests that
// know its last second.
func (m *mutator) thresholds() {
	if n := m.spec.Count; n != nil {
		for _, count := range []int{m.spec.count - 1, m.spec.count + 1} {
			if count >= 1 && count <= MaxCount {
				m.add(n.Pos, func(w *spec) { w.count = count }, "`count`: %d → %d", m.spec.count, count)
			}
		}
	}
	m.span("within", m.spec.Within, func(w *spec) **span { return &w.Within })
	m.span("absent_for", m.spec.AbsentFor, func(w *spec) **span { return &w.AbsentFor })
	m.span("for", m.spec.For, func(w *spec) **span { return &w.For })
	m.span("keep_firing_for", m.spec.Keep, func(w *spec) **span { return &w.Keep })
}

func (m *mutator) span(key string, s *span, of func(*spec) **span) {
	if s == nil || s.d == 0 {
		return
	}
	for _, d := range []time.Duration{(s.d / 2).Truncate(time.Millisecond), s.d * 2} {
		if d > 0 && d <= duration.Max {
			m.add(s.node.Pos, func(w *spec) { *of(w) = &span{s.node, d} }, "`%s`: %s → %s", key, duration.Format(s.d), duration.Format(d))
		}
	}
}

// expressions changes operators and literals.
func (m *mutator) expressions() {
	c := &compiler{loader: m.suite.scratch(), spec: m.spec}
	all := m.targets(c, m.spec.Event)
	for i := range m.spec.Steps {
		all = union(all, m.targets(c, m.spec.Steps[i].Event))
	}
	m.expr(c, m.spec.Expr, all, asCondition, "expr", func(w *spec, n *yamldoc.Node) { w.Expr = n })
	m.expr(c, m.spec.Having, all, asHaving, "having", func(w *spec, n *yamldoc.Node) { w.Having = n })
	for _, l := range m.lists() {
		for i, p := range l.specs {
			m.expr(c, p.Expr, m.targets(c, p.Event), asCondition, l.key, func(w *spec, n *yamldoc.Node) {
				l.edit(w, i, func(p *patternSpec) { p.Expr = n })
			})
		}
	}
	for i, x := range m.spec.Exceptions {
		m.expr(c, x.Expr, all, asCondition, "exception", func(w *spec, n *yamldoc.Node) {
			w.Exceptions = slices.Clone(w.Exceptions)
			w.Exceptions[i].Expr = n
		})
	}
	if x := m.spec.Confirm; x != nil {
		m.expr(c, x.Expr, []target{{name: x.Query.Value}}, asAnswer, "confirm", func(w *spec, n *yamldoc.Node) {
			w.Confirm = &confirmSpec{x.Query, n}
		})
	}
}

// expr changes one expression. What is possible may differ from event to event:
// whether all of them take it, compiling says.
func (m *mutator) expr(c *compiler, n *yamldoc.Node, targets []target, u use, where string, put func(*spec, *yamldoc.Node)) {
	if n == nil {
		return
	}
	type place struct {
		from, to int
		text     string
	}
	seen := map[place]bool{}
	for _, t := range targets {
		env := lang.Env{Event: t.def, Name: t.name, Vars: u.vars(), Defs: m.spec.Group.File.defs}
		if u == asHaving {
			env.Aggregates = &lang.Aggregates{}
		}
		for _, e := range lang.Mutants(n.Value, env, u.want()) {
			if at := (place{e.Offset, e.End, e.Text}); !seen[at] {
				seen[at] = true
				text := n.Value[:e.Offset] + e.Text + n.Value[e.End:]
				m.add(n.Range(e.Offset, e.End), func(w *spec) { put(w, rewritten(text)) }, "`%s`: %s", where, e.What)
			}
		}
	}
}

// targets are the kinds of events that names and globs stand for.
func (m *mutator) targets(c *compiler, events []*yamldoc.Node) []target {
	s := c.selector(events)
	return s.targets()
}

// scratch is a loader whose findings nobody wants.
func (s *Suite) scratch() *loader {
	l := *s.loader
	l.found, l.gates, l.told = nil, map[gateKey]bool{}, map[diag.Pos]bool{}
	return &l
}
