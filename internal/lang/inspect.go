package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// inspect walks the tree before types are checked: it finds every name that
// means nothing (the checker would stop at the first) and everything that is
// refused, and turns methods of times into calls of functions.
func (c *compiler) inspect(place *ast.Node) {
	switch n := (*place).(type) {
	case nil:
	case *ast.IdentifierNode:
		if c.aggregateOf(n) == nil && !c.aggregate(place) { // the parser shares nodes: it may be one already
			c.inspectName(n)
		}
	case *ast.PointerNode:
		c.inspectPointer(n)
	case *ast.MemberNode:
		c.inspectMember(n)
	case *ast.BinaryNode:
		c.inspectBinary(n)
	case *ast.CallNode:
		if !c.aggregate(place) {
			c.inspectCall(place, n)
		}
	case *ast.BuiltinNode:
		if !c.aggregate(place) {
			c.inspectBuiltin(n)
		}
	case *ast.VariableDeclaratorNode:
		c.inspect(&n.Value)
		c.lets = append(c.lets, letName{name: n.Name})
		c.inspect(&n.Expr)
		c.lets = c.lets[:len(c.lets)-1]
	case *ast.BytesNode:
		c.reportNode(n, diag.ExprRefused, "byte strings are not supported", `write a string: "…"`)
	case *ast.SequenceNode:
		c.reportNode(n.Nodes[1], diag.ExprRefused, "an expression is one value; this is a second one", "join conditions with and, or")
	default:
		c.inspectAll(children(n))
	}
}

func (c *compiler) inspectAll(places []*ast.Node) {
	for _, p := range places {
		c.inspect(p)
	}
}

// inspectMember checks x.y and x[y] where it is known what x has.
func (c *compiler) inspectMember(n *ast.MemberNode) {
	if c.outside(n) {
		return
	}
	property, static := n.Property.(*ast.StringNode)
	object := c.member(n.Node)
	switch {
	case static && c.isFixed(n.Node, nameVM) && !slices.Contains(vmMembers, property.Value):
		hint := diag.DidYouMean(property.Value, vmMembers)
		if hint == "" {
			hint = "vm has name and uuid"
		}
		c.reportNode(property, diag.UnknownMember, fmt.Sprintf("`vm` has no member `%s`", shortened(property.Value)), hint)
	case static && c.isTime(n.Node):
		c.reportNode(property, diag.UnknownMember, fmt.Sprintf("a time has no member `%s`", shortened(property.Value)), "a time has methods: "+methodList())
	case static && object != nil && c.member(n) == nil:
		c.unknownBelow(property, object)
	default:
		c.inspect(&n.Node)
		if !static {
			c.inspect(&n.Property)
		}
		return
	}
	c.names = true
}

// isTime reports whether n is a name that stands for a time.
func (c *compiler) isTime(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	if !ok || c.isLet(id.Value) {
		return false
	}
	v := c.env.variable(id.Value)
	return id.Value == nameTime || v != nil && v.Type == TimeType
}

// unknownBelow reports a member that the object (or whatever it is) lacks.
func (c *compiler) unknownBelow(property *ast.StringNode, object *qmp.Member) {
	path := object.IdentPath
	message := fmt.Sprintf("`%s` has no member `%s`", path, shortened(property.Value))
	if len(object.Members) == 0 {
		if object.JSON != qmp.JSONObject && object.JSON != qmp.JSONAny { // else nobody knows
			c.reportNode(property, diag.UnknownMember, message, fmt.Sprintf("`%s` is %s", path, article(memberTypeName(object))))
		}
		return
	}
	hint := diag.DidYouMean(property.Value, idents(object.Members))
	if hint == "" {
		hint = c.listMembers("`"+path+"`", object.Members)
	}
	c.reportNode(property, diag.UnknownMember, message, hint)
}

func memberTypeName(m *qmp.Member) string {
	switch m.JSON {
	case qmp.JSONBool:
		return "bool"
	case qmp.JSONFloat:
		return "float"
	}
	return string(m.JSON)
}

// inspectBinary checks what an operator demands beyond types.
func (c *compiler) inspectBinary(n *ast.BinaryNode) {
	switch n.Operator {
	case "-":
		if c.hyphenated(n) {
			return
		}
	case "==", "!=":
		if c.unquoted(n.Left, n.Right) || c.unquoted(n.Right, n.Left) {
			return
		}
	case "matches":
		c.inspectPattern(n)
	case "..":
		c.inspectRange(n)
	}
	c.inspectAll(children(n))
}

// hyphenated reports node-name, which reads as node minus name.
func (c *compiler) hyphenated(n *ast.BinaryNode) bool {
	if c.env.Event == nil {
		return false // nothing is known of its members
	}
	name, first, known := c.spelled(n)
	if name == "" || known {
		return false
	}
	m := c.env.Event.Member(name)
	if m == nil {
		return false
	}
	c.names = true
	c.reportAt(file.Location{From: first.Location().From, To: n.Right.Location().To}, diag.UnknownMember,
		fmt.Sprintf("`%s` reads as a subtraction", name), fmt.Sprintf("write %s", m.IdentPath))
	return true
}

