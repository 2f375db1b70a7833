package lang

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Branch is a condition inside of an expression that is true or false by
// itself: an operand of and, or, not, or what ?: asks.
type Branch struct {
	Offset, End int    // bytes of the source; of the use, if it is inside of a macro
	Source      string // how it is written, there or in the macro
}

// Coverage is a condition that tells about its branches. It is immutable and
// safe for concurrent use with one Frame for each goroutine.
type Coverage struct {
	program  *Program
	root     *probe
	branches []Branch
}

// Coverage compiles the condition once more, with its branches apart.
func (p *Program) Coverage() *Coverage {
	c, root := p.again()
	v := &Coverage{}
	v.root = c.probe(root, v)
	q := *p
	q.locals = c.locals
	v.program = &q
	return v
}

// Branches lists the branches of the condition in the order of the source.
// What is constant is none: it could never go both ways.
func (p *Program) Branches() []Branch { return p.Coverage().branches }

// Probe is True that tells hit about each branch that was evaluated: its index
// in Branches and whether it holds. It compiles the condition first; who has
// many events takes Coverage.
func (p *Program) Probe(f *Frame, hit func(branch int, holds bool)) bool {
	return p.Coverage().Probe(f, hit)
}

// Branches lists the branches in the order of the source.
func (v *Coverage) Branches() []Branch { return slices.Clone(v.branches) }

// Probe is Program.Probe.
func (v *Coverage) Probe(f *Frame, hit func(branch int, holds bool)) bool {
	f.begin(v.program)
	holds := v.root.holds(f, hit)
	return f.end() && holds
}

// probe is a piece of a condition.
type probe struct {
	kind  probeKind
	parts []*probe
	test  cond // of a branch or a constant
	index int  // of a branch
	value eval // of a let
	slot  int
}

type probeKind uint8

const (
	probeBranch probeKind = iota
	probeConstant
	probeAnd
	probeOr
	probeNot
	probeIf
	probeLet
)

func (p *probe) holds(f *Frame, hit func(int, bool)) bool {
	switch p.kind {
	case probeConstant:
		return p.test(f)
	case probeAnd:
		return p.parts[0].holds(f, hit) && p.parts[1].holds(f, hit)
	case probeOr:
		return p.parts[0].holds(f, hit) || p.parts[1].holds(f, hit)
	case probeNot:
		return !p.parts[0].holds(f, hit)
	case probeIf:
		if p.parts[0].holds(f, hit) {
			return p.parts[1].holds(f, hit)
		}
		return p.parts[2].holds(f, hit)
	case probeLet:
		f.locals[p.slot] = p.value(f)
		return p.parts[0].holds(f, hit)
	}
	holds := p.test(f)
	hit(p.index, holds)
	return holds
}

// probe lowers a condition with its branches apart.
func (c *compiler) probe(n ast.Node, v *Coverage) *probe {
	if c.isConstant(n) {
		return &probe{kind: probeConstant, test: c.cond(n)}
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		if isNot(n.Operator) {
			return &probe{kind: probeNot, parts: []*probe{c.probe(n.Node, v)}}
		}
	case *ast.BinaryNode:
		switch spelling(n.Operator) {
		case "and":
			return &probe{kind: probeAnd, parts: []*probe{c.probe(n.Left, v), c.probe(n.Right, v)}}
		case "or":
			return &probe{kind: probeOr, parts: []*probe{c.probe(n.Left, v), c.probe(n.Right, v)}}
		}
	case *ast.ConditionalNode:
		return &probe{kind: probeIf, parts: []*probe{c.probe(n.Cond, v), c.probe(n.Exp1, v), c.probe(n.Exp2, v)}}
	case *ast.VariableDeclaratorNode:
		p := &probe{kind: probeLet, slot: c.local(1), value: c.value(n.Value)}
		c.lets = append(c.lets, letName{n.Name, p.slot})
		p.parts = []*probe{c.probe(n.Expr, v)}
		c.lets = c.lets[:len(c.lets)-1]
		return p
	}
	p := &probe{test: c.cond(n), index: len(v.branches)}
	v.branches = append(v.branches, c.branch(n))
	return p
}

// isConstant reports whether n has no name in it but those of lists.
func (c *compiler) isConstant(n ast.Node) bool {
	if id, ok := n.(*ast.IdentifierNode); ok {
		return c.isList(id)
	}
	for _, child := range children(n) {
		if *child != nil && !c.isConstant(*child) {
			return false
		}
	}
	return true
}

// branch finds out where a branch stands.
func (c *compiler) branch(n ast.Node) Branch {
	w := c.written(n)
	use, _ := c.unexpanded(w.at)
	b := Branch{Offset: byteOffset(c.src, use.From), End: byteOffset(c.src, use.To)}
	b.Source = c.textOf(w)
	return b
}
