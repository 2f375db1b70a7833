package lang

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// Equality is something without which a program is never true: the value of
// Name is one of Texts. So an index of many programs needs to ask only those
// that have the text of the event at hand.
type Equality struct {
	// Name is the normal form of a member, host, vm.name or vm.uuid. Programs
	// for one kind of event mean the same by the same Name.
	Name  string
	Texts []string // at least one, sorted, no duplicates

	kind qmp.Kind
	get  eval
}

// Text returns the text of Name in the event of the frame; false when it was
// not sent or is no text. It may share memory with the event.
func (q *Equality) Text(f *Frame) (string, bool) {
	f.enter(q.kind)
	return q.get(f).AsString()
}

// Equalities returns what the program is never true without: each term of its
// outermost `and` that compares a name with texts, by == or in.
func (p *Program) Equalities() []Equality { return p.equalities }

// equalities collects those of a checked condition.
func (c *compiler) equalities(n ast.Node) []Equality {
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		return nil
	}
	switch spelling(b.Operator) {
	case "and":
		return append(c.equalities(b.Left), c.equalities(b.Right)...)
	case "==":
		name, texts := b.Left, b.Right
		if _, ok := c.literal(name); ok {
			name, texts = texts, name
		}
		if v, ok := c.literal(texts); ok {
			return c.equality(name, textsOf([]qmp.Value{v}))
		}
	case "in":
		if id, ok := b.Right.(*ast.IdentifierNode); ok && c.env.Defs.list(id.Value) != nil {
			return c.equality(b.Left, c.env.Defs.list(id.Value).texts)
		}
		if v, ok := c.literal(b.Right); ok {
			return c.equality(b.Left, textsOf(itemsOf(v)))
		}
	}
	return nil
}

// equality is that of one term, if it is one.
func (c *compiler) equality(name ast.Node, texts []string) []Equality {
	if len(texts) == 0 || !c.cheapName(name) {
		return nil
	}
	q := Equality{Name: c.canonical(name), Texts: texts, get: c.value(name)}
	if c.env.Event != nil {
		q.kind = c.env.Event.Kind
	}
	return []Equality{q}
}

// textsOf returns the items as Equality.Texts wants them, nil unless each one is
// a text.
func textsOf(items []qmp.Value) []string {
	texts := make([]string, len(items))
	for i, v := range items {
		text, ok := v.AsString()
		if !ok {
			return nil
		}
		texts[i] = text
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// cheapName reports whether n is a name whose value is at hand: data["x"], and
// any member of an event that is read from Raw, would have to be looked for in
// the text of the event.
func (c *compiler) cheapName(n ast.Node) bool {
	if c.slotted(n) != nil || c.isFixed(n, nameHost) {
		return true
	}
	m, ok := n.(*ast.MemberNode)
	return ok && c.isFixed(m.Node, nameVM)
}
