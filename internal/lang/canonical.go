package lang

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// canonical writes the tree with brackets around everything, so that only the
// meaning is left. Two trees have the same text only if they are the same.
func (c *compiler) canonical(n ast.Node) string {
	var b strings.Builder
	c.write(&b, n)
	return b.String()
}

// oneSpelling maps operators that have two spellings to one.
var oneSpelling = map[string]string{"&&": "and", "||": "or", "!": "not", "^": "**"}

func spelling(operator string) string {
	if other, ok := oneSpelling[operator]; ok {
		return other
	}
	return operator
}

func (c *compiler) write(b *strings.Builder, n ast.Node) {
	switch wrapper := n.(type) {
	case *ast.ChainNode: // ?. is . here
		c.write(b, wrapper.Node)
		return
	case *ast.PredicateNode:
		c.write(b, wrapper.Node)
		return
	}
	if text := c.scalar(n); text != "" {
		b.WriteString(text)
		return
	}
	if id, ok := n.(*ast.IdentifierNode); ok && c.isList(id) {
		c.writeList(b, c.env.Defs.list(id.Value).value)
		return
	}
	b.WriteByte('(')
	b.WriteString(c.head(n))
	for _, child := range children(n) {
		b.WriteByte(' ')
		if *child == nil {
			b.WriteByte('_')
			continue
		}
		c.write(b, *child)
	}
	b.WriteByte(')')
}

// scalar is the text of a literal that is neither list nor object, or "".
func (c *compiler) scalar(n ast.Node) string {
	v, ok := c.literal(n)
	if !ok {
		return ""
	}
	return scalarText(v)
}

func scalarText(v qmp.Value) string {
	switch {
	case v.Kind() == qmp.ListValue:
		return ""
	case v.Kind() == qmp.StringValue:
		return strconv.Quote(v.Text())
	case v.Kind() == qmp.FloatValue:
		return v.Text() + "f" // 1.0 is not 1: type() tells
	}
	return string(v.AppendJSON(nil))
}

// writeList writes a list that has a name as one that is written out.
func (c *compiler) writeList(b *strings.Builder, v qmp.Value) {
	b.WriteString("(list")
	for i := range v.Len() {
		b.WriteByte(' ')
		if text := scalarText(v.At(i)); text != "" {
			b.WriteString(text)
		} else {
			c.writeList(b, v.At(i))
		}
	}
	b.WriteByte(')')
}

// head is what a node is, without its children.
func (c *compiler) head(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if a := c.aggregateOf(n); a != nil {
			return a.key
		}
		return n.Value
	case *ast.UnaryNode:
		return spelling(n.Operator)
	case *ast.BinaryNode:
		return spelling(n.Operator)
	case *ast.MemberNode:
		return "member"
	case *ast.SliceNode:
		return "slice"
	case *ast.CallNode:
		return "call"
	case *ast.BuiltinNode:
		return "call " + n.Name
	case *ast.PointerNode:
		return "#" + n.Name
	case *ast.ConditionalNode:
		return "if"
	case *ast.VariableDeclaratorNode:
		return "let " + n.Name
	case *ast.ArrayNode:
		return "list"
	case *ast.MapNode:
		return "object"
	case *ast.PairNode:
		return "pair"
	}
	return fmt.Sprintf("%T", n)
}
