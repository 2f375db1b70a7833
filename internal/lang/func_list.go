package lang

import "github.com/qmpalert/qmpalert/qmp"

// listTable are the functions of lists.
var listTable = []function{
	{FuncDoc: FuncDoc{"len", "len(x)", "how many items, members or code points x has"}, call: length},
	{FuncDoc: FuncDoc{"first", "first(list)", "the first item"}, call: func(_ *Frame, args []qmp.Value) qmp.Value { return args[0].At(0) }},
	{FuncDoc: FuncDoc{"last", "last(list)", "the last item"}, call: func(_ *Frame, args []qmp.Value) qmp.Value { return args[0].At(args[0].Len() - 1) }},
	{FuncDoc: FuncDoc{"get", "get(x, key)", "x[key]"}, call: func(_ *Frame, args []qmp.Value) qmp.Value { return get(args[0], args[1]) }},
	{FuncDoc: FuncDoc{"take", "take(list, n)", "the first n items"}, call: take},
	{FuncDoc: FuncDoc{"reverse", "reverse(list)", "the items from the last to the first"}, call: reverse},
	{FuncDoc: FuncDoc{"uniq", "uniq(list)", "the items without those that were there before"}, call: uniq},
	{FuncDoc: FuncDoc{"concat", "concat(a, b, …)", "the items of all lists"}, call: concat},
	{FuncDoc: FuncDoc{"flatten", "flatten(list)", "the items of the lists in a list, however deep"}, call: flatten},
	{FuncDoc: FuncDoc{"sort", `sort(list, "desc")`, "the items in order; without the second argument the least first"}, call: sortList},
}

// itemsOf returns the items of a list in a slice of its own.
func itemsOf(v qmp.Value) []qmp.Value {
	items := make([]qmp.Value, v.Len())
	for i := range items {
		items[i] = v.At(i)
	}
	return items
}

// list returns the items of an argument that must be a list, and takes a step
// for each.
func (f *Frame) list(v qmp.Value) ([]qmp.Value, bool) {
	if v.Kind() != qmp.ListValue || !f.step(1+v.Len()) {
		return nil, false
	}
	return itemsOf(v), true
}

func length(f *Frame, args []qmp.Value) qmp.Value {
	n, ok := f.length(args[0])
	if !ok {
		return qmp.Value{}
	}
	return qmp.Int(int64(n))
}

func take(f *Frame, args []qmp.Value) qmp.Value {
	items, ok := f.list(args[0])
	n, okN := args[1].AsInt()
	if !ok || !okN || n < 0 {
		return qmp.Value{}
	}
	return qmp.List(items[:min(n, int64(len(items)))])
}

func reverse(f *Frame, args []qmp.Value) qmp.Value {
	items, ok := f.list(args[0])
	for i, j := 0, len(items)-1; i < j; i, j = i+1, j-1 {
		items[i], items[j] = items[j], items[i]
	}
	return listIf(ok, items)
}

func uniq(f *Frame, args []qmp.Value) qmp.Value {
	items, ok := f.list(args[0])
	seen := items[:0]
	for _, item := range items {
		if !f.step(1+len(seen)) || !f.knows(seen, item) {
			seen = append(seen, item)
		}
	}
	return listIf(ok && f.step(0), seen)
}

func (f *Frame) knows(seen []qmp.Value, item qmp.Value) bool {
	for _, s := range seen {
		if f.same(s, item) {
			return true
		}
	}
	return false
}

func concat(f *Frame, args []qmp.Value) qmp.Value {
	all := []qmp.Value{}
	for _, arg := range args {
		items, ok := f.list(arg)
		if !ok {
			return qmp.Value{}
		}
		all = append(all, items...)
	}
	return qmp.List(all)
}

func flatten(f *Frame, args []qmp.Value) qmp.Value {
	all, ok := f.flattened([]qmp.Value{}, args[0])
	return listIf(ok, all)
}

func (f *Frame) flattened(all []qmp.Value, list qmp.Value) ([]qmp.Value, bool) {
	items, ok := f.list(list)
	for _, item := range items {
		switch {
		case !ok:
			return nil, false
		case item.Kind() == qmp.ListValue:
			all, ok = f.flattened(all, item)
		default:
			all = append(all, item)
		}
	}
	return all, ok
}

func sortList(f *Frame, args []qmp.Value) qmp.Value {
	items, ok := f.list(args[0])
	if !ok || !f.step(sortSteps*len(items)) {
		return qmp.Value{}
	}
	direction := qmp.String("asc")
	if len(args) == 2 {
		direction = args[1]
	}
	keyed := make([]keyedItem, len(items))
	for i, item := range items {
		keyed[i] = keyedItem{item, item}
	}
	return sorted(keyed, direction)
}
