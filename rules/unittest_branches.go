package rules

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// Branch is a place in a rule where tests should go both ways.
type Branch struct {
	Pos    diag.Pos
	Where  string // expr, having, step 2, resolve, until, exception "name"
	Source string // how it is written
}

// Prober evaluates the expressions of a rule as the engine does, and tells which
// way their branches went. It is not safe for concurrent use.
type Prober struct {
	rule     *Rule
	branches []Branch
	indexes  map[Branch]int // in branches

	match      probe
	steps      []probe
	until      []probe
	resolve    []probe
	exceptions []probe
	having     expression // without a program if there is none
}

// probe is one expression: for each of its programs where its branches are.
type probe struct {
	pattern     *pattern // nil for an exception
	conds       []condition
	expressions []expression
}

// expression is a program that tells which way its branches go.
type expression struct {
	program *lang.Coverage
	indexes []int // of its branches among those of the rule
}

// Prober returns one for a rule of the suite.
func (s *Suite) Prober(r *Rule) *Prober {
	w := s.specs[r]
	p := &Prober{rule: r, indexes: map[Branch]int{}}
	p.match = p.probe(&r.patterns.match, w.Expr, "expr")
	p.steps = p.patterns(r.patterns.steps, w.Steps, r.Form.String())
	p.until = p.patterns(r.patterns.until, w.Until, "until")
	p.resolve = p.patterns(r.patterns.resolve, w.Resolve, "resolve")
	for i := range r.patterns.exceptions {
		x := &r.patterns.exceptions[i]
		out := p.conditions(x.conds, w.Exceptions[i].Expr, "exception `"+x.name+"`")
		p.exceptions = append(p.exceptions, out)
	}
	if r.having != nil {
		p.having = p.expression(r.having, w.Having, "having")
	}
	return p
}

// Branches lists the places, in the order of the keys in a rule.
func (p *Prober) Branches() []Branch { return p.branches }

func (p *Prober) patterns(all []pattern, specs []patternSpec, where string) []probe {
	var out []probe
	for i := range all {
		out = append(out, p.probe(&all[i], specs[i].Expr, where))
	}
	return out
}

func (p *Prober) probe(of *pattern, n *yamldoc.Node, where string) probe {
	out := p.conditions(of.conds, n, where)
	out.pattern = of
	return out
}

func (p *Prober) conditions(conds []condition, n *yamldoc.Node, where string) probe {
	out := probe{conds: conds}
	for i := range conds {
		out.expressions = append(out.expressions, p.expression(conds[i].prog, n, where))
	}
	return out
}

// expression finds the branches of a program. Those of one source, compiled for
// several events, are the same.
func (p *Prober) expression(prog *lang.Program, n *yamldoc.Node, where string) expression {
	e := expression{program: prog.Coverage()}
	for _, b := range e.program.Branches() {
		at := Branch{n.Range(b.Offset, b.End), where, b.Source}
		i, ok := p.indexes[at]
		if !ok {
			i = len(p.branches)
			p.indexes[at] = i
			p.branches = append(p.branches, at)
		}
		e.indexes = append(e.indexes, i)
	}
	return e
}

// holds evaluates the program.
func (e *expression) holds(f *lang.Frame, hit func(branch int, holds bool)) bool {
	return e.program.Probe(f, func(branch int, holds bool) { hit(e.indexes[branch], holds) })
}

// Event shows an event to the patterns of the rule in the order in which Role
// asks them. It reports whether a pattern that makes matches has the type of the
// event, and whether the event is a match.
func (p *Prober) Event(e *event.Event, f *lang.Frame, hit func(branch int, holds bool)) (wanted, matches bool) {
	f.Event = e
	for i := range p.steps {
		wanted = wanted || p.steps[i].wants(e)
	}
	wanted = wanted || p.match.wants(e)
	for i := range p.resolve {
		if p.resolve[i].holds(f, hit) {
			return wanted, false
		}
	}
	for i := range p.until {
		p.until[i].holds(f, hit)
	}
	for i := range p.steps {
		matches = p.steps[i].holds(f, hit) || matches
	}
	matches = p.match.holds(f, hit) || matches
	for i := range p.exceptions {
		x := &p.rule.patterns.exceptions[i]
		if matches && (x.until == 0 || timeOf(f) < x.until) && p.exceptions[i].asked(f, hit) {
			return wanted, false
		}
	}
	return wanted, matches
}

// Having evaluates having on the aggregates of the frame.
func (p *Prober) Having(f *lang.Frame, hit func(branch int, holds bool)) {
	if p.having.program != nil {
		p.having.holds(f, hit)
	}
}

func (p *probe) wants(e *event.Event) bool { return p.pattern.events.has(e.Kind, e.Name) }

func (p *probe) holds(f *lang.Frame, hit func(branch int, holds bool)) bool {
	return p.wants(f.Event) && (p.conds == nil || p.asked(f, hit))
}

func (p *probe) asked(f *lang.Frame, hit func(branch int, holds bool)) bool {
	for i := range p.conds {
		if p.conds[i].is(f.Event) {
			return p.expressions[i].holds(f, hit)
		}
	}
	return false
}
