package rules

import (
	"slices"

	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// patternList is one of the lists of patterns in a rule.
type patternList struct {
	key   string
	specs []patternSpec
	of    func(*spec) *[]patternSpec
}

func (m *mutator) lists() []patternList {
	key := "sequence"
	if m.rule.Form == FormAllOf {
		key = "all_of"
	}
	return []patternList{
		{key, m.spec.Steps, func(w *spec) *[]patternSpec { return &w.Steps }},
		{"until", m.spec.Until, func(w *spec) *[]patternSpec { return &w.Until }},
		{"resolve", m.spec.Resolve, func(w *spec) *[]patternSpec { return &w.Resolve }},
	}
}

// edit changes one pattern in a copy of the list.
func (l *patternList) edit(w *spec, i int, change func(*patternSpec)) {
	list := l.of(w)
	*list = slices.Clone(*list)
	change(&(*list)[i])
}

// drop leaves one pattern out.
func (l *patternList) drop(w *spec, i int) {
	list := l.of(w)
	*list = without(*list, i)
	if len(*list) == 0 {
		w.keys = withoutKey(w.keys, l.key)
	}
}

// events leaves each event of a list out.
func (m *mutator) events() {
	for i, n := range m.spec.Event {
		if len(m.spec.Event) > 1 {
			m.add(n.Pos, func(w *spec) { w.Event = without(w.Event, i) }, "`event`: %s removed", n.Value)
		}
	}
	for _, l := range m.lists() {
		for i, p := range l.specs {
			for j, n := range p.Event {
				if len(p.Event) > 1 {
					m.add(n.Pos, func(w *spec) {
						l.edit(w, i, func(p *patternSpec) { p.Event = without(p.Event, j) })
					}, "`%s`: %s removed", l.key, n.Value)
				}
			}
		}
	}
}

// key leaves each member of `by` out, and changes the scope.
func (m *mutator) key() {
	for i, n := range m.spec.By {
		m.add(n.Pos, func(w *spec) {
			w.By = without(w.By, i)
			if len(w.By) == 0 {
				w.keys = withoutKey(w.keys, "by")
			}
			for _, l := range m.lists() {
				for j := range l.specs {
					l.edit(w, j, func(p *patternSpec) {
						p.By = slices.DeleteFunc(slices.Clone(p.By), func(pair yamldoc.Pair) bool { return pair.Key.Value == n.Value })
					})
				}
			}
		}, "`by`: %s removed", n.Value)
	}
	pos := m.spec.Pos
	if n := m.spec.keys.Get("scope"); n != nil {
		pos = n.Pos
	}
	for _, to := range map[Scope][]Scope{ScopeVM: {ScopeHost}, ScopeHost: {ScopeVM, ScopeFleet}, ScopeFleet: {ScopeHost}}[m.spec.Scope] {
		m.add(pos, func(w *spec) { w.Scope = to }, "`scope`: %s → %s", m.spec.Scope, to)
	}
}

// steps leaves each step out and, where their order counts, swaps neighbours.
func (m *mutator) steps() {
	l := m.lists()[0]
	for i, p := range l.specs {
		if len(p.Event) == 0 {
			continue
		}
		m.add(p.Event[0].Pos, func(w *spec) { l.drop(w, i) }, "`%s`: step %d removed", l.key, i+1)
		if m.rule.Form == FormSequence && i > 0 {
			m.add(p.Event[0].Pos, func(w *spec) {
				w.Steps = slices.Clone(w.Steps)
				w.Steps[i-1], w.Steps[i] = w.Steps[i], w.Steps[i-1]
			}, "`sequence`: steps %d and %d swapped", i, i+1)
		}
	}
}

// ends leaves each pattern out that ends a condition or an attempt.
func (m *mutator) ends() {
	for _, l := range m.lists()[1:] {
		for i, p := range l.specs {
			if len(p.Event) == 0 {
				continue
			}
			what := p.Event[0].Value
			if len(p.Event) > 1 {
				what += ", …"
			}
			m.add(p.Event[0].Pos, func(w *spec) { l.drop(w, i) }, "`%s`: %s removed", l.key, what)
		}
	}
}
