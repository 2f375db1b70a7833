package schema

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object whose members stay in the order in which they were
// written: people read the file, and its diffs.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := encode(m.key)
		if err != nil {
			return nil, err
		}
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode leaves <, > and & as they are: nobody puts a schema into HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// list is a JSON array.
type list = []any

func ref(name string) object { return object{{"$ref", "#/$defs/" + name}} }

// described puts a description before what a schema says.
func described(text string, o object) object {
	return append(object{{"description", text}}, o...)
}

// closed is a mapping with these keys and no others.
func closed(properties object) object {
	return object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
}

// listOf is an array, of at least one entry where an empty one is a mistake.
func listOf(item any, least int) object {
	o := object{{"type", "array"}, {"items", item}}
	if least > 0 {
		o = append(o, member{"minItems", least})
	}
	return o
}

// oneOrMore is a value or a list of such values.
func oneOrMore(item any) object {
	return object{{"anyOf", list{item, listOf(item, 1)}}}
}

// anyNumber is a value or a list of such values, which may be empty.
func anyNumber(item any) object {
	return object{{"anyOf", list{item, listOf(item, 0)}}}
}
