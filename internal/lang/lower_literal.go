package lang

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// literal returns the value of a node that is written out: numbers with their
// sign, strings, lists of such, ranges.
func (c *compiler) literal(n ast.Node) (qmp.Value, bool) {
	switch n := n.(type) {
	case *ast.NilNode:
		return qmp.Value{}, true
	case *ast.IdentifierNode:
		if l := c.env.Defs.list(n.Value); l != nil && !c.isLet(n.Value) {
			return l.value, true
		}
	case *ast.BoolNode:
		return qmp.Bool(n.Value), true
	case *ast.IntegerNode:
		return qmp.Int(int64(n.Value)), true
	case *ast.FloatNode:
		if big, ok := c.big[n.Location().From]; ok {
			return qmp.Uint(big), true
		}
		return finite(n.Value), true
	case *ast.StringNode:
		return qmp.String(n.Value), true
	case *ast.UnaryNode:
		if v, ok := c.literal(n.Node); ok && n.Operator == "-" {
			return negate(v), true
		}
	case *ast.BinaryNode:
		if n.Operator == ".." {
			return rangeList(n), true
		}
	case *ast.ArrayNode:
		items := make([]qmp.Value, len(n.Nodes))
		for i, node := range n.Nodes {
			v, ok := c.literal(node)
			if !ok {
				return qmp.Value{}, false
			}
			items[i] = v
		}
		return qmp.List(items), true
	}
	return qmp.Value{}, false
}

// rangeList is a..b, whose ends inspectRange has checked.
func rangeList(n *ast.BinaryNode) qmp.Value {
	from, _ := constantInt(n.Left)
	to, _ := constantInt(n.Right)
	items := []qmp.Value{}
	for i := from; i <= to; i++ {
		items = append(items, qmp.Int(i))
		if i == to { // to may be the largest number
			break
		}
	}
	return qmp.List(items)
}

// listValue lowers [a, b, c].
func (c *compiler) listValue(n *ast.ArrayNode) eval {
	parts := c.values(n.Nodes)
	return func(f *Frame) qmp.Value {
		if !f.step(1 + len(parts)) {
			return qmp.Value{}
		}
		items := make([]qmp.Value, len(parts))
		for i, part := range parts {
			items[i] = part(f)
		}
		return qmp.List(items)
	}
}

func (c *compiler) values(nodes []ast.Node) []eval {
	all := make([]eval, len(nodes))
	for i, n := range nodes {
		all[i] = c.value(n)
	}
	return all
}

// objectValue lowers {a: 1, (b): 2}. A member whose name is not a string is
// left out; of equal names the last one counts.
func (c *compiler) objectValue(n *ast.MapNode) eval {
	var keys, parts []eval
	for _, p := range n.Pairs {
		pair := p.(*ast.PairNode)
		keys = append(keys, c.value(pair.Key))
		parts = append(parts, c.value(pair.Value))
	}
	return func(f *Frame) qmp.Value {
		if !f.step(1 + len(parts)) {
			return qmp.Value{}
		}
		names, items := []string{}, []qmp.Value{}
		for i, part := range parts {
			names, items = setMember(names, items, keys[i](f), part(f))
		}
		return qmp.Object(names, items)
	}
}

// setMember adds a member to an object in the making.
func setMember(names []string, items []qmp.Value, key, v qmp.Value) ([]string, []qmp.Value) {
	name, ok := key.AsString()
	if !ok {
		return names, items
	}
	if i := slices.Index(names, name); i >= 0 {
		items[i] = v
		return names, items
	}
	return append(names, name), append(items, v)
}
