package lang

import (
	"bytes"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// rawBytesPerStep is how much JSON is read in one step.
const rawBytesPerStep = 16

// rawData returns all members of the event as they were received.
func (f *Frame) rawData() qmp.Value {
	if f.Event == nil || f.Event.Raw == nil || !f.step(1+len(f.Event.Raw)/rawBytesPerStep) {
		return qmp.Value{}
	}
	return qmp.ParseValue(f.Event.Raw)
}

// rawMember returns one member of the event as it was received, also one that
// is newer than the table. Only this member is decoded. Of a name that stands
// twice the last one counts, as everywhere in qmpalert.
func (f *Frame) rawMember(name string) qmp.Value {
	if f.Event == nil || !f.step(1+len(f.Event.Raw)/rawBytesPerStep) {
		return qmp.Value{}
	}
	return parseFound(findMember(f.Event.Raw, name))
}

// rawPath is rawMember for a member of a member.
func (f *Frame) rawPath(path []string) qmp.Value {
	if !f.step(1 + len(f.Event.Raw)/rawBytesPerStep) {
		return qmp.Value{}
	}
	found := f.Event.Raw
	for _, name := range path {
		found = findMember(found, name)
	}
	return parseFound(found)
}

func parseFound(json []byte) qmp.Value {
	if json == nil {
		return qmp.Value{}
	}
	return qmp.ParseValue(json)
}

// findMember returns the JSON of a member of an object, nil if there is none.
func findMember(object []byte, name string) (found []byte) {
	i := bytes.IndexByte(object, '{')
	if i < 0 || len(bytes.TrimLeft(object[:i], " \t\r\n")) > 0 {
		return nil
	}
	rest := object[i+1:]
	for {
		key, after := nextToken(rest)
		if len(key) == 0 || key[0] != '"' {
			return found
		}
		_, after = nextToken(after) // the colon
		value, after := nextToken(after)
		if sameName(key, name) {
			found = value
		}
		comma, next := nextToken(after)
		if len(comma) != 1 || comma[0] != ',' {
			return found
		}
		rest = next
	}
}

// untyped returns a member of an event that the table does not have, by its
// name on the wire, else by the spelling of expressions.
func (f *Frame) untyped(name string) qmp.Value {
	v := f.rawMember(name)
	if v.IsNil() && strings.Contains(name, "_") {
		return objectMember(f.rawData(), name)
	}
	return v
}

// sameName compares a JSON string with a name.
func sameName(quoted []byte, name string) bool {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return len(quoted) >= 2 && string(quoted[1:len(quoted)-1]) == name
	}
	s, _ := qmp.ParseValue(quoted).AsString()
	return s == name
}

// nextToken splits valid JSON after its first token; a list or object counts
// as one. On anything else it returns some token, and always terminates.
func nextToken(b []byte) (token, rest []byte) {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	if len(b) == 0 {
		return nil, nil
	}
	end := 1
	switch b[0] {
	case '"':
		end = stringEnd(b)
	case '{', '[':
		end = compoundEnd(b)
	case ',', ':', '}', ']':
	default:
		for end < len(b) && !endsScalar(b[end]) {
			end++
		}
	}
	return b[:end], b[end:]
}

// endsScalar reports whether a number, true, false or null ends before c.
func endsScalar(c byte) bool {
	switch c {
	case ',', ':', '{', '}', '[', ']', '"':
		return true
	}
	return c <= ' '
}

// stringEnd is the offset behind the string that b begins with.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// compoundEnd is the offset behind the list or object that b begins with.
func compoundEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}
