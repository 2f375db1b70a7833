package lang

import "github.com/qmpalert/qmpalert/qmp"

// objectTable are the functions of objects. Members are in the order of the
// wire.
var objectTable = []function{
	{FuncDoc: FuncDoc{"keys", "keys(object)", "the names of the members"}, call: keys},
	{FuncDoc: FuncDoc{"values", "values(object)", "the values of the members"}, call: values},
	{FuncDoc: FuncDoc{"toPairs", "toPairs(object)", "a list of [name, value]"}, call: toPairs},
	{FuncDoc: FuncDoc{"fromPairs", "fromPairs(list)", "the object of a list of [name, value]"}, call: fromPairs},
}

func isObject(f *Frame, v qmp.Value) bool {
	return v.Kind() == qmp.ObjectValue && f.step(1+v.Len())
}

func keys(f *Frame, args []qmp.Value) qmp.Value {
	if !isObject(f, args[0]) {
		return qmp.Value{}
	}
	items := []qmp.Value{}
	for _, name := range args[0].Names() {
		items = append(items, qmp.String(name))
	}
	return qmp.List(items)
}

func values(f *Frame, args []qmp.Value) qmp.Value {
	if !isObject(f, args[0]) {
		return qmp.Value{}
	}
	return qmp.List(itemsOf(args[0]))
}

func toPairs(f *Frame, args []qmp.Value) qmp.Value {
	if !isObject(f, args[0]) || !f.step(2*args[0].Len()) {
		return qmp.Value{}
	}
	items := []qmp.Value{}
	for i, name := range args[0].Names() {
		items = append(items, qmp.List([]qmp.Value{qmp.String(name), args[0].At(i)}))
	}
	return qmp.List(items)
}

// fromPairs is nil if an item is not a pair whose first is a string.
func fromPairs(f *Frame, args []qmp.Value) qmp.Value {
	pairs, ok := f.list(args[0])
	names, items := []string{}, []qmp.Value{}
	for _, pair := range pairs {
		if ok = ok && pair.Kind() == qmp.ListValue && pair.Len() == 2 && f.step(1+len(names)); !ok {
			return qmp.Value{}
		}
		if _, ok = pair.At(0).AsString(); !ok {
			return qmp.Value{}
		}
		names, items = setMember(names, items, pair.At(0), pair.At(1))
	}
	if !ok {
		return qmp.Value{}
	}
	return qmp.Object(names, items)
}
