package lang

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

var stringTests = map[string]func(s, part string) bool{
	"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
}

// stringTest lowers contains, startsWith, endsWith and matches: false unless
// both sides are strings.
func (c *compiler) stringTest(n *ast.BinaryNode) cond {
	of := c.value(n.Left)
	if n.Operator == "matches" {
		return c.matches(n, of)
	}
	test := stringTests[n.Operator]
	if literal, ok := n.Right.(*ast.StringNode); ok {
		part := literal.Value
		return func(f *Frame) bool {
			s, ok := of(f).AsString()
			return ok && f.stepBytes(len(s)) && test(s, part)
		}
	}
	right := c.value(n.Right)
	return func(f *Frame) bool {
		s, okS := of(f).AsString()
		part, okPart := right(f).AsString()
		return okS && okPart && f.stepBytes(len(s)) && test(s, part)
	}
}

// matches lowers x matches "pattern", whose pattern inspectPattern has checked.
func (c *compiler) matches(n *ast.BinaryNode, of eval) cond {
	p, err := compilePattern(n.Right.(*ast.StringNode).Value)
	if err != nil {
		c.unsupported(n)
		return nil
	}
	return func(f *Frame) bool {
		s, ok := of(f).AsString()
		return ok && p.matches(f, s)
	}
}
