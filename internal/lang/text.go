package lang

import (
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// MaxText bounds a text, and every string that an expression makes, in bytes.
// A text that is longer is cut between two characters.
const MaxText = maxText

// Text is a compiled text: literal pieces and expressions in {{ }}. It is
// immutable and safe for concurrent use with one Frame for each goroutine.
type Text struct{ pieces []piece }

// piece is literal text, or an expression if program is not nil.
type piece struct {
	literal string
	program *Program
}

// Append appends the text for a Frame to b: at most MaxText bytes.
func (t *Text) Append(b []byte, f *Frame) []byte {
	start := len(b)
	for _, p := range t.pieces {
		if p.program == nil {
			b = append(b, p.literal...)
		} else if v := p.program.Value(f); textSize(v) <= MaxText {
			b = v.AppendText(b)
		}
		if len(b)-start > MaxText {
			return cutText(b, start+MaxText)
		}
	}
	return b
}

// Value is the text for a Frame. A text that is one expression and nothing else,
// not even white space, keeps the type of its value: a number, a list, nil.
func (t *Text) Value(f *Frame) qmp.Value {
	if len(t.pieces) == 1 && t.pieces[0].program != nil {
		return t.pieces[0].program.Value(f)
	}
	return qmp.String(string(t.Append(nil, f)))
}

// cutText cuts b before the character that reaches over end.
func cutText(b []byte, end int) []byte {
	for back := 0; back < 3 && b[end]&0xC0 == 0x80; back++ {
		end--
	}
	return b[:end]
}

// textSize is how many bytes v takes when it is printed, or more: escapes are
// not counted, other things generously. It stops counting above MaxText, as
// weight does and for the same reason.
func textSize(v qmp.Value) int {
	const scalar = 32 // a time; numbers are shorter
	switch v.Kind() {
	case qmp.StringValue:
		return v.Len() + len(`""`)
	case qmp.ListValue, qmp.ObjectValue:
	default:
		return scalar
	}
	size := len(`[]`)
	names := v.Names()
	for i := range v.Len() {
		if size > MaxText {
			break
		}
		if names != nil {
			size += len(names[i]) + len(`"": `)
		}
		size += len(`, `) + textSize(v.At(i))
	}
	return size
}

// IsConstant says that the text is the same for every Frame.
func (t *Text) IsConstant() bool {
	for _, p := range t.pieces {
		if p.program != nil && !p.program.constant {
			return false
		}
	}
	return true
}

// Canonical is a normal form: see Program.Canonical.
func (t *Text) Canonical() string {
	var b strings.Builder
	for _, p := range t.pieces {
		if p.program != nil {
			b.WriteString("{" + p.program.canonical + "}")
		} else {
			b.WriteString(strconv.Quote(p.literal))
		}
	}
	return b.String()
}
