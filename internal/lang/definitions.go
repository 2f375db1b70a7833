package lang

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/parser/lexer"
	"github.com/expr-lang/expr/types"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// NamedList is a list that expressions of a file use by its name.
type NamedList struct {
	Name  string
	Items []qmp.Value // strings, numbers, bools
}

// Macro is an expression that others of a file use by its name. It is put in
// the place of the name as if it stood in brackets there.
type Macro struct{ Name, Source string }

// DefinitionProblem is a complaint about a list or macro itself, wherever it
// is used. Offset and End are bytes of the source of the macro; both are 0 if
// the complaint is about its name.
type DefinitionProblem struct {
	Name   string
	OfName bool // the name is what is wrong; else the expression of the macro
	Problem
}

// Definitions are the lists and macros of one file. They are immutable; nil has
// none.
type Definitions struct {
	lists  map[string]*list
	macros map[string]*macro
}

// list is a list as programs use it: each of them the same memory.
type list struct {
	value   qmp.Value
	set     *set
	texts   []string // for Equality; nil unless all items are texts
	checked types.Type
}

// macro is an expression to be expanded. It is parsed again at each use, for
// the tree is written to.
type macro struct {
	name, src string
	source    string         // what the parser shall see: see scan
	big       map[int]uint64 // see compiler
	tokens    []lexer.Token
	nodes     int            // of its own tree
	uses      map[string]int // names in it, and how often
	broken    bool
}

// NewDefinitions checks what can be said about lists and macros without an
// event. The Definitions can be used also when there are problems: an
// expression that uses a macro with an error has a problem too, which says no
// more than that.
func NewDefinitions(lists []NamedList, macros []Macro) (*Definitions, []DefinitionProblem) {
	d := &Definitions{map[string]*list{}, map[string]*macro{}}
	var problems []DefinitionProblem
	check := func(name string) bool {
		message, hint := d.badName(name)
		if message != "" {
			problems = append(problems, DefinitionProblem{name, true, problemAt(0, 0, diag.BadDefinition, message, hint)})
		}
		return message == ""
	}
	for _, l := range lists {
		if check(l.Name) {
			d.lists[l.Name] = newList(l.Items)
		}
	}
	for _, m := range macros {
		if check(m.Name) {
			problems = append(problems, d.define(m)...)
		}
	}
	return d, append(problems, d.checkUses(macros)...)
}

var goodName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// keywords are the words of the syntax.
var keywords = []string{"true", "false", "nil", "and", "or", "not", "in", "let", "if", "else", "matches", "contains", "startsWith", "endsWith"}

// badName says what is wrong with the name of a list or macro, "" if nothing.
func (d *Definitions) badName(name string) (message, hint string) {
	const other = "choose another name"
	quoted := shortened(name)
	_, isBuiltin := builtin.Index[name]
	isWindowVar := slices.ContainsFunc(WindowVars(), func(v Var) bool { return v.Name == name })
	switch {
	case !goodName.MatchString(name):
		return fmt.Sprintf("`%s` cannot be used as a name in expressions", quoted), "a name has letters, digits and underscores"
	case slices.Contains(keywords, name):
		return fmt.Sprintf("`%s` is a word of the language", quoted), other
	case slices.Contains(fixedNames, name) || isWindowVar:
		return fmt.Sprintf("`%s` is a name that every expression has", quoted), other
	case isBuiltin || customFunction(name) || refusedFunctions[name].reason != "":
		return fmt.Sprintf("`%s` is a function", quoted), other
	case slices.Contains(aggNames[:], name):
		return fmt.Sprintf("`%s` is an aggregate", quoted), other
	case d.lists[name] != nil || d.macros[name] != nil:
		return fmt.Sprintf("`%s` is defined twice", quoted), "lists and macros share their names: choose another one"
	}
	return "", ""
}

func newList(items []qmp.Value) *list {
	value := qmp.List(slices.Clone(items))
	return &list{value: value, set: makeSet(value), texts: textsOf(items), checked: listType(items)}
}

// listType is the type that the list has when it is written out.
func listType(items []qmp.Value) types.Type {
	of := types.Type(nil)
	for _, v := range items {
		t := types.Type(types.Any)
		switch v.Kind() {
		case qmp.StringValue:
			t = types.String
		case qmp.BoolValue:
			t = types.Bool
		case qmp.IntValue:
			t = types.Int
		case qmp.FloatValue, qmp.UintValue:
			t = types.Float64
		}
		if of != nil && of != t {
			return types.TypeOf([]any{})
		}
		of = t
	}
	if of == nil || of == types.Any {
		return types.TypeOf([]any{})
	}
	return types.Array(of)
}

