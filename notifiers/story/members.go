package story

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/qmpalert/qmpalert/event"
)

// Fact is a name and a value to show beside it.
type Fact struct{ Name, Value string }

const (
	maxMembers = 24 // of one event; no event of QEMU has more
	maxDepth   = 4  // of objects in objects; deeper ones are shown as JSON
	maxName    = 60
	maxValue   = 200
)

// Members returns the members of an event in the order of the wire, nested
// ones under their path (client.host), at most 24 of them.
func Members(e *event.Event) []Fact {
	if e == nil {
		return nil
	}
	raw := e.Raw
	if raw == nil && e.Data != nil {
		raw = e.Data.AppendJSON(nil)
	}
	return flatten(nil, "", raw, 0)
}

// flatten appends the members of the JSON object raw. What is not an object,
// or is damaged, adds nothing from there on.
func flatten(facts []Fact, prefix string, raw []byte, depth int) []Fact {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return facts
	}
	for dec.More() && len(facts) < maxMembers {
		tok, err := dec.Token()
		if err != nil {
			return facts
		}
		name, _ := tok.(string)
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			return facts
		}
		if value[0] == '{' && depth < maxDepth {
			facts = flatten(facts, prefix+name+".", value, depth+1)
			continue
		}
		if v := scalar(value); v != "" {
			facts = append(facts, Fact{Line(prefix+name, maxName), v})
		}
	}
	return facts
}

// scalar is the text of a JSON value: of a string its content, of anything
// else its JSON; "" for null and for the empty string.
func scalar(raw json.RawMessage) string {
	switch raw[0] {
	case 'n':
		return ""
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return Line(s, maxValue)
	case '{', '[':
		var b bytes.Buffer
		if json.Compact(&b, raw) != nil {
			return ""
		}
		return Line(b.String(), maxValue)
	}
	return Line(string(raw), maxValue)
}

// labelName is the label that a member becomes as a `by` value.
func labelName(member string) string {
	return strings.NewReplacer("-", "_", ".", "_").Replace(member)
}