// unquoted reports a value of an enum that lacks its quotes: action == stop.
func (c *compiler) unquoted(member, value ast.Node) bool {
	if c.env.Event == nil {
		return false // nothing is known of its members
	}
	name, first, known := c.spelled(value)
	if name == "" || known || slices.Contains(c.env.Defs.names(), name) {
		return false
	}
	m := c.enumOf(member)
	if m == nil || !m.Enum.Has(name) {
		return false
	}
	last := value
	if minus, ok := value.(*ast.BinaryNode); ok { // guest-reset
		last = minus.Right
	}
	c.names = true
	c.reportAt(file.Location{From: first.Location().From, To: last.Location().To}, diag.UnknownMember,
		fmt.Sprintf("`%s` is a value of `%s` and needs quotes", name, m.IdentPath), fmt.Sprintf("write %q", name))
	return true
}

// spelled returns the text of names joined by dots and minus signs ("" for
// anything else), its first node, and whether all parts mean something.
func (c *compiler) spelled(n ast.Node) (text string, first ast.Node, known bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, n, c.isLet(n.Value) || slices.Contains(c.topNames(), n.Value)
	case *ast.MemberNode:
		left, first, _ := c.spelled(n.Node)
		if property, ok := n.Property.(*ast.StringNode); ok && left != "" {
			return left + "." + property.Value, first, c.member(n) != nil
		}
	case *ast.BinaryNode:
		left, first, knownLeft := c.spelled(n.Left)
		right, ok := n.Right.(*ast.IdentifierNode)
		if n.Operator == "-" && left != "" && ok {
			_, _, knownRight := c.spelled(right)
			return left + "-" + right.Value, first, knownLeft && knownRight
		}
	}
	return "", nil, false
}

// inspectCall checks a call that is not one of expr's own functions.
func (c *compiler) inspectCall(place *ast.Node, n *ast.CallNode) {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		if !customFunction(callee.Value) {
			c.names = true
			c.reportNode(callee, diag.UnknownMember, fmt.Sprintf("there is no function `%s`", shortened(callee.Value)), c.suggestFunction(callee))
			if c.want == Having && c.inside == "" {
				return // it was probably to be an aggregate, and its argument is fine
			}
		}
	case *ast.MemberNode:
		property, ok := callee.Property.(*ast.StringNode)
		if !ok || !methods[property.Value] {
			c.reportNode(callee, diag.UnknownMember, "there is no such method", "times and durations have methods: "+methodList())
			return
		}
		// x.Hour() becomes a call of the function ".Hour" on x: so expr never
		// sees the methods of Go's types.
		name := &ast.IdentifierNode{Value: methodName(property.Value)}
		name.SetLocation(property.Location())
		call := &ast.CallNode{Callee: name, Arguments: append([]ast.Node{callee.Node}, n.Arguments...)}
		ast.Patch(place, call)
		n = call
	default:
		c.reportNode(n, diag.ExprRefused, "only functions can be called", "")
		return
	}
	c.inspectAll(places(n.Arguments))
}

// inspectBuiltin checks a call of one of expr's own functions.
func (c *compiler) inspectBuiltin(n *ast.BuiltinNode) {
	if why, ok := refusedFunctions[n.Name]; ok {
		c.reportNode(n, diag.ExprRefused, fmt.Sprintf("the function `%s` is refused: %s", n.Name, why.reason), why.instead)
		return
	}
	for i := range n.Arguments {
		if _, ok := n.Arguments[i].(*ast.PredicateNode); !ok {
			c.inspect(&n.Arguments[i])
			continue
		}
		c.predicates = append(c.predicates, pointer{})
		if len(c.predicates) > maxPredicates {
			c.reportNode(n, diag.ExprRefused, fmt.Sprintf("predicates are nested more than %d deep", maxPredicates), "")
		} else {
			c.inspect(&n.Arguments[i])
		}
		c.predicates = c.predicates[:len(c.predicates)-1]
	}
}

// suggestFunction is the hint for a function that does not exist.
func (c *compiler) suggestFunction(callee *ast.IdentifierNode) string {
	name := callee.Value
	switch {
	case c.env.Defs.list(name) != nil:
		return fmt.Sprintf("`%s` is a list: write it without ()", name)
	case c.env.Defs.macro(name) != nil:
		return fmt.Sprintf("`%s` is a macro: write it without ()", name)
	case c.member(callee) != nil:
		return fmt.Sprintf("`%s` is a member: write it without ()", name)
	case c.aggregateHint(name) != "":
		return c.aggregateHint(name)
	case c.env.Aggregates == nil:
		return diag.DidYouMean(name, functionNames())
	case otherAggregates[strings.ToLower(name)] != "":
		return "write " + otherAggregates[strings.ToLower(name)]
	}
	return diag.DidYouMean(name, append(functionNames(), aggNames[:]...))
}

func methodList() string {
	var all []string
	for _, f := range methodTable {
		all = append(all, f.Name+"()")
	}
	return strings.Join(all, ", ")
}
