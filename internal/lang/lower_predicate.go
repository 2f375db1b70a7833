package lang

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/qmp"
)

// pointer is where # and #index of a predicate are in the Frame.
type pointer struct{ item, index int }

// pointerValue lowers # and #index: those of the innermost predicate.
func (c *compiler) pointerValue(n *ast.PointerNode) eval {
	at := c.predicates[len(c.predicates)-1]
	switch n.Name {
	case "":
		return func(f *Frame) qmp.Value { return f.locals[at.item] }
	case "index":
		return func(f *Frame) qmp.Value { return f.locals[at.index] }
	}
	return c.unsupported(n)
}

// loop is a predicate function in the making: a list and what is asked about
// each of its items.
type loop struct {
	list eval
	test cond // nil where no predicate is written
	item eval
	at   pointer
}

// loop lowers the list and the predicate of a function.
func (c *compiler) loop(n *ast.BuiltinNode) loop {
	l := loop{list: c.value(n.Arguments[0]), at: pointer{c.local(1), c.local(1)}}
	if len(n.Arguments) == 1 {
		at := l.at.item
		l.item = func(f *Frame) qmp.Value { return f.locals[at] }
		l.test = func(f *Frame) bool { return isTrue(f.locals[at]) }
		return l
	}
	c.predicates = append(c.predicates, l.at)
	body := n.Arguments[1].(*ast.PredicateNode).Node
	l.test, l.item = c.cond(body), c.value(body)
	c.predicates = c.predicates[:len(c.predicates)-1]
	return l
}

// each puts one item after the other into its place and calls visit, until
// that returns false. It returns false if there is no list, or no steps are
// left.
func (l *loop) each(f *Frame, visit func(i int, item qmp.Value) bool) bool {
	list := l.list(f)
	if list.Kind() != qmp.ListValue {
		return false
	}
	for i := range list.Len() {
		if !l.set(f, list, i) {
			return false
		}
		if !visit(i, list.At(i)) {
			break
		}
	}
	return true
}

func (l *loop) set(f *Frame, list qmp.Value, i int) bool {
	f.locals[l.at.item] = list.At(i)
	f.locals[l.at.index] = qmp.Int(int64(i))
	return f.step(1)
}

// predicateValue lowers a function of expr whose argument is a predicate, and
// returns nil for every other one.
func (c *compiler) predicateValue(n *ast.BuiltinNode) eval {
	switch n.Name {
	case "all":
		return c.quantifier(n, func(count, total int) bool { return count == total })
	case "none":
		return c.quantifier(n, func(count, _ int) bool { return count == 0 })
	case "any":
		return c.quantifier(n, func(count, _ int) bool { return count > 0 })
	case "one":
		return c.quantifier(n, func(count, _ int) bool { return count == 1 })
	case "count":
		return c.countValue(n)
	case "sum":
		return c.sumValue(n)
	case "filter":
		return c.filterValue(n)
	case "map":
		return c.mapValue(n)
	case "find":
		return c.finder(n, false, itemFound, qmp.Value{})
	case "findLast":
		return c.finder(n, true, itemFound, qmp.Value{})
	case "findIndex":
		return c.finder(n, false, placeFound, qmp.Int(-1))
	case "findLastIndex":
		return c.finder(n, true, placeFound, qmp.Int(-1))
	case "sortBy":
		return c.sortByValue(n)
	}
	return nil
}

func itemFound(_ int, item qmp.Value) qmp.Value { return item }

func placeFound(i int, _ qmp.Value) qmp.Value { return qmp.Int(int64(i)) }

// quantifier lowers a function that asks for how many items something holds.
func (c *compiler) quantifier(n *ast.BuiltinNode, holds func(count, total int) bool) eval {
	l := c.loop(n)
	return func(f *Frame) qmp.Value {
		count, total, ok := l.count(f)
		if !ok {
			return qmp.Value{}
		}
		return qmp.Bool(holds(count, total))
	}
}

