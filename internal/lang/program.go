package lang

import (
	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// Program is a compiled expression. It is immutable and safe for concurrent
// use with one Frame for each goroutine.
type Program struct {
	// What an evaluation reads comes first, in one cache line.
	cond   cond
	eval   eval
	locals int      // values that let and predicates need in the Frame
	kind   qmp.Kind // of the events whose slots the closures use

	constant          bool // no name, so the same for every Frame
	source, canonical string
	equalities        []Equality

	// What it was made from, for those who ask about its parts.
	env  Env
	want Want
}

// eval is a piece of a program that gives a value, cond one that answers a
// condition: nil is false there.
type (
	eval func(*Frame) qmp.Value
	cond func(*Frame) bool
)

// True evaluates the expression as a condition: anything but true is false.
func (p *Program) True(f *Frame) bool {
	f.begin(p)
	holds := p.cond(f)
	return f.end() && holds
}

// Value evaluates the expression. Strings in the result may share memory with
// the event.
func (p *Program) Value(f *Frame) qmp.Value {
	f.begin(p)
	if v := p.eval(f); f.end() {
		return v
	}
	return qmp.Value{}
}

// again returns the checked tree of the program, and who made it. It is not
// kept: few ask for it, and trees are large.
func (p *Program) again() (*compiler, ast.Node) {
	c := &compiler{src: p.source, env: p.env, want: p.want}
	if p.env.Aggregates != nil {
		c.env.Aggregates = p.env.Aggregates.clone() // others may be reading it
	}
	root, _ := c.checked()
	c.register()
	return c, root
}

// Source is the text that was compiled.
func (p *Program) Source() string { return p.source }

// Canonical is a normal form of the expression: two sources with the same one
// mean the same; white space, comments, needless parentheses and the two
// spellings of an operator (and, &&) do not matter.
func (p *Program) Canonical() string { return p.canonical }
