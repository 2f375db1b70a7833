package config

import (
	"sort"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// ValueKind says what a Value is.
type ValueKind string

// The kinds of values.
const (
	TextValue   ValueKind = "text"
	NumberValue ValueKind = "number"
	BoolValue   ValueKind = "bool"
	NullValue   ValueKind = "null"
	ListValue   ValueKind = "list"
	ObjectValue ValueKind = "object"
	SecretValue ValueKind = "secret" // what is written {secret_file: path}
)

// Value is a value of the file that is handed on as it is, with places for
// findings about it.
type Value struct {
	Kind    ValueKind
	Text    string   // of a text; of a number or bool, its JSON
	Secret  Secret   // of a secret
	Items   []Value  // of a list
	Members []Member // of an object, in the order of the file; names are unique
	Pos     diag.Pos

	places []place // of a text: where its bytes stand, ascending
}

// Member is a member of an object.
type Member struct {
	Name  string
	Pos   diag.Pos // of the name
	Value Value
}

// place says that the bytes of a text from offset on stand, one behind the
// other, from line and column on.
type place struct{ offset, line, column int }

// Range is the place in the file of the bytes [from, to) of a text, cut at the
// end of its first line there. Offsets beyond the text stand for its end.
func (v *Value) Range(from, to int) diag.Pos {
	if len(v.places) == 0 {
		return v.Pos
	}
	begin, end := v.at(from), v.at(to)
	pos := diag.Pos{File: v.Pos.File, Line: begin.line, Column: begin.column, EndColumn: begin.column + 1}
	if end.line == begin.line {
		pos.EndColumn = max(pos.EndColumn, end.column)
	}
	return pos
}

func (v *Value) at(offset int) place {
	offset = min(max(offset, 0), len(v.Text))
	i := sort.Search(len(v.places), func(i int) bool { return v.places[i].offset > offset }) - 1
	at := v.places[max(i, 0)]
	at.column += offset - at.offset
	return at
}
