package lang

import (
	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// unaryValue lowers -x, +x and not x.
func (c *compiler) unaryValue(n *ast.UnaryNode) eval {
	if isNot(n.Operator) {
		return boolValue(c.cond(n))
	}
	of := c.value(n.Node)
	minus := n.Operator == "-"
	return func(f *Frame) qmp.Value {
		v := of(f)
		switch {
		case !v.IsNumber():
			return qmp.Value{}
		case minus:
			return negate(v)
		}
		return v
	}
}

// boolValue turns a condition into a value.
func boolValue(test cond) eval {
	return func(f *Frame) qmp.Value { return qmp.Bool(test(f)) }
}

// arithmeticOperators are those that are nil if one side is. + is here without
// its meaning for strings.
var arithmeticOperators = map[string]func(a, b qmp.Value) qmp.Value{
	"+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo, "**": power, "^": power,
}

// binaryValue lowers an operator with two sides whose value is wanted.
func (c *compiler) binaryValue(n *ast.BinaryNode) eval {
	if test := c.binaryCond(n); test != nil {
		return boolValue(test)
	}
	op := arithmeticOperators[n.Operator]
	if op == nil && n.Operator != "??" {
		return c.unsupported(n)
	}
	left, right := c.value(n.Left), c.value(n.Right)
	switch n.Operator {
	case "??":
		return func(f *Frame) qmp.Value {
			if v := left(f); !v.IsNil() {
				return v
			}
			return right(f)
		}
	case "+":
		return func(f *Frame) qmp.Value {
			a, b := left(f), right(f)
			if a.Kind() == qmp.StringValue {
				return f.concat(a, b)
			}
			return add(a, b)
		}
	}
	return func(f *Frame) qmp.Value { return op(left(f), right(f)) }
}

// concat is the operator + of strings.
func (f *Frame) concat(a, b qmp.Value) qmp.Value {
	x, okA := a.AsString()
	y, okB := b.AsString()
	if !okA || !okB || !f.makes(len(x)+len(y)) {
		return qmp.Value{}
	}
	return qmp.String(x + y)
}

// maxText bounds every string that an expression makes, and a whole text.
const maxText = 64 << 10

// makes asks for a string of n bytes.
func (f *Frame) makes(n int) bool { return n <= maxText && f.stepBytes(n) }

// conditionalValue lowers a ? b : c and if a { b } else { c }; a ?: b is
// a ? a : b.
func (c *compiler) conditionalValue(n *ast.ConditionalNode) eval {
	test, yes, no := c.cond(n.Cond), c.value(n.Exp1), c.value(n.Exp2)
	return func(f *Frame) qmp.Value {
		if test(f) {
			return yes(f)
		}
		return no(f)
	}
}

// letValue lowers let x = a; b.
func (c *compiler) letValue(n *ast.VariableDeclaratorNode) eval {
	slot := c.local(1)
	value := c.value(n.Value)
	c.lets = append(c.lets, letName{n.Name, slot})
	body := c.value(n.Expr)
	c.lets = c.lets[:len(c.lets)-1]
	return func(f *Frame) qmp.Value {
		f.locals[slot] = value(f)
		return body(f)
	}
}

// binaryCond lowers an operator whose result is a bool, and returns nil for
// every other one.
func (c *compiler) binaryCond(n *ast.BinaryNode) cond {
	switch n.Operator {
	case "and", "&&":
		return allOf(c.terms(n, "and", "&&"))
	case "or", "||":
		return anyOf(c.terms(n, "or", "||"))
	case "==":
		return c.equal(n.Left, n.Right)
	case "!=":
		equal := c.equal(n.Left, n.Right)
		return func(f *Frame) bool { return !equal(f) }
	case "<", "<=", ">", ">=":
		return c.ordering(n)
	case "in":
		return c.in(n)
	case "contains", "startsWith", "endsWith", "matches":
		return c.stringTest(n)
	}
	return nil
}

// terms lowers a and b and c as one list.
func (c *compiler) terms(n ast.Node, spellings ...string) []cond {
	if b, ok := n.(*ast.BinaryNode); ok && (b.Operator == spellings[0] || b.Operator == spellings[1]) {
		return append(c.terms(b.Left, spellings...), c.terms(b.Right, spellings...)...)
	}
	return []cond{c.cond(n)}
}

func allOf(terms []cond) cond {
	if len(terms) == 2 {
		a, b := terms[0], terms[1]
		return func(f *Frame) bool { return a(f) && b(f) }
	}
	return func(f *Frame) bool {
		for _, term := range terms {
			if !term(f) {
				return false
			}
		}
		return true
	}
}

func anyOf(terms []cond) cond {
	if len(terms) == 2 {
		a, b := terms[0], terms[1]
		return func(f *Frame) bool { return a(f) || b(f) }
	}
	return func(f *Frame) bool {
		for _, term := range terms {
			if term(f) {
				return true
			}
		}
		return false
	}
}
