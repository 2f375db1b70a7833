package lang

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// A macro is expanded in the syntax tree, before anything else looks at it. Its
// nodes get locations beyond those of any source, from which the macro and the
// place of its use can be found again.

// maxLocation is the greatest location within one source.
const maxLocation = 1<<locationBits - 1

// locationBits hold an offset into a source of MaxSource.
const locationBits = 16

// expansion is one use of a macro.
type expansion struct {
	macro *macro
	at    file.Location // of the use, itself maybe inside of an expansion
}

// unexpanded returns the place in the source where the expansion begins that a
// location is inside of, and the macro that it is in directly, or nil.
func (c *compiler) unexpanded(at file.Location) (use file.Location, m *macro) {
	for at.From > maxLocation {
		e := c.expansions[at.From>>locationBits-1]
		if m == nil {
			m = e.macro
		}
		at = e.at
	}
	return at, m
}

// expander walks the tree before everything else.
type expander struct {
	*compiler
	seen map[ast.Node]bool // what the parser shares is walked once
	full bool              // there was no room for a macro
}

// expandAll puts all macros in the place of their names.
func (c *compiler) expandAll(root *ast.Node) bool {
	if c.env.Defs == nil {
		return true
	}
	before := len(c.problems)
	c.nodes = countNodes(*root)
	(&expander{compiler: c, seen: map[ast.Node]bool{}}).expand(root)
	return len(c.problems) == before && (len(c.expansions) == 0 || c.affordable(*root))
}

func (x *expander) expand(place *ast.Node) {
	n := *place
	if id, ok := n.(*ast.IdentifierNode); ok {
		x.name(place, id)
		return
	}
	if n == nil || x.seen[n] {
		return
	}
	x.seen[n] = true
	switch n := n.(type) {
	case *ast.VariableDeclaratorNode:
		x.let(n)
		return
	case *ast.CallNode:
		if _, ok := n.Callee.(*ast.IdentifierNode); ok { // a name before ( is a function
			for i := range n.Arguments {
				x.expand(&n.Arguments[i])
			}
			return
		}
	}
	for _, child := range children(n) {
		x.expand(child)
	}
}

func (x *expander) let(n *ast.VariableDeclaratorNode) {
	if x.env.Defs.list(n.Name) != nil || x.env.Defs.macro(n.Name) != nil {
		x.reportNode(n, diag.ExprType, fmt.Sprintf("`%s` has a meaning already", n.Name), "choose another name")
	}
	x.expand(&n.Value)
	x.lets = append(x.lets, letName{name: n.Name})
	x.expand(&n.Expr)
	x.lets = x.lets[:len(x.lets)-1]
}

// name expands a name if it is a macro.
func (x *expander) name(place *ast.Node, id *ast.IdentifierNode) {
	if x.full || x.isLet(id.Value) {
		return
	}
	if slices.ContainsFunc(x.hidden, func(l letName) bool { return l.name == id.Value }) {
		x.reportNode(id, diag.BadDefinition, fmt.Sprintf("`%s` has another meaning around the macro than in it", shortened(id.Value)), "choose another name for let")
		return
	}
	m := x.env.Defs.macro(id.Value)
	switch {
	case m == nil:
	case m.broken:
		x.reportNode(id, diag.BadDefinition, fmt.Sprintf("the macro `%s` has an error itself", m.name), "")
	case x.collides(id, "macro"):
	case x.nodes+m.nodes > MaxNodes:
		x.full = true
		x.reportNode(id, diag.ExprRefused, fmt.Sprintf("the expression has more than %d parts once its macros are expanded", MaxNodes), "split it into several rules")
	default:
		x.nodes += m.nodes
		x.enter(place, id, m)
	}
}

// enter puts the tree of a macro in the place of its name and goes on inside,
// where the names that let made outside do not exist.
func (x *expander) enter(place *ast.Node, id *ast.IdentifierNode, m *macro) {
	tree, ok := x.parse(m.source)
	if !ok {
		return
	}
	x.expansions = append(x.expansions, expansion{m, id.Location()})
	base := len(x.expansions) << locationBits
	shiftLocations(tree.Node, base, map[ast.Node]bool{})
	for at, n := range m.big {
		if x.big == nil {
			x.big = map[int]uint64{}
		}
		x.big[base+at] = n
	}
	*place = tree.Node
	lets, hidden := x.lets, x.hidden
	x.hidden = slices.Concat(hidden, lets)
	x.lets = nil
	x.expand(place)
	x.lets, x.hidden = lets, hidden
}

func shiftLocations(n ast.Node, by int, seen map[ast.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	at := n.Location()
	n.SetLocation(file.Location{From: at.From + by, To: at.To + by})
	for _, child := range children(n) {
		shiftLocations(*child, by, seen)
	}
}

// isList reports whether a name is that of a list.
func (c *compiler) isList(n *ast.IdentifierNode) bool {
	return c.env.Defs.list(n.Value) != nil && !c.isLet(n.Value)
}

// isDefined reports whether a name is that of a list, and complains if it is a
// member as well.
func (c *compiler) isDefined(n *ast.IdentifierNode) bool {
	if !c.isList(n) {
		return false
	}
	c.collides(n, "list")
	return true
}

// collides reports a list or macro whose name is a member of the event.
func (c *compiler) collides(n *ast.IdentifierNode, what string) bool {
	switch {
	case c.member(n) != nil:
		c.reportNode(n, diag.BadDefinition, fmt.Sprintf("`%s` is a %s of this file and a member of %s", n.Value, what, c.env.name()), "give the "+what+" another name")
	case c.env.variable(n.Value) != nil:
		c.reportNode(n, diag.BadDefinition, fmt.Sprintf("`%s` is a %s of this file and a name that every expression has", n.Value, what), "give the "+what+" another name")
	default:
		return false
	}
	return true
}
