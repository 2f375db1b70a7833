package lang

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"

	"github.com/qmpalert/qmpalert/qmp"
)

// Every function of expr is either lowered or refused with a reason: an update
// of expr cannot bring one in unseen.
func TestEveryBuiltinIsDecided(t *testing.T) {
	for _, fn := range builtin.Builtins {
		_, refused := refusedFunctions[fn.Name]
		predicate := false
		for _, doc := range predicateDocs {
			predicate = predicate || doc.Name == fn.Name
		}
		if n := count(refused, predicate, functions[fn.Name] != nil); n != 1 {
			t.Errorf("%s is decided %d times", fn.Name, n)
		}
	}
}

func count(all ...bool) int {
	n := 0
	for _, b := range all {
		if b {
			n++
		}
	}
	return n
}

func TestFunctionsAreDescribed(t *testing.T) {
	all := Functions()
	for i, doc := range all {
		if doc.Name == "" || !strings.Contains(doc.Form, doc.Name+"(") || doc.Doc == "" || strings.HasSuffix(doc.Doc, ".") {
			t.Errorf("%+v", doc)
		}
		if i > 0 && all[i-1].Name >= doc.Name {
			t.Errorf("%s stands before %s", all[i-1].Name, doc.Name)
		}
	}
}

// Where a function gives something, it gives what expr's own gives.
func TestFunctionsAgreeWithExpr(t *testing.T) {
	for _, src := range []string{
		`len("abc")`, `len([1, 2])`, `len({"a": 1})`, `type(1)`, `type(1.5)`, `type("x")`, `type(nil)`, `type([1])`, `type({"a": 1})`, `type(true)`,
		`abs(-3)`, `abs(-2.5)`, `abs(7)`, `ceil(1.2)`, `ceil(3)`, `floor(-1.2)`, `round(2.5)`, `round(-2.5)`, `int(2.9)`, `int("-12")`, `int(-2.9)`, `float("1.5")`, `float(3)`,
		`string(12)`, `string(true)`, `string("x")`, `string(1.5)`, `string(1e21)`,
		`trim("  x ")`, `trim("xxaxx", "x")`, `trimPrefix("abc", "a")`, `trimPrefix(" a")`, `trimSuffix("abc", "c")`, `trimSuffix("a ")`, `upper("aä")`, `lower("AÄ")`,
		`split("a,b,c", ",")`, `split("a,b,c", ",", 2)`, `split("", ",")`, `split("abc", "")`, `splitAfter("a,b", ",")`, `splitAfter("a,b,c", ",", 2)`, `split("a,b", ",", -1)`,
		`replace("aaa", "a", "b")`, `replace("aaa", "a", "b", 2)`, `replace("ab", "", "-")`, `join(["a", "b"], "-")`, `join(["a"])`, `indexOf("hello", "l")`, `lastIndexOf("hello", "l")`, `indexOf("x", "y")`,
		`hasPrefix("abc", "ab")`, `hasSuffix("abc", "ab")`, `max(1, 3, 2)`, `min([4, 2.5])`, `max([1, [5, 2]], 3)`, `mean(1, 2)`, `mean([1, 2, 6])`, `median(3, 1, 2)`, `median([4, 1])`,
		`fromJSON("{\"a\": [1, null]}")`, `toBase64("hi")`, `fromBase64("aGk=")`, `first([1, 2])`, `last([1, 2])`, `first([])`, `last([])`, `get([1, 2], 1)`, `get([1], 5)`, `get({"a": 2}, "a")`,
		`take([1, 2, 3], 2)`, `take([1], 5)`, `keys({"a": 1})`, `values({"a": 1})`, `fromPairs([["a", 1]])`, `reverse([1, 2])`, `uniq([1, 2, 1, 1.0])`, `concat([1], [2], [])`, `flatten([1, [2, [3]]])`,
		`sort([3, 1, 2])`, `sort([3, 1, 2], "desc")`, `sort(["b", "a"])`, `sortBy([{"x": 2}, {"x": 1}], .x)`, `sortBy([1, 2], #, "desc")`,
		`bitand(6, 3)`, `bitor(6, 3)`, `bitxor(6, 3)`, `bitnand(6, 3)`, `bitnot(6)`, `bitshl(1, 10)`, `bitshr(-8, 1)`, `bitushr(-1, 60)`, `bitshl(1, 64)`, `bitshr(-8, 99)`,
		`toPairs({"a": 1})`, `1..3`, `[1, 2, 3][-1]`, `"abc"[1:]`, `let x = 2; x * x`, `{"a": 1}?.b`, `[1, 2, 3][1:9]`,
	} {
		want, err := expr.Eval(src, nil)
		if err != nil {
			t.Errorf("%s: expr: %v", src, err)
			continue
		}
		got := plain(evaluate(t, src, new(Frame)))
		if !reflect.DeepEqual(got, plainJSON(t, want)) {
			t.Errorf("%s is %v, expr says %v", src, got, plainJSON(t, want))
		}
	}
}

