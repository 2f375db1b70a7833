package lang

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// Compile parses, checks and compiles an expression. The program is nil if
// there are problems; these are sorted by offset. Time and memory are bounded
// whatever the source is.
func Compile(src string, env Env, want Want) (*Program, []Problem) {
	c := &compiler{src: src, env: env, want: want}
	p := c.compile()
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
	want     Want
	tokens   []lexer.Token  // of src
	big      map[int]uint64 // whole numbers above 2^63-1, by offset in code points
	problems []Problem

	expansions []expansion // of macros
	hidden     []letName   // around the macro that is being expanded
	nodes      int         // of the tree and of all macros in it

	aggregates []aggregateUse
	enums      map[int]*qmp.Enum // of literals, by offset; nil unless wanted
	inside     string            // name of the aggregate whose argument this is

	lets       []letName // in scope, innermost last
	predicates []pointer // around the node, innermost last
	locals     int
	names      bool // the expression uses a name, so it is not constant
}

// compile is the corridor: each step may report problems, and the next one
// only runs on what passed.
func (c *compiler) compile() *Program {
	root, ok := c.checked()
	if !ok {
		return nil
	}
	c.register()
	return c.program(root)
}

// checked is the tree of a source that has no problem.
func (c *compiler) checked() (root ast.Node, ok bool) {
	source, ok := c.scan()
	if !ok {
		return nil, false
	}
	tree, ok := c.parse(source)
	if !ok || !c.affordable(tree.Node) || !c.expandAll(&tree.Node) {
		return nil, false
	}
	c.inspect(&tree.Node)
	if c.checkEnums(tree.Node); len(c.problems) > 0 {
		return nil, false
	}
	if !c.check(tree.Node, c.want != AnyValue) {
		return nil, false
	}
	return tree.Node, true
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
func (c *compiler) check(root ast.Node, condition bool) (ok bool) {
	defer c.guard(&ok)
	// Without Builtins: a function name without ( is a name, not a value.
	config := &conf.Config{Functions: checkedFunctions}
	config.WithEnv(c.types())
	// Locations may be those of a macro, so the checker gets no source for them.
	if _, err := checker.Check(&parser.Tree{Node: root}, config); err != nil {
		c.mismatch(err)
		return false
	}
	if t := typeOfNode(root); condition && t != "bool" && t != "" {
		message := fmt.Sprintf("a condition must be true or false, but this is %s", article(t))
		if c.inside != "" {
			c.reportNode(root, diag.ExprType, message, "compare it with something")
		} else {
			c.report(0, len(c.src), diag.ExprType, message, "compare it with something")
		}
		return false
	}
	before := len(c.problems)
	c.checkCalled(root)
	return len(c.problems) == before
}

// typeOfNode is the name of the type of a checked node, "" if it is not known.
func typeOfNode(n ast.Node) string {
	nature := n.Nature()
	switch {
	case nature.Nil:
		return "nil"
	case nature.Type == nil || nature.Kind == reflect.Interface:
		return ""
	}
	return typeName(nature.String())
}

// checkCalled reports what the checker lets pass: a method of a time that is
// named and not called, and helpers, which take any type to it.
func (c *compiler) checkCalled(n ast.Node) {
	switch n := n.(type) {
	case *ast.MemberNode:
		if n.Nature().IsFunc() {
			c.reportNode(n, diag.ExprType, "a method must be called", "times and durations have methods: "+methodList())
		}
	case *ast.CallNode:
		c.checkHelper(n)
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
func (c *compiler) program(root ast.Node) *Program {
	p := c.lowered(root, c.want != AnyValue)
	p.source, p.env, p.want = c.src, c.env, c.want
	if c.want == Condition {
		p.equalities = c.equalities(root)
	}
	if p.constant && len(c.problems) == 0 {
		c.fold(p)
	}
	return p
}

// lowered is the program of a checked tree that stands by itself.
func (c *compiler) lowered(root ast.Node, condition bool) *Program {
	p := &Program{canonical: c.canonical(root)}
	if condition {
		p.cond = c.cond(root)
		p.eval = boolValue(p.cond)
	} else {
		p.eval = c.value(root)
		p.cond = isTrueCond(p.eval)
	}
	p.locals = c.locals
	p.constant = !c.names
	if c.env.Event != nil {
		p.kind = c.env.Event.Kind
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
