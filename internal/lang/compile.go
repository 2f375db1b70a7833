package lang

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// Compile parses, checks and compiles an expression. The program is nil if
// there are problems; these are sorted by offset. Time and memory are bounded
// whatever the source is.
func Compile(src string, env Env, want Want) (*Program, []Problem) {
	c := &compiler{src: src, env: env}
	p := c.compile(want)
	if len(c.problems) > 0 {
		slices.SortStableFunc(c.problems, func(a, b Problem) int { return a.Offset - b.Offset })
		return nil, slices.Compact(c.problems)
	}
	return p, nil
}

// compiler is one run of Compile.
type compiler struct {
	src      string
	env      Env
	big      map[int]uint64 // whole numbers above 2^63-1, by offset in code points
	problems []Problem

	lets       []letName // in scope, innermost last
	predicates []pointer // around the node, innermost last
	locals     int
	names      bool // the expression uses a name, so it is not constant
}

// compile is the corridor: each step may report problems, and the next one
// only runs on what passed.
func (c *compiler) compile(want Want) *Program {
	source, ok := c.scan()
	if !ok {
		return nil
	}
	tree, ok := c.parse(source)
	if !ok || !c.affordable(tree.Node) {
		return nil
	}
	c.inspect(&tree.Node)
	if c.checkEnums(tree.Node); len(c.problems) > 0 {
		return nil
	}
	if !c.check(tree, want) {
		return nil
	}
	if c.checkCalled(tree.Node); len(c.problems) > 0 {
		return nil
	}
	return c.program(tree.Node, want)
}

// parse makes the syntax tree. The environment is empty on purpose: so a name
// before "(" is the function of that name even if the event has such a member.
func (c *compiler) parse(source string) (tree *parser.Tree, ok bool) {
	defer c.guard(&ok)
	tree, err := parser.ParseWithConfig(source, &conf.Config{MaxNodes: MaxNodes})
	if err != nil {
		c.syntax(err)
		return nil, false
	}
	return tree, true
}

// check finds the first place where types do not fit, and writes the types
// into the tree.
func (c *compiler) check(tree *parser.Tree, want Want) (ok bool) {
	defer c.guard(&ok)
	// Without Builtins: a function name without ( is a name, not a value.
	config := &conf.Config{Functions: checkedFunctions}
	config.WithEnv(c.env.types())
	if _, err := checker.Check(tree, config); err != nil {
		c.mismatch(err)
		return false
	}
	if nature := tree.Node.Nature(); want == Condition && !nature.IsBool() && (nature.Nil || nature.Type != nil && !nature.IsAny(&config.NtCache)) {
		name := typeName(nature.String())
		if nature.Nil {
			name = "nil"
		}
		c.report(0, len(c.src), diag.ExprType, fmt.Sprintf("a condition must be true or false, but this is %s", article(name)), "compare it with something")
		return false
	}
	return true
}

// checkCalled reports a method of a time that is named and not called: to the
// checker it is a value like any other.
func (c *compiler) checkCalled(n ast.Node) {
	if m, ok := n.(*ast.MemberNode); ok && m.Nature().IsFunc() {
		c.reportNode(m, diag.ExprType, "a method must be called", "times and durations have methods: "+methodList())
	}
	for _, child := range children(n) {
		if *child != nil {
			c.checkCalled(*child)
		}
	}
}

// guard turns a panic of the parser or checker, which are not ours, into a
// problem: a rule file must not be able to stop the daemon.
func (c *compiler) guard(ok *bool) {
	if r := recover(); r != nil {
		*ok = false
		c.report(0, len(c.src), diag.ExprSyntax, "the expression cannot be understood", "write it in another way")
	}
}

// program lowers the checked tree, to what is wanted and from that to the other.
func (c *compiler) program(root ast.Node, want Want) *Program {
	p := &Program{source: c.src, canonical: c.canonical(root)}
	if want == Condition {
		p.cond = c.cond(root)
		p.eval = boolValue(p.cond)
		p.equalities = c.equalities(root)
	} else {
		p.eval = c.value(root)
		p.cond = isTrueCond(p.eval)
	}
	p.locals = c.locals
	p.constant = !c.names
	if c.env.Event != nil {
		p.kind = c.env.Event.Kind
	}
	if p.constant && len(c.problems) == 0 {
		c.fold(p)
	}
	return p
}

// local reserves n values in the Frame.
func (c *compiler) local(n int) int {
	slot := c.locals
	c.locals += n
	return slot
}

// fold evaluates a constant program once and for all.
func (c *compiler) fold(p *Program) {
	f := new(Frame)
	v := p.Value(f)
	if f.Exhausted > 0 {
		c.report(0, len(c.src), diag.ExprRefused, "the expression is too expensive to evaluate", "use shorter lists")
	}
	holds := isTrue(v)
	p.eval = func(*Frame) qmp.Value { return v }
	p.cond = func(*Frame) bool { return holds }
}
