package lang

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/qmp"
)

// wholeNumber draws from all whole numbers there are, mostly near the ends.
func wholeNumber(t *rapid.T, label string) qmp.Value {
	edges := rapid.SampledFrom([]qmp.Value{
		qmp.Int(0), qmp.Int(1), qmp.Int(-1), qmp.Int(math.MinInt64), qmp.Int(math.MaxInt64), qmp.Uint(1 << 63), qmp.Uint(math.MaxUint64), qmp.Int(1 << 53),
	})
	return rapid.OneOf(
		edges,
		rapid.Map(rapid.Int64(), qmp.Int),
		rapid.Map(rapid.Uint64(), qmp.Uint),
	).Draw(t, label)
}

// Whole numbers are exact as long as the result has a form.
func TestWholeArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := wholeNumber(t, "a"), wholeNumber(t, "b")
		for _, op := range []string{"+", "-", "*"} {
			got := map[string]func(a, b qmp.Value) qmp.Value{"+": add, "-": subtract, "*": multiply}[op](a, b)
			if want := calculate(op, meaning(a), meaning(b)); fmt.Sprint(meaning(got)) != fmt.Sprint(want) {
				t.Fatalf("%s %s %s is %s, want %v", show(a), op, show(b), show(got), want)
			}
		}
		x, y := meaning(a).(*big.Int), meaning(b).(*big.Int)
		if y.Sign() != 0 {
			if got, want := meaning(modulo(a, b)), new(big.Int).Rem(x, y); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%s %% %s is %v, want %v", show(a), show(b), got, want)
			}
		}
		if got, want := meaning(negate(a)), calculate("-", big.NewInt(0), x); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("-%s is %v, want %v", show(a), got, want)
		}
	})
}

// No operator gives a number that is not finite, or stops at any values.
func TestOperatorsOnAnything(t *testing.T) {
	values := []qmp.Value{
		{}, qmp.Bool(true), qmp.Int(0), qmp.Int(math.MinInt64), qmp.Uint(math.MaxUint64), qmp.Float(0), qmp.Float(-1e308), qmp.Float(math.SmallestNonzeroFloat64),
		qmp.String("x"), qmp.List([]qmp.Value{qmp.Int(1)}), qmp.Object([]string{"a"}, []qmp.Value{qmp.Int(1)}),
		qmp.Time(0), qmp.Time(math.MaxInt64), qmp.Time(math.MinInt64 + 1), qmp.Duration(0), qmp.Duration(math.MaxInt64), qmp.Duration(math.MinInt64),
	}
	for _, a := range values {
		for _, b := range values {
			for op, apply := range arithmeticOperators {
				v := apply(a, b)
				if f, ok := v.AsFloat(); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
					t.Errorf("%s %s %s is %v", show(a), op, show(b), f)
				}
				if (a.IsNil() || b.IsNil()) && !v.IsNil() {
					t.Errorf("%s %s %s is %s", show(a), op, show(b), show(v))
				}
			}
		}
	}
}

func TestTimes(t *testing.T) {
	at, span := qmp.Time(testTime), qmp.Duration(90*time.Second)
	for _, c := range []struct {
		name string
		got  qmp.Value
		want string
	}{
		{"time + span", add(at, span), "time 2024-02-27T13:15:45.678901Z"},
		{"span + time", add(span, at), "time 2024-02-27T13:15:45.678901Z"},
		{"time - span", subtract(at, span), "time 2024-02-27T13:12:45.678901Z"},
		{"time + number", add(at, qmp.Int(1)), "nil"},
		{"time - number", subtract(at, qmp.Int(1)), "nil"},
		{"time + time", add(at, at), "nil"},
		{"span - time", subtract(span, at), "nil"},
		{"beyond the last time", add(qmp.Time(math.MaxInt64), span), "nil"},
		{"before the first time", subtract(qmp.Time(math.MinInt64+1), span), "nil"},
		{"too long a span", subtract(qmp.Time(math.MaxInt64), qmp.Time(0)), "nil"},
		{"span * 1.5", multiply(span, qmp.Float(1.5)), "duration 2m15s"},
		{"span * too much", multiply(span, qmp.Int(math.MaxInt64)), "nil"},
		{"span + span", add(span, span), "duration 3m"},
		{"span - span", subtract(span, span), "duration 0s"},
		{"span / 2", divide(span, qmp.Int(2)), "nil"},
	} {
		if show(c.got) != c.want {
			t.Errorf("%s is %s, want %s", c.name, show(c.got), c.want)
		}
	}
}

// Reading one member of a received event is the same as reading all of them.
func TestRawMember(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := drawJSON(t, 3)
		f := &Frame{Event: eventOf(testData{})}
		f.Event.Raw = raw
		all := qmp.ParseValue(raw)
		for _, name := range []string{"a", "b\"", "ä", "c-d", "", "missing"} {
			f.steps = 0
			if got, want := f.rawMember(name), all.Get(name); show(got) != show(want) {
				t.Fatalf("%q of %s is %s, want %s", name, raw, show(got), show(want))
			}
		}
	})
}

// drawJSON draws an object, spaced in one of several ways.
func drawJSON(t *rapid.T, depth int) []byte {
	object := drawObject(t, depth)
	b, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "indented") {
		var out bytes.Buffer
		if err := json.Indent(&out, b, " \t", "\r\n "); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	return b
}

func drawObject(t *rapid.T, depth int) map[string]any {
	object := map[string]any{}
	for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b\"", "ä", "c-d", ""}), 0, 4).Draw(t, "names") {
		switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
		case kind == 0 && depth > 0:
			object[name] = drawObject(t, depth-1)
		case kind == 1 && depth > 0:
			object[name] = []any{drawObject(t, depth-1), "]", 1}
		case kind == 2:
			object[name] = nil
		case kind == 3:
			object[name] = rapid.Bool().Draw(t, "bool")
		case kind == 4:
			object[name] = rapid.Float64Range(-1e6, 1e6).Draw(t, "number")
		default:
			object[name] = rapid.StringOfN(rapid.SampledFrom([]rune(`a"\{}[],:ä `)), 0, 8, -1).Draw(t, "string")
		}
	}
	return object
}

// What is not JSON gives something or nothing, and ends.
func TestRawMemberOfGarbage(t *testing.T) {
	for _, raw := range []string{"", "{", `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":{`, `{"a":"\`, "}", "[1]", "null", `{"a" 1}`, `{,}`, "{]"} {
		f := &Frame{Event: eventOf(testData{})}
		f.Event.Raw = []byte(raw)
		f.rawMember("a")
		f.rawData()
	}
	f := &Frame{Event: eventOf(testData{})}
	if v := f.rawMember("a"); !v.IsNil() {
		t.Errorf("an event without members has %s", show(v))
	}
}
