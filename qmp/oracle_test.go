package qmp

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
)

// This file says with encoding/json what the decoder should make of a value. It
// shares nothing with the decoder but the table.

// object is a JSON object as encoding/json splits it: the last of several
// members with one name.
type object map[string]json.RawMessage

func parseObject(text []byte) (object, bool) {
	text = bytes.TrimLeft(text, " \t\r\n")
	var o object
	if len(text) == 0 || text[0] != '{' || json.Unmarshal(text, &o) != nil {
		return nil, false
	}
	return o, true
}

// checkAgainstOracle compares m, decoded from text, with what encoding/json says.
func checkAgainstOracle(t *testing.T, text []byte, m *Message) {
	t.Helper()
	top, isObject := parseObject(text)
	var name string
	isEvent := isObject && len(top["event"]) > 0 && top["event"][0] == '"'
	if isEvent {
		if err := json.Unmarshal(top["event"], &name); err != nil {
			t.Fatal(err)
		}
	}
	if isEvent != (m.Type == TypeEvent) {
		t.Fatalf("type %v for %q", m.Type, text)
	}
	if !isEvent {
		checkAnswer(t, top, m)
		return
	}
	if m.Event.Name != name || m.Event.Kind.Def() != nil && m.Event.Kind.Def().Name != name {
		t.Fatalf("name %q, kind %v for %q", m.Event.Name, m.Event.Kind, text)
	}
	if want := oracleTime(top["timestamp"]); m.Event.Time != want {
		t.Fatalf("time %d, want %d for %q", m.Event.Time, want, text)
	}
	for _, x := range m.Extra {
		if !bytes.Equal(x.Raw, top[x.Name]) {
			t.Fatalf("extra %q is %q, want %q in %q", x.Name, x.Raw, top[x.Name], text)
		}
	}
	data, ok := parseObject(top["data"])
	if !ok {
		if m.Event.Raw != nil || m.Event.Data != nil {
			t.Fatalf("data %q from %q", m.Event.Raw, text)
		}
		return
	}
	if !bytes.Equal(m.Event.Raw, top["data"]) {
		t.Fatalf("raw %q, want %q", m.Event.Raw, top["data"])
	}
	if d := m.Event.Def(); d != nil {
		checkMembers(t, d.Members, data, func(x *Member) Value { return m.Event.Field(x.Slot) })
	}
}

func checkAnswer(t *testing.T, top object, m *Message) {
	t.Helper()
	want := TypeOther
	switch {
	case top["QMP"] != nil:
		want = TypeGreeting
	case top["return"] != nil:
		want = TypeReturn
	case top["error"] != nil:
		want = TypeError
	}
	if m.Type != want {
		t.Fatalf("type %v, want %v", m.Type, want)
	}
	if want == TypeReturn && !bytes.Equal(m.Return, top["return"]) || m.ID != nil && !bytes.Equal(m.ID, top["id"]) {
		t.Fatalf("return %q, id %q; want %q, %q", m.Return, m.ID, top["return"], top["id"])
	}
}

func oracleTime(raw json.RawMessage) int64 {
	o, ok := parseObject(raw)
	if !ok {
		return NoTime
	}
	s, err1 := strconv.ParseInt(string(o["seconds"]), 10, 64)
	us, err2 := strconv.ParseInt(string(o["microseconds"]), 10, 64)
	if err1 != nil || err2 != nil || us < 0 || us >= 1e6 || s >= maxSeconds || s <= -maxSeconds {
		return NoTime
	}
	return s*1e6 + us
}

