package qmp

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestValueText(t *testing.T) {
	list := List([]Value{Int(1), String("a\"\n\x01é\xff"), {}, Bool(true), Float(0.5)})
	for _, c := range []struct {
		v          Value
		text, json string
	}{
		{Value{}, "", "null"},
		{Bool(false), "false", "false"},
		{Int(-5), "-5", "-5"},
		{Uint(5), "5", "5"},
		{Uint(math.MaxUint64), "18446744073709551615", "18446744073709551615"},
		{Float(3), "3", "3"},
		{Float(0.1), "0.1", "0.1"},
		{Float(1e21), "1e+21", "1e+21"},
		{Float(1e-7), "1e-07", "1e-07"},
		{Float(math.Inf(-1)), "-Inf", "null"},
		{Float(math.NaN()), "NaN", "null"},
		{String(`a"b`), `a"b`, `"a\"b"`},
		{String(""), "", `""`},
		{Time(0), "1970-01-01T00:00:00Z", `"1970-01-01T00:00:00Z"`},
		{Time(1700000000_120000), "2023-11-14T22:13:20.12Z", `"2023-11-14T22:13:20.12Z"`},
		{Duration(90 * time.Minute), "1h30m", "5400"},
		{Duration(time.Hour), "1h", "3600"},
		{Duration(10 * time.Second), "10s", "10"},
		{Duration(0), "0s", "0"},
		{Duration(-1500 * time.Millisecond), "-1.5s", "-1.5"},
		{list, `[1, "a\"\n\u0001é` + "\uFFFD" + `", null, true, 0.5]`, `[1, "a\"\n\u0001é` + "\uFFFD" + `", null, true, 0.5]`},
		{Object([]string{"b c", "a"}, []Value{list.At(0), List(nil)}), `{"b c": 1, "a": []}`, `{"b c": 1, "a": []}`},
		{Object(nil, nil), "{}", "{}"},
	} {
		if got := c.v.Text(); got != c.text {
			t.Errorf("text of %s is %s, want %s", c.v.Kind(), got, c.text)
		}
		if got := string(c.v.AppendJSON([]byte("x"))); got != "x"+c.json {
			t.Errorf("JSON of %s is %s, want x%s", c.v.Kind(), got, c.json)
		}
	}
}

func TestValueAccess(t *testing.T) {
	o := Object([]string{"a", "b"}, []Value{Int(1), String("xyz")})
	if o.Get("b").Len() != 3 || !o.Get("c").IsNil() || !Equal(o.At(0), Int(1)) || !o.At(2).IsNil() || !o.At(-1).IsNil() || o.Len() != 2 || !slices.Equal(o.Names(), []string{"a", "b"}) {
		t.Errorf("%s is not what it was made of", o.Text())
	}
	if s := String("xyz"); !s.Get("a").IsNil() || !s.At(0).IsNil() || s.Names() != nil {
		t.Error("a string has members")
	}
	if k := Uint(math.MaxInt64).Kind(); k != IntValue {
		t.Errorf("a number has two forms, %v", k)
	}
	if _, ok := Uint(1 << 63).AsInt(); ok {
		t.Error("2^63 fits an int64")
	}
	if _, ok := Int(-1).AsUint(); ok {
		t.Error("-1 fits a uint64")
	}
	for _, v := range []Value{Float(5), Int(5), Uint(5)} {
		i, ok1 := v.AsInt()
		u, ok2 := v.AsUint()
		f, ok3 := v.AsFloat()
		if i != 5 || u != 5 || f != 5 || !ok1 || !ok2 || !ok3 {
			t.Errorf("%s 5 is %v %v %v", v.Kind(), i, u, f)
		}
	}
	for _, f := range []float64{0.5, 1 << 63, math.NaN(), math.Inf(1), -1 << 64} {
		if i, ok := Float(f).AsInt(); ok {
			t.Errorf("%v is the int64 %d", f, i)
		}
	}
	for _, v := range []Value{{}, Bool(true), Int(1), Float(1), String("1"), Time(1), Duration(1), o} {
		_, b := v.AsBool()
		_, s := v.AsString()
		_, u := v.AsTime()
		_, d := v.AsDuration()
		_, f := v.AsFloat()
		if got, want := []bool{b, s, u, d, f}, []bool{v.Kind() == BoolValue, v.Kind() == StringValue, v.Kind() == TimeValue, v.Kind() == DurationValue, v.IsNumber()}; !slices.Equal(got, want) {
			t.Errorf("%s is taken for %v, want %v", v.Kind(), got, want)
		}
	}
}

