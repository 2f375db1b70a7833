package lang

import (
	"slices"
	"strings"
)

// FuncDoc describes a function for people.
type FuncDoc struct {
	Name string // human_bytes; of a method without the dot: Hour
	Form string // human_bytes(x), time.Hour()
	Doc  string // what it gives, in one sentence without a full stop
}

// functions are all functions whose arguments are values, by the name that the
// syntax tree has for them.
var functions = func() map[string]*function {
	all := map[string]*function{}
	for _, table := range [][]function{textTable, numberTable, listTable, objectTable, helperTable} {
		for i := range table {
			all[table[i].Name] = &table[i]
		}
	}
	for i := range methodTable {
		all[methodName(methodTable[i].Name)] = &methodTable[i]
	}
	return all
}()

// methodName is the name of a method in the syntax tree: one that nobody can
// write.
func methodName(name string) string { return "." + name }

var methods = func() map[string]bool {
	all := map[string]bool{}
	for _, m := range methodTable {
		all[m.Name] = true
	}
	return all
}()

// predicateDocs describe the functions of predicateValue.
var predicateDocs = []FuncDoc{
	{"all", "all(list, condition)", "whether the condition holds for every item; # is the item, .x its member x"},
	{"none", "none(list, condition)", "whether the condition holds for no item"},
	{"any", "any(list, condition)", "whether the condition holds for some item"},
	{"one", "one(list, condition)", "whether the condition holds for exactly one item"},
	{"count", "count(list, condition)", "for how many items the condition holds"},
	{"sum", "sum(list, value)", "the sum of the values; without value that of the items"},
	{"filter", "filter(list, condition)", "the items for which the condition holds"},
	{"map", "map(list, value)", "the value for each item; #index is its place"},
	{"find", "find(list, condition)", "the first item for which the condition holds"},
	{"findLast", "findLast(list, condition)", "the last item for which the condition holds"},
	{"findIndex", "findIndex(list, condition)", "the place of the first such item, or -1"},
	{"findLastIndex", "findLastIndex(list, condition)", "the place of the last such item, or -1"},
	{"sortBy", `sortBy(list, value, "desc")`, "the items in order of a value; without the third argument the least first"},
}

// Functions lists the functions and methods of the language, sorted by name.
func Functions() []FuncDoc {
	all := slices.Clone(predicateDocs)
	for _, fn := range functions {
		all = append(all, fn.FuncDoc)
	}
	slices.SortFunc(all, func(a, b FuncDoc) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// functionNames are the names of all functions but methods, for suggestions.
func functionNames() []string {
	var all []string
	for _, doc := range Functions() {
		if !methods[doc.Name] {
			all = append(all, doc.Name)
		}
	}
	return all
}