// count is for how many items the predicate holds, and how many there are.
func (l *loop) count(f *Frame) (count, total int, ok bool) {
	ok = l.each(f, func(int, qmp.Value) bool {
		total++
		if l.test(f) {
			count++
		}
		return true
	})
	return count, total, ok
}

func (c *compiler) countValue(n *ast.BuiltinNode) eval {
	l := c.loop(n)
	return func(f *Frame) qmp.Value {
		count, _, ok := l.count(f)
		if !ok {
			return qmp.Value{}
		}
		return qmp.Int(int64(count))
	}
}

// sumValue adds up: one item that is not a number makes the sum nil.
func (c *compiler) sumValue(n *ast.BuiltinNode) eval {
	l := c.loop(n)
	return func(f *Frame) qmp.Value {
		sum := qmp.Int(0)
		if !l.each(f, func(int, qmp.Value) bool { sum = add(sum, l.item(f)); return true }) {
			return qmp.Value{}
		}
		return sum
	}
}

func (c *compiler) filterValue(n *ast.BuiltinNode) eval {
	l := c.loop(n)
	return func(f *Frame) qmp.Value {
		items := []qmp.Value{}
		ok := l.each(f, func(_ int, item qmp.Value) bool {
			if l.test(f) {
				items = append(items, item)
			}
			return true
		})
		return listIf(ok, items)
	}
}

func (c *compiler) mapValue(n *ast.BuiltinNode) eval {
	l := c.loop(n)
	return func(f *Frame) qmp.Value {
		items := []qmp.Value{}
		ok := l.each(f, func(int, qmp.Value) bool { items = append(items, l.item(f)); return true })
		return listIf(ok, items)
	}
}

func listIf(ok bool, items []qmp.Value) qmp.Value {
	if !ok {
		return qmp.Value{}
	}
	return qmp.List(items)
}

// finder lowers a function that looks for the first item, or the last one if
// backwards is set.
func (c *compiler) finder(n *ast.BuiltinNode, backwards bool, give func(i int, item qmp.Value) qmp.Value, none qmp.Value) eval {
	l := c.loop(n)
	return func(f *Frame) qmp.Value {
		found := none
		ok := l.each(f, func(i int, item qmp.Value) bool {
			if l.test(f) {
				found = give(i, item)
				return backwards
			}
			return true
		})
		if !ok {
			return qmp.Value{}
		}
		return found
	}
}

// sortByValue lowers sortBy(list, key, "asc" or "desc").
func (c *compiler) sortByValue(n *ast.BuiltinNode) eval {
	l := c.loop(n)
	direction := func(*Frame) qmp.Value { return qmp.String("asc") }
	if len(n.Arguments) == 3 {
		direction = c.value(n.Arguments[2])
	}
	return func(f *Frame) qmp.Value {
		var keyed []keyedItem
		ok := l.each(f, func(_ int, item qmp.Value) bool {
			keyed = append(keyed, keyedItem{l.item(f), item})
			return f.step(sortSteps)
		})
		if !ok {
			return qmp.Value{}
		}
		return sorted(keyed, direction(f))
	}
}

// sortSteps is what sorting costs for each item.
const sortSteps = 10

type keyedItem struct{ key, item qmp.Value }

// sorted sorts by key, equal ones in the order they had. Keys of different
// kinds are in the order nil, bool, number, string, list, object, time, span.
func sorted(keyed []keyedItem, direction qmp.Value) qmp.Value {
	way, _ := direction.AsString()
	sign, ok := map[string]int{"asc": 1, "desc": -1}[way]
	if !ok {
		return qmp.Value{}
	}
	slices.SortStableFunc(keyed, func(a, b keyedItem) int { return sign * sortOrder(a.key, b.key) })
	items := make([]qmp.Value, len(keyed))
	for i, k := range keyed {
		items[i] = k.item
	}
	return qmp.List(items)
}

func sortOrder(a, b qmp.Value) int {
	if order, ok := qmp.Compare(a, b); ok {
		return order
	}
	if a.IsNumber() && b.IsNumber() {
		return 0
	}
	return int(a.Kind()) - int(b.Kind())
}