// TestNumbersCompareExactly compares with big.Rat, which rounds nothing.
func TestNumbersCompareExactly(t *testing.T) {
	number := rapid.OneOf(
		rapid.Map(rapid.Int64(), Int),
		rapid.Map(rapid.Uint64(), Uint),
		rapid.Map(rapid.Float64(), Float),
		rapid.Map(rapid.SampledFrom([]int64{0, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64}), Int),
		rapid.Map(rapid.SampledFrom([]float64{0, 0.5, 1 << 53, 1 << 63, 1 << 64, -1 << 63, 9223372036854774784, 18446744073709549568}), Float),
		rapid.Map(rapid.SampledFrom([]uint64{1 << 63, 1<<63 + 1, math.MaxUint64, math.MaxUint64 - 2047}), Uint),
	)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		want := rational(a).Cmp(rational(b))
		if got, ok := Compare(a, b); !ok || got != want {
			t.Errorf("%s %s against %s %s is %d, %v; want %d", a.Kind(), a.Text(), b.Kind(), b.Text(), got, ok, want)
		}
		if Equal(a, b) != (want == 0) {
			t.Errorf("%s %s equal to %s %s: %v", a.Kind(), a.Text(), b.Kind(), b.Text(), Equal(a, b))
		}
	})
}

func rational(v Value) *big.Rat {
	if u, ok := v.AsUint(); ok {
		return new(big.Rat).SetUint64(u)
	}
	if i, ok := v.AsInt(); ok {
		return new(big.Rat).SetInt64(i)
	}
	f, _ := v.AsFloat()
	r := new(big.Rat)
	if math.IsInf(f, 0) { // beyond every other number here
		return r.SetInt(new(big.Int).Lsh(big.NewInt(int64(math.Copysign(1, f))), 2000))
	}
	return r.SetFloat64(f)
}

func TestCompareKinds(t *testing.T) {
	nan := Float(math.NaN())
	a, b := Object([]string{"x", "y"}, []Value{Int(1), {}}), Object([]string{"y", "x"}, []Value{{}, Float(1)})
	for _, c := range []struct {
		a, b  Value
		equal bool
		order int // 2: none
	}{
		{Value{}, Value{}, true, 2},
		{Value{}, Int(0), false, 2},
		{Bool(true), Bool(true), true, 2},
		{Bool(true), Int(1), false, 2},
		{Int(1), String("1"), false, 2},
		{String("a"), String("b"), false, -1},
		{String(""), String(""), true, 0},
		{nan, nan, false, 2},
		{nan, Int(1), false, 2},
		{Uint(math.MaxUint64), nan, false, 2},
		{Time(1), Time(2), false, -1},
		{Time(-1), Time(-2), false, 1},
		{Time(1), Int(1), false, 2},
		{Duration(5), Duration(5), true, 0},
		{a, b, true, 2},
		{a, Object([]string{"x", "z"}, []Value{Int(1), {}}), false, 2},
		{a, Object([]string{"x"}, []Value{Int(1)}), false, 2},
		{List([]Value{a}), List([]Value{b}), true, 2},
		{List([]Value{a}), List(nil), false, 2},
		{List([]Value{Int(1)}), List([]Value{Int(2)}), false, 2},
	} {
		order, ok := Compare(c.a, c.b)
		if !ok {
			order = 2
		}
		if Equal(c.a, c.b) != c.equal || order != c.order {
			t.Errorf("%s against %s: equal %v, order %d", c.a.AppendJSON(nil), c.b.AppendJSON(nil), Equal(c.a, c.b), order)
		}
	}
}

func TestParseValue(t *testing.T) {
	deep := strings.Repeat("[", 20) + strings.Repeat("]", 20)
	for _, c := range []struct{ raw, want string }{
		{` {"a": [1, -2.5, true, null, "x"], "b": {}, "a": 2} `, `{"a": 2, "b": {}}`},
		{"18446744073709551615", "18446744073709551615"},
		{"18446744073709551616", "18446744073709552000"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"1e999", `"1e999"`},
		{"1.50", "1.5"},
		{deep, strings.Repeat("[", 16) + `"…"` + strings.Repeat("]", 16)},
		{"[1] x", "null"},
		{"[1,]", "null"},
		{"", "null"},
		{`"` + strings.Repeat("é", 3000) + `"`, `"` + strings.Repeat("é", 2048) + `…"`},
		{`"x` + strings.Repeat("é", 3000) + `"`, `"x` + strings.Repeat("é", 2047) + `…"`},
	} {
		if got := string(ParseValue([]byte(c.raw)).AppendJSON(nil)); got != c.want {
			t.Errorf("%.60s is %.80s, want %.80s", c.raw, got, c.want)
		}
	}
	if n := ParseValue([]byte("[" + strings.Repeat("1,", 5000) + "1]")).Len(); n != maxItems {
		t.Errorf("a list of %d items", n)
	}
	if n := ParseValue([]byte("{" + strings.TrimPrefix(manyMembers(26*60), ",") + "}")).Len(); n != maxItems {
		t.Errorf("an object of %d members", n)
	}
}
