package lang

import (
	"fmt"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// Lowering turns each node of the checked tree into one Go closure, so that an
// evaluation is nothing but calls. value is for nodes whose value is wanted,
// cond for conditions; the two differ in what nil is.

// value lowers a node whose value is wanted.
func (c *compiler) value(n ast.Node) eval {
	if v, ok := c.literal(n); ok {
		return func(*Frame) qmp.Value { return v }
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return c.nameValue(n)
	case *ast.ChainNode:
		return c.value(n.Node)
	case *ast.MemberNode:
		return c.memberValue(n)
	case *ast.SliceNode:
		return c.sliceValue(n)
	case *ast.UnaryNode:
		return c.unaryValue(n)
	case *ast.BinaryNode:
		return c.binaryValue(n)
	case *ast.ConditionalNode:
		return c.conditionalValue(n)
	case *ast.VariableDeclaratorNode:
		return c.letValue(n)
	case *ast.PointerNode:
		return c.pointerValue(n)
	case *ast.ArrayNode:
		return c.listValue(n)
	case *ast.MapNode:
		return c.objectValue(n)
	case *ast.BuiltinNode:
		return c.builtinValue(n)
	case *ast.CallNode:
		return c.callValue(n)
	}
	return c.unsupported(n)
}

// cond lowers a node that is wanted as a condition: nil, and whatever else is
// not true, is false.
func (c *compiler) cond(n ast.Node) cond {
	switch n := n.(type) {
	case *ast.BoolNode:
		b := n.Value
		return func(*Frame) bool { return b }
	case *ast.UnaryNode:
		if isNot(n.Operator) {
			of := c.cond(n.Node)
			return func(f *Frame) bool { return !of(f) }
		}
	case *ast.BinaryNode:
		if test := c.binaryCond(n); test != nil {
			return test
		}
	case *ast.ConditionalNode:
		test, yes, no := c.cond(n.Cond), c.cond(n.Exp1), c.cond(n.Exp2)
		return func(f *Frame) bool {
			if test(f) {
				return yes(f)
			}
			return no(f)
		}
	}
	if m := c.slotted(n); m != nil {
		slot := m.Slot
		return func(f *Frame) bool { return isTrue(f.field(slot)) }
	}
	return isTrueCond(c.value(n))
}

// isTrueCond turns a value into a condition.
func isTrueCond(v eval) cond {
	return func(f *Frame) bool { return isTrue(v(f)) }
}

func isTrue(v qmp.Value) bool {
	b, ok := v.AsBool()
	return ok && b
}

func isNot(operator string) bool { return operator == "not" || operator == "!" }

// unsupported reports a kind of node that was let through by mistake: better a
// rule that is refused than one that means something else.
func (c *compiler) unsupported(n ast.Node) eval {
	c.reportNode(n, diag.ExprRefused, fmt.Sprintf("this cannot be used in rules (%T)", n), "")
	return nilEval
}

func nilEval(*Frame) qmp.Value { return qmp.Value{} }
