package qmp

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestDecodeRandomMembers decodes random events of every kind, members missing,
// doubled, mistyped and misplaced, and asks encoding/json about each.
func TestDecodeRandomMembers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, d := range Defs() {
		for range 300 {
			g := eventWriter{rng: rng, sp: []string{"", " ", "\r\n\t"}[rng.IntN(3)]}
			checkDecode(t, []byte(g.event(d)))
			if t.Failed() {
				return
			}
		}
	}
}

// eventWriter writes JSON that is like an event.
type eventWriter struct {
	rng *rand.Rand
	sp  string // between tokens
}

func (g *eventWriter) event(d *Def) string {
	parts := []string{
		fmt.Sprintf(`"event":%s"%s"`, g.sp, d.Name),
		fmt.Sprintf(`"timestamp":%s{"seconds":%s%d,%s"microseconds": %d}`, g.sp, g.sp, g.rng.IntN(1<<31)-5, g.sp, g.rng.IntN(1e6+100)),
	}
	if g.rng.IntN(10) > 0 {
		parts = append(parts, `"data":`+g.sp+g.object(d.Members))
	}
	if g.rng.IntN(4) == 0 {
		parts = append(parts, `"vm": `+g.any(2))
	}
	g.rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	if g.rng.IntN(2) == 0 { // as QEMU orders them
		parts[0], parts[1] = fmt.Sprintf(`"timestamp": {"seconds": %d, "microseconds": %d}`, g.rng.IntN(1<<31), g.rng.IntN(1e6)), `"event": "`+d.Name+`"`
	}
	return g.sp + "{" + strings.Join(parts, g.comma()) + g.sp + "}" + g.sp
}

func (g *eventWriter) comma() string { return "," + g.sp }

func (g *eventWriter) object(members []*Member) string {
	var parts []string
	for _, m := range members {
		name := m.Name
		if len(m.Aliases) > 0 && g.rng.IntN(3) == 0 {
			name = m.Aliases[0]
		}
		for n := g.rng.IntN(8); n < 7; n += 6 { // absent, once, or sometimes twice
			parts = append(parts, fmt.Sprintf(`"%s"%s:%s%s`, name, g.sp, g.sp, g.member(m)))
		}
	}
	if g.rng.IntN(4) == 0 {
		parts = append(parts, `"__com.redhat_x": `+g.any(3))
	}
	g.rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return "{" + g.sp + strings.Join(parts, g.comma()) + g.sp + "}"
}

func (g *eventWriter) member(m *Member) string {
	if g.rng.IntN(10) == 0 {
		return g.any(3)
	}
	switch m.JSON {
	case JSONString:
		return g.text()
	case JSONBool:
		return []string{"true", "false"}[g.rng.IntN(2)]
	case JSONInt, JSONFloat:
		return g.number()
	case JSONObject:
		return g.object(m.Members)
	}
	return g.any(0)
}

func (g *eventWriter) text() string {
	texts := []string{`""`, `"read"`, `"drive-virtio-disk0"`, `"a\"b\\c\/\n\u00e9"`, `"\ud83d\ude00 \ud83d x"`, `"Größe ☃"`, "\"\xff\xfe\"", `"#block123"`, `"` + strings.Repeat("0123456789é", 500) + `"`}
	return texts[g.rng.IntN(len(texts))]
}

func (g *eventWriter) number() string {
	numbers := []string{"0", "-0", "-1", "1.5", "1e3", "255", "65535", "65536", "4294967295", "4294967296", "12345678", "123456789", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "99999999999999999999999", "1e400"}
	if n := g.rng.IntN(2 * len(numbers)); n < len(numbers) {
		return numbers[n]
	}
	return fmt.Sprint(int64(g.rng.Uint64()) >> g.rng.IntN(64))
}

func (g *eventWriter) any(depth int) string {
	switch g.rng.IntN(7 - depth) {
	case 0:
		return "null"
	case 1:
		return "true"
	case 2:
		return g.number()
	case 3:
		return g.text()
	case 4:
		return "[]"
	case 5:
		return "[" + g.any(depth+1) + g.comma() + g.any(depth+1) + "]"
	}
	return `{"a":` + g.any(depth+1) + g.comma() + `"b c":` + g.any(depth+1) + `,"a":1}`
}

