package lang

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// Describe says in plain English what a condition asks for: operation is
// "write" and nospace is true. What has no plain words stands as source in
// backquotes.
func Describe(p *Program) string {
	c, root := p.again()
	if p.want == AnyValue {
		return c.operand(root)
	}
	return c.condition(root, false)
}

// condition describes a condition, or its contrary.
func (c *compiler) condition(n ast.Node, not bool) string {
	switch n := n.(type) {
	case *ast.BoolNode:
		if n.Value != not {
			return "always"
		}
		return "never"
	case *ast.UnaryNode:
		if isNot(n.Operator) {
			return c.negated(n.Node, not)
		}
	case *ast.BinaryNode:
		if text := c.comparison(n, not); text != "" {
			return text
		}
	case *ast.ChainNode:
		return c.condition(n.Node, not)
	case *ast.IdentifierNode:
		if a := c.aggregateOf(n); a != nil && a.Func == AggFirstSeen {
			return choose(not, "the window has", "the window has not") + " had the same " + c.operand(a.arg) + " before"
		}
	}
	if c.isCall(n) {
		return choose(not, "not "+c.quoted(n), c.quoted(n))
	}
	return c.operand(n) + choose(not, " is not true", " is true")
}

func choose(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// negated describes not x: what is no single comparison is put in brackets.
func (c *compiler) negated(n ast.Node, not bool) string {
	if b, ok := n.(*ast.BinaryNode); ok {
		if s := spelling(b.Operator); s == "and" || s == "or" {
			if not {
				return c.condition(n, false)
			}
			return "not (" + c.condition(n, false) + ")"
		}
	}
	return c.condition(n, !not)
}

// words are what operators are called: as they are, and turned round. To turn
// round an ordering is to say that it does not hold: of what was not sent
// neither holds.
var words = map[string][2]string{
	"==": {" is ", " is not "}, "!=": {" is not ", " is "},
	"<": {" is less than ", " is not less than "}, "<=": {" is at most ", " is not at most "},
	">": {" is more than ", " is not more than "}, ">=": {" is at least ", " is not at least "},
	"contains": {" contains ", " does not contain "}, "startsWith": {" begins with ", " does not begin with "},
	"endsWith": {" ends with ", " does not end with "}, "matches": {" matches ", " does not match "},
}

// comparison describes an operator that gives a condition, "" for any other.
func (c *compiler) comparison(n *ast.BinaryNode, not bool) string {
	switch op := spelling(n.Operator); op {
	case "and", "or":
		if not {
			return "not (" + c.condition(n, false) + ")"
		}
		return c.joined(n.Left, op) + " " + op + " " + c.joined(n.Right, op)
	case "==", "!=":
		return c.equalityText(n, not != (op == "!="))
	case "in":
		return c.membership(n, not)
	default:
		w, ok := words[op]
		if !ok {
			return ""
		}
		return c.operand(n.Left) + choose(not, w[1], w[0]) + c.operand(n.Right)
	}
}

// joined describes an operand of and, or: one of the other kind in brackets.
func (c *compiler) joined(n ast.Node, op string) string {
	text := c.condition(n, false)
	if b, ok := n.(*ast.BinaryNode); ok {
		if other := spelling(b.Operator); (other == "and" || other == "or") && other != op {
			return "(" + text + ")"
		}
	}
	return text
}

func (c *compiler) equalityText(n *ast.BinaryNode, not bool) string {
	left, right := n.Left, n.Right
	if _, ok := c.literal(left); ok {
		left, right = right, left
	}
	if v, ok := c.literal(right); ok && v.IsNil() {
		if id, isName := left.(*ast.IdentifierNode); isName && c.aggregateOf(id) != nil {
			return c.operand(left) + choose(not, " is known", " is not known")
		}
		return c.operand(left) + choose(not, " was sent", " was not sent")
	}
	return c.operand(left) + choose(not, " is not ", " is ") + c.operand(right)
}

// membership describes x in y.
func (c *compiler) membership(n *ast.BinaryNode, not bool) string {
	if b, ok := n.Right.(*ast.BinaryNode); ok && b.Operator == ".." {
		return c.operand(n.Left) + choose(not, " is not", " is") + " from " + c.operand(b.Left) + " to " + c.operand(b.Right)
	}
	v, ok := c.literal(n.Right)
	if !ok || v.Kind() != qmp.ListValue || v.Len() == 0 {
		return c.operand(n.Left) + choose(not, " is not in ", " is in ") + c.operand(n.Right)
	}
	if v.Len() == 1 {
		return c.operand(n.Left) + choose(not, " is not ", " is ") + literalText(v.At(0))
	}
	return c.operand(n.Left) + choose(not, " is none of ", " is one of ") + listed(v)
}

// listed writes the items of a list; of a long one the first ones.
func listed(v qmp.Value) string {
	var items []string
	for i := range v.Len() {
		if i == maxListed && v.Len() > maxListed+1 {
			items = append(items, strconv.Itoa(v.Len()-i)+" more")
			break
		}
		items = append(items, literalText(v.At(i)))
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " or " + items[last]
}

func literalText(v qmp.Value) string {
	if s, ok := v.AsString(); ok {
		return strconv.Quote(s)
	}
	return string(v.AppendJSON(nil))
}

// operand describes a value.
func (c *compiler) operand(n ast.Node) string {
	if v, ok := c.literal(n); ok && v.Kind() != qmp.ListValue {
		return literalText(v)
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if a := c.aggregateOf(n); a != nil {
			return c.aggregateText(a)
		}
		return n.Value
	case *ast.ChainNode:
		return c.operand(n.Node)
	case *ast.MemberNode:
		if m := c.member(n); m != nil {
			return m.IdentPath
		}
		if c.isFixed(n.Node, nameVM) {
			return c.textOf(c.written(n))
		}
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return c.operand(n.Left) + " (" + c.operand(n.Right) + " if it was not sent)"
		}
	}
	return c.quoted(n)
}

// aggregateText says what an aggregate is.
func (c *compiler) aggregateText(a *aggregateUse) string {
	switch a.Func {
	case AggCount:
		return "the number of matches"
	case AggRate:
		return "the number of matches per second"
	case AggCountIf:
		return "the number of matches where " + c.condition(a.arg, false)
	}
	x := c.operand(a.arg)
	switch a.Func {
	case AggDistinct:
		return "the number of different values of " + x
	case AggSum:
		return "the sum of " + x
	case AggAvg:
		return "the average of " + x
	case AggMin:
		return "the least " + x
	case AggMax:
		return "the greatest " + x
	case AggFirst:
		return "the oldest " + x
	case AggLast:
		return "the newest " + x
	case AggStddev:
		return "the standard deviation of " + x
	case AggPercentile:
		return "the percentile " + strconv.FormatFloat(a.P, 'f', -1, 64) + " of " + x
	case AggChanges:
		return "the number of changes of " + x
	}
	return "whether " + x + " is new in the window"
}

// isCall reports whether n is a condition that is no value with a name.
func (c *compiler) isCall(n ast.Node) bool {
	switch n.(type) {
	case *ast.BuiltinNode, *ast.CallNode, *ast.ConditionalNode, *ast.VariableDeclaratorNode, *ast.BinaryNode:
		return true
	}
	return false
}

// quoted is the source of a node in backquotes, on one line.
func (c *compiler) quoted(n ast.Node) string {
	return "`" + strings.Join(strings.Fields(c.textOf(c.written(n))), " ") + "`"
}
