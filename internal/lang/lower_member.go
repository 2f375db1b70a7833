package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// nameValue lowers a bare name.
func (c *compiler) nameValue(n *ast.IdentifierNode) eval {
	for i := len(c.lets) - 1; i >= 0; i-- {
		if c.lets[i].name == n.Value {
			slot := c.lets[i].slot
			return func(f *Frame) qmp.Value { return f.locals[slot] }
		}
	}
	if a := c.aggregateOf(n); a != nil {
		index := a.index
		return func(f *Frame) qmp.Value { return f.aggregate(index) }
	}
	switch n.Value {
	case nameEvent:
		return func(f *Frame) qmp.Value {
			if f.Event == nil {
				return qmp.Value{}
			}
			return qmp.String(f.Event.Name)
		}
	case nameHost:
		return func(f *Frame) qmp.Value {
			if f.Event == nil {
				return qmp.Value{}
			}
			return sent(f.Event.Host)
		}
	case nameTime:
		return (*Frame).time
	case nameVM:
		return vmValue
	case nameData:
		return (*Frame).rawData
	}
	if v := c.env.variable(n.Value); v != nil {
		return v.Get
	}
	if m := c.member(n); m != nil {
		return c.field(m, n)
	}
	if c.env.Event == nil {
		name := n.Value
		return func(f *Frame) qmp.Value { return f.untyped(name) }
	}
	return c.unsupported(n)
}

// sent is a text of the origin of an event, where "" means that there is none.
func sent(s string) qmp.Value {
	if s == "" {
		return qmp.Value{}
	}
	return qmp.String(s)
}

func vmName(f *Frame) qmp.Value {
	if f.Event == nil {
		return qmp.Value{}
	}
	return sent(f.Event.VM.Name)
}

func vmUUID(f *Frame) qmp.Value {
	if f.Event == nil {
		return qmp.Value{}
	}
	return sent(f.Event.VM.UUID)
}

// vmValue is the whole vm, as texts may want it.
func vmValue(f *Frame) qmp.Value {
	name, uuid := vmName(f), vmUUID(f)
	switch {
	case name.IsNil() && uuid.IsNil():
		return qmp.Value{}
	case uuid.IsNil():
		return qmp.Object([]string{"name"}, []qmp.Value{name})
	}
	return qmp.Object(vmMembers, []qmp.Value{name, uuid})
}

// memberValue lowers x.y and x[y].
func (c *compiler) memberValue(n *ast.MemberNode) eval {
	if m := c.member(n); m != nil {
		return c.field(m, n)
	}
	property, static := n.Property.(*ast.StringNode)
	if static && c.isFixed(n.Node, nameVM) {
		if property.Value == "uuid" {
			return vmUUID
		}
		return vmName
	}
	if static && c.isFixed(n.Node, nameData) {
		name := property.Value
		return func(f *Frame) qmp.Value { return f.rawMember(name) }
	}
	of, key := c.value(n.Node), c.value(n.Property)
	return func(f *Frame) qmp.Value { return get(of(f), key(f)) }
}

// get is x[key]: a member of an object, an item of a list (from the end if
// key is negative), nil for everything else.
func get(of, key qmp.Value) qmp.Value {
	switch of.Kind() {
	case qmp.ObjectValue:
		name, ok := key.AsString()
		if !ok {
			return qmp.Value{}
		}
		return objectMember(of, name)
	case qmp.ListValue:
		i, ok := key.AsInt()
		if !ok {
			return qmp.Value{}
		}
		if i < 0 {
			i += int64(of.Len())
		}
		if i >= int64(of.Len()) {
			return qmp.Value{}
		}
		return of.At(int(i))
	}
	return qmp.Value{}
}

// objectMember finds a member by its name on the wire, else by the spelling of
// expressions: (c ? client : server).web_socket.
func objectMember(of qmp.Value, name string) qmp.Value {
	v := of.Get(name)
	if !v.IsNil() || !strings.Contains(name, "_") {
		return v
	}
	for i, wire := range of.Names() {
		if strings.ReplaceAll(wire, "-", "_") == name {
			return of.At(i)
		}
	}
	return qmp.Value{}
}

// sliceValue lowers x[from:to] of lists and strings. Ends are cut to what is
// there; negative ones count from the end.
func (c *compiler) sliceValue(n *ast.SliceNode) eval {
	of := c.value(n.Node)
	var from, to eval
	if n.From != nil {
		from = c.value(n.From)
	}
	if n.To != nil {
		to = c.value(n.To)
	}
	return func(f *Frame) qmp.Value {
		v := of(f)
		length, ok := f.length(v)
		if !ok || v.Kind() == qmp.ObjectValue {
			return qmp.Value{}
		}
		a, okA := sliceEnd(f, from, 0, length)
		b, okB := sliceEnd(f, to, length, length)
		if !okA || !okB {
			return qmp.Value{}
		}
		return cutOut(v, min(a, b), b)
	}
}

// sliceEnd evaluates an end of a slice; one that is not written is other.
func sliceEnd(f *Frame, e eval, other, length int) (int, bool) {
	if e == nil {
		return other, true
	}
	i, ok := e(f).AsInt()
	if i < 0 {
		i += int64(length)
	}
	return int(max(0, min(i, int64(length)))), ok
}

// length is how many items, members or code points v has.
func (f *Frame) length(v qmp.Value) (int, bool) {
	switch v.Kind() {
	case qmp.ListValue, qmp.ObjectValue:
		return v.Len(), true
	case qmp.StringValue:
		s, _ := v.AsString()
		if !f.stepBytes(len(s)) {
			return 0, false
		}
		return utf8.RuneCountInString(s), true
	}
	return 0, false
}

// cutOut returns the items or code points [a, b) of v.
func cutOut(v qmp.Value, a, b int) qmp.Value {
	if s, ok := v.AsString(); ok {
		from := codePoints(s, a)
		return qmp.String(s[from : from+codePoints(s[from:], b-a)])
	}
	items := make([]qmp.Value, 0, b-a)
	for i := a; i < b; i++ {
		items = append(items, v.At(i))
	}
	return qmp.List(items)
}

// codePoints is how many bytes the first n code points of s have.
func codePoints(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}