// checkMembers compares members of an object with its JSON.
func checkMembers(t *testing.T, members []*Member, o object, got func(*Member) Value) {
	t.Helper()
	for _, x := range members {
		raw, ambiguous := spelled(x, o)
		if ambiguous {
			continue
		}
		if x.JSON == JSONObject {
			nested, ok := parseObject(raw)
			if !ok {
				nested = object{}
			}
			if got(x).IsNil() == ok && len(hoisted(x, o)) == 0 {
				t.Fatalf("%s is %s, was %s", x.Path, got(x).Text(), raw)
			}
			if len(hoisted(x, o)) > 0 && raw != nil {
				continue // both shapes at once: the order decides
			}
			for name, raw := range hoisted(x, o) {
				nested[name] = raw
			}
			checkMembers(t, x.Members, nested, got)
			continue
		}
		if want := oracleValue(x, raw); !Equal(got(x), want) {
			t.Fatalf("%s is %s, want %s from %s", x.Path, got(x).AppendJSON(nil), want.AppendJSON(nil), raw)
		}
	}
}

// spelled finds a member under any of its names. With two of them there the
// order decides, which a map does not have.
func spelled(x *Member, o object) (raw json.RawMessage, ambiguous bool) {
	raw = o[x.Name]
	for _, a := range x.Aliases {
		if o[a] != nil {
			raw, ambiguous = o[a], raw != nil
		}
	}
	return raw, ambiguous
}

// hoisted returns what old documents have beside info.
func hoisted(x *Member, o object) object {
	h := object{}
	if x.Type == "ACPIOSTInfo" {
		for _, n := range x.Members {
			if raw := o[n.Name]; raw != nil {
				h[n.Name] = raw
			}
		}
	}
	return h
}

// oracleValue is what a member of type x should be: nil when raw is absent or
// of another type.
func oracleValue(x *Member, raw json.RawMessage) Value {
	text := string(raw)
	isNumber := text != "" && strings.ContainsAny(text[:1], "-0123456789")
	switch {
	case text == "":
	case x.JSON == JSONAny:
		return oracleAny(raw, 0)
	case x.JSON == JSONString && text[0] == '"':
		return oracleAny(raw, 0)
	case x.JSON == JSONBool && (text == "true" || text == "false"):
		return Bool(text == "true")
	case x.JSON == JSONFloat && isNumber:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return Float(f)
		}
	case x.JSON == JSONInt && isNumber:
		return oracleInt(x, text)
	}
	return Value{}
}

func oracleInt(x *Member, text string) Value {
	n, err := strconv.ParseInt(text, 10, 64)
	u, uerr := strconv.ParseUint(strings.Replace(text, "-0", "0", 1), 10, 64)
	switch x.Type {
	case "int":
		if err == nil {
			return Int(n)
		}
	case "uint32", "uint16":
		limit := map[string]uint64{"uint32": math.MaxUint32, "uint16": math.MaxUint16}[x.Type]
		if uerr == nil && u <= limit {
			return Uint(u)
		}
	default: // negative numbers of QEMU up to 2.9
		if uerr == nil {
			return Uint(u)
		}
		if err == nil {
			return Uint(uint64(n))
		}
	}
	return Value{}
}

// oracleAny builds a Value from encoding/json's idea of any JSON.
func oracleAny(raw json.RawMessage, depth int) Value {
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			panic("not a string: " + string(raw))
		}
		return String(cut(s))
	case '{', '[':
		if depth == maxNested {
			return String(cutMark)
		}
		return oracleNested(raw, depth+1)
	case 't', 'f':
		return Bool(raw[0] == 't')
	case 'n':
		return Value{}
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return Int(n)
	}
	if u, err := strconv.ParseUint(string(raw), 10, 64); err == nil {
		return Uint(u)
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return String(cut(string(raw)))
	}
	return Float(f)
}

func oracleNested(raw json.RawMessage, depth int) Value {
	var items []Value
	if raw[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			panic("not a list: " + string(raw))
		}
		for _, r := range list[:min(len(list), maxItems)] {
			items = append(items, oracleAny(r, depth))
		}
		return List(items)
	}
	o, ok := parseObject(raw)
	if !ok {
		panic("not an object: " + string(raw))
	}
	var names []string
	for name, r := range o {
		names, items = append(names, name), append(items, oracleAny(r, depth))
	}
	return Object(names, items)
}