// plain and plainJSON bring values to what encoding/json makes of them.
func plain(v qmp.Value) (out any) {
	_ = json.Unmarshal(v.AppendJSON(nil), &out)
	return out
}

func plainJSON(t *testing.T, v any) (out any) {
	if m, ok := v.(map[any]any); ok {
		named := map[string]any{}
		for k, item := range m {
			named[k.(string)] = item
		}
		v = named
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(b, &out)
	return out
}

// What the functions do beyond expr's, and where expr stops with an error.
func TestFunctions(t *testing.T) {
	for src, want := range map[string]string{
		`type(big)`: `"int"`, `type(time)`: `"time"`, `type(time - time)`: `"duration"`, `type(data["x"])`: `"nil"`,
		`int("x")`: "nil", `int("18446744073709551615")`: "18446744073709551615", `int(big)`: "18446744073709551615", `int(1e300)`: "nil", `int(1e19)`: "10000000000000000000", `int(last_time - first_time)`: "90000000000",
		`float("x")`: "nil", `float("NaN")`: "nil", `string(big)`: `"18446744073709551615"`, `string(obj)`: `"{\"x-y\": 7, \"name\": \"n\"}"`, `string(time)`: `"2024-02-27T13:14:15.678901Z"`,
		`abs(-9223372036854775808)`: "9223372036854775808", `abs(big)`: "18446744073709551615", `mean([])`: "nil", `median([])`: "nil", `min([])`: "nil", `max(["x"])`: "nil", `min(anything)`: "nil",
		`max(big, 1)`: "18446744073709551615", `max(big, 1e30)`: "float 1e+30", `sum([big, 1])`: "float 18446744073709552000",
		`bitand(big, 255)`: "255", `bitnot(big)`: "0", `bitshr(big, 63)`: "1", `bitor(-1, 0)`: "-1", `bitshl(1, -1)`: "nil",
		`join(["a", 1])`: "nil", `take([1], -1)`: "nil", `sort([1], "up")`: "nil", `sort([2, "a", nil, true, 1])`: `[null, true, 1, 2, "a"]`, `sort([big, 1.5])`: "[1.5, 18446744073709551615]",
		`fromPairs([["a", 1], ["a", 2]])`: `{"a": 2}`, `fromPairs([[1, 2]])`: "nil", `fromPairs([["a"]])`: "nil", `fromJSON("{")`: "nil", `fromBase64("*")`: "nil", `toJSON({a: [1, 2.5, nil, "ä\n"]})`: `"{\"a\": [1, 2.5, null, \"ä\\n\"]}"`,
		`uniq(anything)`: `[1, "two", null]`, `flatten([[]])`: "[]", `concat(anything, [1])`: `[1, "two", null, 1]`, `get(anything, -1)`: "nil", `split("a,b", ",", 0)`: "[]",
		`get(fromJSON("\"abc\""), 1)`: "nil", `first(fromJSON("\"abc\""))`: "nil", `upper(fromJSON("1"))`: "nil", `last({a: 1}["b"])`: "nil",
	} {
		if got := show(evaluate(t, src, frameOf(present()))); got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
	}
}

func TestHumanBytes(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", 1024: "1 KiB", 1536: "1.5 KiB", 1 << 20: "1 MiB", 1<<20 - 1: "1 MiB", 1.5 * (1 << 30): "1.5 GiB",
		10 * (1 << 40): "10 TiB", 1 << 60: "1 EiB", 1e30: "827180.6 YiB", -2048: "-2 KiB", 0.26: "0.3 B", -0.01: "0 B", 1047552: "1023 KiB",
	} {
		if got := humanBytes(nil, []qmp.Value{qmp.Float(x)}).Text(); got != want {
			t.Errorf("human_bytes(%v) is %s, want %s", x, got, want)
		}
	}
	if got := humanBytes(nil, []qmp.Value{qmp.Uint(1<<64 - 1)}).Text(); got != "16 EiB" {
		t.Error(got)
	}
	if got := humanBytes(nil, []qmp.Value{qmp.String("x")}); !got.IsNil() {
		t.Error(show(got))
	}
}

func TestHumanDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0s", 0.0001: "0s", 0.35: "350ms", 1: "1s", 1.5: "1s 500ms", 9.9996: "10s", 45: "45s", 45.4: "45s", 60: "1m", 61: "1m 1s", 3599.6: "1h",
		3780: "1h 3m", 3600: "1h", 86400: "1d", 187200: "2d 4h", 86401: "1d", -90: "-1m 30s", 1e12: "nil",
	} {
		if got := show(humanDuration(nil, []qmp.Value{qmp.Float(seconds)})); got != want && got != `"`+want+`"` {
			t.Errorf("human_duration(%v) is %s, want %s", seconds, got, want)
		}
	}
	if got := humanDuration(nil, []qmp.Value{qmp.Duration(90 * time.Second)}).Text(); got != "1m 30s" {
		t.Error(got)
	}
	if got := humanDuration(nil, []qmp.Value{qmp.String("x")}); !got.IsNil() {
		t.Error(show(got))
	}
}