// define parses a macro and takes it up.
func (d *Definitions) define(def Macro) []DefinitionProblem {
	m := &macro{name: def.Name, src: def.Source, broken: true}
	d.macros[m.name] = m
	c := &compiler{src: def.Source}
	if source, ok := c.scan(); ok {
		if tree, ok := c.parse(source); ok && c.affordable(tree.Node) {
			m.source, m.big, m.tokens, m.nodes, m.broken = source, c.big, c.tokens, countNodes(tree.Node), false
			m.uses = map[string]int{}
			countNames(tree.Node, m.uses, map[ast.Node]bool{})
		}
	}
	var problems []DefinitionProblem
	for _, p := range c.problems {
		problems = append(problems, DefinitionProblem{Name: m.name, Problem: p})
	}
	return problems
}

// countNodes is how many nodes a tree has; those that the parser shares count once.
func countNodes(root ast.Node) int {
	seen := map[ast.Node]bool{}
	var visit func(ast.Node)
	visit = func(n ast.Node) {
		if n == nil || seen[n] {
			return
		}
		seen[n] = true
		for _, child := range children(n) {
			visit(*child)
		}
	}
	visit(root)
	return len(seen)
}

// countNames counts how often each bare name is used.
func countNames(n ast.Node, names map[string]int, seen map[ast.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	if id, ok := n.(*ast.IdentifierNode); ok {
		names[id.Value]++
	}
	for _, child := range children(n) {
		countNames(*child, names, seen)
	}
}

// checkUses finds macros that use each other in a circle and those that grow
// too large.
func (d *Definitions) checkUses(order []Macro) []DefinitionProblem {
	w := &walk{d: d, sizes: map[string]int{}}
	for _, m := range order {
		if d.macros[m.Name] != nil {
			w.size(m.Name, nil)
		}
	}
	return w.problems
}

// walk follows the uses of macros.
type walk struct {
	d        *Definitions
	sizes    map[string]int // expanded, or open
	problems []DefinitionProblem
}

// open is the size of a macro while it is being found out.
const open = -1

// size is how many nodes a macro has once expanded, at most MaxNodes+1.
func (w *walk) size(name string, path []string) int {
	m := w.d.macros[name]
	if size, known := w.sizes[name]; known {
		if size == open {
			w.circle(append(path[slices.Index(path, name):], name))
		}
		return max(size, 0)
	}
	w.sizes[name] = open
	size := m.nodes
	for _, use := range slices.Sorted(maps.Keys(m.uses)) {
		if w.d.macros[use] != nil {
			size += m.uses[use] * w.size(use, append(slices.Clip(path), name))
			m.broken = m.broken || w.d.macros[use].broken
		}
	}
	if size > MaxNodes && !m.broken {
		w.report(m, fmt.Sprintf("the macro `%s` has more than %d parts once all macros in it are expanded", name, MaxNodes), "split it into several rules")
	}
	w.sizes[name] = min(size, MaxNodes+1)
	return w.sizes[name]
}

func (w *walk) circle(path []string) {
	m := w.d.macros[path[0]]
	if m.broken {
		return
	}
	message := fmt.Sprintf("the macro `%s` uses itself", m.name)
	if len(path) > 2 {
		message = fmt.Sprintf("the macros %s use each other", strings.Join(path, " → "))
	}
	w.report(m, message, "write one of them out")
	for _, name := range path {
		w.d.macros[name].broken = true
	}
}

func (w *walk) report(m *macro, message, hint string) {
	m.broken = true
	w.problems = append(w.problems, DefinitionProblem{Name: m.name, Problem: problemAt(0, len(m.src), diag.BadDefinition, message, hint)})
}

// list returns the list of that name, or nil.
func (d *Definitions) list(name string) *list {
	if d == nil {
		return nil
	}
	return d.lists[name]
}

// macro returns the macro of that name, or nil.
func (d *Definitions) macro(name string) *macro {
	if d == nil {
		return nil
	}
	return d.macros[name]
}

func (d *Definitions) listNames() []string {
	if d == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(d.lists))
}

// names lists all names, for suggestions.
func (d *Definitions) names() []string {
	if d == nil {
		return nil
	}
	return append(d.listNames(), slices.Sorted(maps.Keys(d.macros))...)
}
