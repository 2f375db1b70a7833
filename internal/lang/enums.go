package lang

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// checkEnums reports literals that a member can never equal: where one with an
// enum meets a string in ==, !=, in or not in. Values of vendors (__com.redhat_…)
// are not in the table, and pass.
func (c *compiler) checkEnums(n ast.Node) {
	if b, ok := n.(*ast.BinaryNode); ok {
		switch b.Operator {
		case "==", "!=":
			c.checkLiterals(c.enumOf(b.Left), b.Right)
			c.checkLiterals(c.enumOf(b.Right), b.Left)
		case "in":
			c.checkLiterals(c.enumOf(b.Left), b.Right)
		}
	}
	if let, ok := n.(*ast.VariableDeclaratorNode); ok {
		c.checkEnums(let.Value)
		c.lets = append(c.lets, letName{name: let.Name})
		c.checkEnums(let.Expr)
		c.lets = c.lets[:len(c.lets)-1]
		return
	}
	for _, child := range children(n) {
		if *child != nil {
			c.checkEnums(*child)
		}
	}
}

// enumOf returns the member with an enum that n is, also behind ?? or in a
// branch of a conditional.
func (c *compiler) enumOf(n ast.Node) *qmp.Member {
	switch n := n.(type) {
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return c.firstEnum(n.Left, n.Right)
		}
		return nil
	case *ast.ConditionalNode:
		return c.firstEnum(n.Exp1, n.Exp2)
	case *ast.IdentifierNode:
		if a := c.aggregateOf(n); a != nil {
			return a.enum
		}
	}
	if m := c.member(n); m != nil && m.Enum != nil {
		return m
	}
	return nil
}

// firstEnum is the member of a or b. If both are members of different enums a
// literal may be a value of either: nothing is known then.
func (c *compiler) firstEnum(a, b ast.Node) *qmp.Member {
	x, y := c.enumOf(a), c.enumOf(b)
	switch {
	case x == nil:
		x, y = y, x
	case y != nil && x.Enum != y.Enum:
		return nil
	}
	// A branch that is neither a member of the enum nor a literal can be anything.
	if y == nil && !isLiteral(a) && !isLiteral(b) {
		return nil
	}
	return x
}

func isLiteral(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.NilNode:
		return true
	}
	return false
}

// checkLiterals reports the strings in n that are no values of m's enum.
func (c *compiler) checkLiterals(m *qmp.Member, n ast.Node) {
	if m == nil {
		return
	}
	switch n := n.(type) {
	case *ast.StringNode:
		c.noteEnum(n, m.Enum)
		if !m.Enum.Has(n.Value) && !strings.HasPrefix(n.Value, "__") {
			message, hint := notInEnum(m, n.Value)
			c.reportNode(n, diag.NotInEnum, message, hint)
		}
	case *ast.ArrayNode:
		for _, item := range n.Nodes {
			c.checkLiterals(m, item)
		}
	case *ast.ConditionalNode:
		c.checkLiterals(m, n.Exp1)
		c.checkLiterals(m, n.Exp2)
	case *ast.IdentifierNode:
		if l := c.env.Defs.list(n.Value); l != nil && !c.isLet(n.Value) {
			c.checkList(m, n, l)
		}
	}
}

// checkList reports the first item of a list that is no value of m's enum.
func (c *compiler) checkList(m *qmp.Member, n *ast.IdentifierNode, l *list) {
	for i := range l.value.Len() {
		text, ok := l.value.At(i).AsString()
		if ok && !m.Enum.Has(text) && !strings.HasPrefix(text, "__") {
			message, hint := notInEnum(m, text)
			c.reportNode(n, diag.NotInEnum, fmt.Sprintf("in the list `%s`: %s", n.Value, message), hint)
			return
		}
	}
}

// notInEnum words the complaint about a text that is no value of m's enum.
func notInEnum(m *qmp.Member, text string) (message, hint string) {
	all := make([]string, len(m.Enum.Values))
	for i, v := range m.Enum.Values {
		all[i] = v.Value
	}
	hint = diag.DidYouMean(text, all)
	if hint != "" {
		hint += " "
	}
	more := ""
	if len(all) > 2*maxListed {
		all, more = all[:2*maxListed], ", …"
	}
	return fmt.Sprintf("%q is not a value of `%s`", shortened(text), m.IdentPath), hint + "its values are " + strings.Join(all, ", ") + more
}

// noteEnum remembers for Mutants which literals are values of an enum.
func (c *compiler) noteEnum(n *ast.StringNode, e *qmp.Enum) {
	if c.enums != nil {
		c.enums[n.Location().From] = e
	}
}