// TestMethodsOfEveryEvent fills each struct by reflection, every member with a
// value of its own, and looks for all of them behind the generated methods.
func TestMethodsOfEveryEvent(t *testing.T) {
	for _, d := range Defs() {
		if len(d.Members) == 0 {
			if newData[d.Kind] != nil {
				t.Errorf("%s has a struct to decode but no members", d.Name)
			}
			continue
		}
		data := newData[d.Kind]()
		next := 0
		fill(reflect.ValueOf(data).Elem(), &next)
		if data.Kind() != d.Kind {
			t.Errorf("%s: kind %v", d.Name, data.Kind())
		}
		checkFilled(t, d, data)
		checkFilled(t, d, data.Clone())
		if c := data.Clone(); !sameData(c, data) {
			t.Errorf("%s: the clone differs: %+v and %+v", d.Name, c, data)
		}
		if v := data.Field(len(d.Slots)); !v.IsNil() {
			t.Errorf("%s: a slot too many: %s", d.Name, v.Text())
		}

		var m Message
		e := MakeEvent(data, 1700000000_000087)
		text := fmt.Sprintf(`{"timestamp": {"seconds": 1700000000, "microseconds": 87}, "event": "%s", "data": %s}`, e.Name, e.Raw)
		if err := DecodeBytes([]byte(text), &m); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if m.Event.Name != e.Name || m.Event.Time != e.Time || !sameData(m.Event.Data, e.Data) || m.Mistyped+m.UnknownMembers != 0 {
			t.Errorf("%+v went out and %+v came back", e, m.Event)
		}
		empty := newData[d.Kind]()
		if s := string(empty.AppendJSON(nil)); s != "{}" {
			t.Errorf("%s: empty is %s", d.Name, s)
		}
		for _, x := range d.Slots {
			if !empty.Field(x.Slot).IsNil() {
				t.Errorf("%s: %s of an empty event is there", d.Name, x.Path)
			}
		}
	}
}

// sameData reports whether a and b have the same members, all of which their
// JSON shows.
func sameData(a, b Data) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && string(a.AppendJSON(nil)) == string(b.AppendJSON(nil))
}

// fill sets every Opt below v: the n-th one to something made of n.
func fill(v reflect.Value, next *int) {
	for i := range v.NumField() {
		opt := v.Field(i)
		opt.FieldByName("Set").SetBool(true)
		*next++
		switch x := opt.FieldByName("V"); x.Kind() {
		case reflect.String:
			x.SetString(fmt.Sprint("s", *next))
		case reflect.Bool:
			x.SetBool(true)
		case reflect.Int64:
			x.SetInt(int64(-*next))
		case reflect.Uint64, reflect.Uint32, reflect.Uint16:
			x.SetUint(uint64(*next))
		case reflect.Float64:
			x.SetFloat(float64(*next) + 0.5)
		case reflect.Struct:
			if x.Type() == reflect.TypeFor[Value]() {
				x.Set(reflect.ValueOf(String(fmt.Sprint("v", *next))))
			} else {
				fill(x, next)
			}
		}
	}
}

// checkFilled looks for what fill did: slots are numbered as it counts.
func checkFilled(t *testing.T, d *Def, data Data) {
	t.Helper()
	sent := ParseValue(data.AppendJSON(nil))
	for i, x := range d.Slots {
		n := i + 1
		var want Value
		switch {
		case x.Slot != i:
			t.Errorf("%s: slot of %s is %d", d.Name, x.Path, x.Slot)
		case x.JSON == JSONObject:
			if got := data.Field(i); got.Kind() != ObjectValue || got.Len() != len(x.Members) {
				t.Errorf("%s: %s is %s", d.Name, x.Path, got.Text())
			}
			continue
		case x.JSON == JSONString:
			want = String(fmt.Sprint("s", n))
		case x.JSON == JSONAny:
			want = String(fmt.Sprint("v", n))
		case x.JSON == JSONBool:
			want = Bool(true)
		case x.JSON == JSONFloat:
			want = Float(float64(n) + 0.5)
		case x.Type == "int":
			want = Int(int64(-n))
		default:
			want = Int(int64(n))
		}
		v := sent
		for name := range strings.SplitSeq(x.Path, ".") {
			v = v.Get(name)
		}
		if got := data.Field(i); !Equal(got, want) || !Equal(v, want) {
			t.Errorf("%s: %s is %s, written %s, want %s", d.Name, x.Path, got.Text(), v.Text(), want.Text())
		}
	}
}
