package lang

import (
	"github.com/qmpalert/qmpalert/qmp"
)

// NamedList is a list that expressions of a file use by its name.
type NamedList struct {
	Name  string
	Items []qmp.Value // strings, numbers, bools
}

// Macro is an expression that others of a file use by its name.
type Macro struct{ Name, Source string }

// DefinitionProblem is a complaint about a list or macro itself, wherever it
// is used. Offset and End are bytes of the source of the macro; both are 0 if
// the complaint is about its name.
type DefinitionProblem struct {
	Name   string
	OfName bool // the name is what is wrong; else the expression of the macro
	Problem
}

// Definitions are the lists and macros of one file. They are immutable.
type Definitions struct{}

// NewDefinitions checks what can be said about lists and macros without an
// event. The Definitions can be used also when there are problems: an
// expression that uses what is broken has a problem too.
func NewDefinitions(lists []NamedList, macros []Macro) (*Definitions, []DefinitionProblem) {
	return &Definitions{}, nil
}
