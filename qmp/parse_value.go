package qmp

import (
	"strconv"
	"strings"
)

// Bounds of untyped values. What is beyond them is left out: an event is
// evidence for a rule, not a store.
const (
	maxItems  = 1000 // of a list, and members of an object
	maxNested = 16   // levels; what is deeper is the cut mark
)

// ParseValue returns the value that raw is the JSON of, for members that the
// table has no type for; nil when it is not valid JSON. Lists and objects are
// cut after 1,000 items, strings at 4 KiB and values nested deeper than 16
// levels replaced, both marked with "…". A whole number that fits neither int64
// nor uint64 is a float, a number that fits no float64 its text. The Value does
// not share memory with raw.
func ParseValue(raw []byte) Value {
	b := make([]byte, len(raw)+padding)
	copy(b, raw)
	var p parser
	p.reset(b, len(raw), true)
	v, i := p.value(p.space(0), 0)
	if i < 0 || p.space(i) < p.n {
		return Value{}
	}
	return v
}

// value reads any value into a Value with memory of its own. depth is the
// number of objects and lists that are open around it.
func (p *parser) value(i, depth int) (Value, int) {
	switch c := p.b[i]; c {
	case '"':
		s, i := p.string(i)
		if len(s) > maxText {
			return String(cut(s)), i
		}
		return String(strings.Clone(s)), i
	case '{', '[':
		if depth >= maxNested {
			return String(cutMark), p.skip(i, depth)
		}
		if c == '{' {
			return p.objectValue(i, depth+1)
		}
		return p.listValue(i, depth+1)
	case 't':
		return Bool(true), p.literal(i, "true")
	case 'f':
		return Bool(false), p.literal(i, "false")
	case 'n':
		return Value{}, p.literal(i, "null")
	default:
		if isNumber(c) {
			return p.numberValue(i)
		}
		return Value{}, p.fail(i, "expected a value")
	}
}

func (p *parser) numberValue(i int) (Value, int) {
	mag, negative, whole, end := p.number(i)
	switch {
	case end < 0:
		return Value{}, end
	case whole && !negative:
		return Uint(mag), end
	case whole && mag <= 1<<63:
		return Int(-int64(mag)), end
	}
	text := string(p.b[i:end])
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return String(cut(text)), end
	}
	return Float(f), end
}

// objectValue keeps the last of several members with one name.
func (p *parser) objectValue(i, depth int) (Value, int) {
	names, items := []string{}, []Value(nil)
	var key string
	var more bool
	for key, i, more = p.open(i); more; key, i, more = p.next(i) {
		k := indexOf(names, key)
		if k < 0 && len(names) >= maxItems {
			i = p.skip(i, depth)
			continue
		}
		var v Value
		v, i = p.value(i, depth)
		if k >= 0 {
			items[k] = v
			continue
		}
		names, items = append(names, strings.Clone(cut(key))), append(items, v)
	}
	return Object(names, items), i
}

func (p *parser) listValue(i, depth int) (Value, int) {
	items := []Value{}
	b := p.b
	if i++; b[i] <= ' ' {
		i = p.space(i)
	}
	if b[i] == ']' {
		return List(items), i + 1
	}
	for {
		var v Value
		if len(items) < maxItems {
			v, i = p.value(i, depth)
			items = append(items, v)
		} else {
			i = p.skip(i, depth)
		}
		if i < 0 {
			return Value{}, i
		}
		if b[i] <= ' ' {
			i = p.space(i)
		}
		switch b[i] {
		case ']':
			return List(items), i + 1
		case ',':
			if i++; b[i] <= ' ' {
				i = p.space(i)
			}
		default:
			return Value{}, p.fail(i, "expected ',' or ']' after an item")
		}
	}
}
