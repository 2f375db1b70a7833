package lang

import (
	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// fromRaw says that the event has types but no decoded members: one of a rule's
// own making. They are read from Raw by their names.
func (c *compiler) fromRaw() bool { return c.env.Event != nil && c.env.Event.Kind == qmp.Unknown }

// slotted is member for those that have a slot.
func (c *compiler) slotted(n ast.Node) *qmp.Member {
	if c.fromRaw() {
		return nil
	}
	return c.member(n)
}

// field lowers a member of the event, which n is.
func (c *compiler) field(m *qmp.Member, n ast.Node) eval {
	if !c.fromRaw() {
		slot := m.Slot
		return func(f *Frame) qmp.Value { return f.field(slot) }
	}
	event, path, json := c.env.Event.Name, c.wirePath(n), m.JSON
	return func(f *Frame) qmp.Value {
		if f.Event == nil || f.Event.Kind != qmp.Unknown || f.Event.Name != event {
			return qmp.Value{}
		}
		return ofType(f.rawPath(path), json)
	}
}

// wirePath is where a member is in the received event.
func (c *compiler) wirePath(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.ChainNode:
		return c.wirePath(n.Node)
	case *ast.MemberNode:
		return append(c.wirePath(n.Node), c.member(n).Name)
	}
	return []string{c.member(n).Name}
}

// ofType is v as the decoder of a known event gives it: nil unless it has the
// type of its member.
func ofType(v qmp.Value, json qmp.JSONType) qmp.Value {
	ok := true
	switch json {
	case qmp.JSONString:
		ok = v.Kind() == qmp.StringValue
	case qmp.JSONBool:
		ok = v.Kind() == qmp.BoolValue
	case qmp.JSONInt:
		ok = v.Kind() == qmp.IntValue || v.Kind() == qmp.UintValue
	case qmp.JSONObject:
		ok = v.Kind() == qmp.ObjectValue
	case qmp.JSONFloat:
		f, isNumber := v.AsFloat()
		if isNumber {
			return qmp.Float(f)
		}
		ok = false
	}
	if !ok {
		return qmp.Value{}
	}
	return v
}
