package lang

import (
	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// equal lowers ==. A member beside a literal, which is what nearly every rule
// does, gets a closure of its own.
func (c *compiler) equal(left, right ast.Node) cond {
	if _, ok := c.literal(left); ok {
		left, right = right, left
	}
	constant, isConstant := c.literal(right)
	m := c.slotted(left)
	text, isText := constant.AsString()
	switch {
	case m != nil && isText:
		slot := m.Slot
		return func(f *Frame) bool {
			s, ok := f.field(slot).AsString()
			return ok && s == text
		}
	case isText:
		of := c.value(left)
		return func(f *Frame) bool {
			s, ok := of(f).AsString()
			return ok && s == text
		}
	case isConstant && constant.IsNil():
		of := c.value(left)
		return func(f *Frame) bool { return of(f).IsNil() }
	case isConstant:
		of := c.value(left)
		return func(f *Frame) bool { return f.same(of(f), constant) }
	}
	a, b := c.value(left), c.value(right)
	return func(f *Frame) bool { return f.same(a(f), b(f)) }
}

// same is qmp.Equal with the steps that lists and objects take.
func (f *Frame) same(a, b qmp.Value) bool {
	if a.Kind() == qmp.ListValue || a.Kind() == qmp.ObjectValue {
		return a.Kind() == b.Kind() && f.step(weight(a)) && qmp.Equal(a, b)
	}
	return qmp.Equal(a, b)
}

// weight is how many values v is made of, and the steps that its texts take. It
// stops counting above MaxSteps: parts may be shared, [a, a] of [b, b] and so
// on, so that a small expression makes a value that nobody could walk through.
func weight(v qmp.Value) int {
	n := 1 + v.Len()
	if v.Kind() != qmp.ListValue && v.Kind() != qmp.ObjectValue {
		return 1 + v.Len()/bytesPerStep
	}
	for i := range v.Len() {
		if n > MaxSteps {
			break
		}
		n += weight(v.At(i))
	}
	return n
}

// ordering lowers <, <=, > and >=: false unless both sides have an order.
func (c *compiler) ordering(n *ast.BinaryNode) cond {
	test := orderings[n.Operator]
	if k, ok := c.literal(n.Right); ok {
		if m := c.slotted(n.Left); m != nil {
			slot := m.Slot
			return func(f *Frame) bool {
				order, ok := qmp.Compare(f.field(slot), k)
				return ok && test.holds(order)
			}
		}
		of := c.value(n.Left)
		return func(f *Frame) bool {
			order, ok := qmp.Compare(of(f), k)
			return ok && test.holds(order)
		}
	}
	left, right := c.value(n.Left), c.value(n.Right)
	return func(f *Frame) bool {
		order, ok := qmp.Compare(left(f), right(f))
		return ok && test.holds(order)
	}
}

// order says for which results of a comparison an ordering holds.
type order struct{ less, equal, more bool }

func (o order) holds(c int) bool {
	switch {
	case c < 0:
		return o.less
	case c > 0:
		return o.more
	}
	return o.equal
}

var orderings = map[string]order{
	"<":  {less: true},
	"<=": {less: true, equal: true},
	">":  {more: true},
	">=": {more: true, equal: true},
}

// in lowers x in y: a list that has x, an object that has a member x. What was
// not sent is in nothing.
func (c *compiler) in(n *ast.BinaryNode) cond {
	needle := c.value(n.Left)
	if list, ok := c.literal(n.Right); ok && list.Kind() == qmp.ListValue {
		set := c.setOf(n.Right, list)
		if m := c.slotted(n.Left); m != nil {
			slot := m.Slot
			return func(f *Frame) bool { return set.has(f, f.field(slot)) }
		}
		return func(f *Frame) bool { return set.has(f, needle(f)) }
	}
	within := c.value(n.Right)
	return func(f *Frame) bool {
		x, y := needle(f), within(f)
		switch y.Kind() {
		case qmp.ListValue:
			return listHas(f, y, x)
		case qmp.ObjectValue:
			name, ok := x.AsString()
			return ok && f.step(1+y.Len()) && !y.Get(name).IsNil()
		}
		return false
	}
}

func listHas(f *Frame, list, x qmp.Value) bool {
	if x.IsNil() || !f.step(1+list.Len()) {
		return false
	}
	for i := range list.Len() {
		if f.same(x, list.At(i)) {
			return true
		}
	}
	return false
}

// set is a constant list that is searched often.
type set struct {
	texts   map[string]struct{} // nil while few
	few     []string
	numbers map[int64]struct{}
	others  qmp.Value // a list of what has no place above
}

// fewTexts is up to where comparing strings one by one is faster than hashing.
const fewTexts = 8

// setOf returns the set of a constant list: one that has a name shares it.
func (c *compiler) setOf(n ast.Node, list qmp.Value) *set {
	if id, ok := n.(*ast.IdentifierNode); ok {
		return c.env.Defs.list(id.Value).set
	}
	return makeSet(list)
}

func makeSet(list qmp.Value) *set {
	s := &set{numbers: map[int64]struct{}{}}
	var others []qmp.Value
	for i := range list.Len() {
		item := list.At(i)
		if text, ok := item.AsString(); ok {
			s.few = append(s.few, text)
		} else if n, ok := item.AsInt(); ok {
			s.numbers[n] = struct{}{}
		} else {
			others = append(others, item)
		}
	}
	if len(s.few) > fewTexts {
		s.texts = map[string]struct{}{}
		for _, text := range s.few {
			s.texts[text] = struct{}{}
		}
	}
	s.others = qmp.List(others)
	return s
}

func (s *set) has(f *Frame, v qmp.Value) bool {
	if text, ok := v.AsString(); ok {
		if s.texts != nil {
			_, found := s.texts[text]
			return found
		}
		for _, t := range s.few {
			if t == text {
				return true
			}
		}
		return false
	}
	if n, ok := v.AsInt(); ok {
		_, found := s.numbers[n]
		return found
	}
	return s.others.Len() > 0 && listHas(f, s.others, v)
}
