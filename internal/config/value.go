package config

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
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
	SecretValue ValueKind = "secret" // {secret_file: path}, or ${VARIABLE} alone; its text is taken as it is
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

// secrets lists those anywhere in the tree. v may be nil.
func (v *Value) secrets() []Secret {
	if v == nil {
		return nil
	}
	var all []Secret
	if v.Kind == SecretValue {
		all = append(all, v.Secret)
	}
	for i := range v.Items {
		all = append(all, v.Items[i].secrets()...)
	}
	for i := range v.Members {
		all = append(all, v.Members[i].Value.secrets()...)
	}
	return all
}

// maxPlaced bounds the texts of which each character has its place.
const maxPlaced = 16 << 10

// number is a number of JSON. What other readers of YAML take for one besides
// (010, 0x10, 1_000, .5) is a text.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// value takes over a tree as it is. What a variable holds is a text.
func (r *reader) value(n *yamldoc.Node) Value {
	v := Value{Pos: n.Pos}
	alone, expanded := r.expanded[n]
	switch plain := n.Style == yamldoc.Plain && !expanded; {
	case alone:
		v.Kind, v.Secret = SecretValue, r.inline(n, "", nil)
	case n.Kind == yamldoc.Sequence:
		v.Kind = ListValue
		for _, item := range n.Items {
			v.Items = append(v.Items, r.value(item))
		}
	case n.Kind == yamldoc.Mapping && len(n.Pairs) == 1 && n.Get(secretFile) != nil:
		v.Kind = SecretValue
		v.Secret = Secret{file: r.file(n, secretFile), pos: n.Get(secretFile).Pos}
	case n.Kind == yamldoc.Mapping:
		v.Kind = ObjectValue
		n.Each(func(key, value *yamldoc.Node) {
			v.Members = append(v.Members, Member{Name: key.Value, Pos: key.Pos, Value: r.value(value)})
		})
	case plain && n.IsNull():
		v.Kind = NullValue
	case plain && number.MatchString(n.Value):
		v.Kind, v.Text = NumberValue, n.Value
	case plain && slices.Contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, n.Value):
		v.Kind, v.Text = BoolValue, strings.ToLower(n.Value)
	default:
		v.Kind, v.Text, v.places = TextValue, n.Value, placesOf(n)
	}
	return v
}

// secretFile makes a mapping of which it is the only key a secret.
const secretFile = "secret_file"

// placesOf finds where the bytes of a text stand, in runs of characters of one
// byte that stand one behind the other.
func placesOf(n *yamldoc.Node) []place {
	if len(n.Value) > maxPlaced {
		return nil
	}
	var out []place
	next := place{-1, 0, 0} // how a run would go on
	for i := range n.Value {
		at := n.PosAt(i)
		here := place{i, at.Line, at.Column}
		if here != next {
			out = append(out, here)
		}
		next = place{i + 1, at.Line, at.Column + 1}
	}
	return out
}
