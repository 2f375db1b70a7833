package lang

import (
	"testing"

	"github.com/qmpalert/qmpalert/qmp"
)

// Without members nothing was sent: every name of the event is nil.
func TestWhatWasNotSent(t *testing.T) {
	for _, sentence := range []struct {
		says string
		rows map[string]bool
	}{
		{"a member that was not sent is nil, and so is every member of it", map[string]bool{
			`a == nil`: true, `a != nil`: false, `nil == a`: true, `obj == nil`: true, `obj.x_y == nil`: true,
			`obj?.x_y == nil`: true, `anything.deep.deeper == nil`: true, `anything[3]["x"] == nil`: true,
			`data["no"] == nil`: true, `data["no"]["deeper"][0] == nil`: true,
		}},
		{"== and != compare it", map[string]bool{
			`node_name != "a"`: true, `node_name == "a"`: false, `"a" != node_name`: true, `a == 0`: false, `a != 0`: true,
			`yes == false`: false, `yes != false`: true, `s == node_name`: true, `a == b`: true, `mode == "on"`: false, `mode != "on"`: true,
			`obj.name != "a"`: true, `obj.name == "a"`: false, `s == ""`: false,
		}},
		{"orderings on it are false", map[string]bool{
			`a < 1`: false, `a <= 1`: false, `a > 1`: false, `a >= 1`: false, `1 < a`: false, `1 > a`: false,
			`a < b`: false, `a >= b`: false, `s < "z"`: false, `s >= ""`: false, `f > 0.5`: false, `1 < a < 3`: false,
			`obj.x_y > 0`: false, `not (a < 1)`: true,
		}},
		{"in on it is false, so not in is true", map[string]bool{
			`a in [1, 2]`: false, `a not in [1, 2]`: true, `not (a in [1, 2])`: true, `s in ["x"]`: false, `s not in ["x"]`: true,
			`a in [nil]`: false, `a in [b]`: false, `nil in [nil]`: false, `1 in anything`: false, `1 not in anything`: true,
			`"k" in obj`: false, `"k" in data`: false, `a in 1..3`: false, `a not in 1..3`: true,
		}},
		{"string operators on it are false", map[string]bool{
			`s contains "x"`: false, `s contains ""`: false, `s startsWith ""`: false, `s endsWith ""`: false, `s matches ".*"`: false,
			`s not contains "x"`: true, `s not matches ".*"`: true, `"x" contains s`: false, `"" startsWith s`: false,
			`s contains node_name`: false,
		}},
		{"where a condition is wanted nil is false", map[string]bool{
			`yes`: false, `not yes`: true, `!yes`: true, `yes and true`: false, `true and yes`: false, `yes or false`: false,
			`yes or true`: true, `not (yes or no)`: true, `yes ? true : false`: false, `data["x"]`: false, `not data["x"]`: true,
			`yes ?? true`: true, `(yes ?? true) and true`: true, `hasPrefix(s, "")`: false, `not hasPrefix(s, "")`: true,
			`any([1], yes)`: false, `none([1], yes)`: true, `if yes { true } else { false }`: false,
		}},
		{"arithmetic and functions of it are nil", map[string]bool{
			`a + 1 == nil`: true, `1 + a == nil`: true, `a - 1 == nil`: true, `a * 0 == nil`: true, `a / 1 == nil`: true, `a % 2 == nil`: true,
			`a ** 2 == nil`: true, `-a == nil`: true, `+a == nil`: true, `s + "x" == nil`: true, `"x" + s == nil`: true,
			`len(s) == nil`: true, `len(s) == 0`: false, `upper(s) == nil`: true, `string(a) == nil`: true, `int(s) == nil`: true, `abs(a) == nil`: true,
			`max(a, 1) == nil`: true, `min(1, a) == nil`: true, `human_bytes(a) == nil`: true, `split(s, ",") == nil`: true,
			`all(anything, true) == nil`: true, `count(anything, true) == nil`: true, `map(anything, 1) == nil`: true, `s[0:1] == nil`: true,
			`first(anything) == nil`: true, `data["t"].Hour() == nil`: true, `keys(data["o"]) == nil`: true,
		}},
		{"but type, ??, ?. and conditionals are about it", map[string]bool{
			`type(a) == "nil"`: true, `(a ?? 3) == 3`: true, `(a ?? b ?? 3) == 3`: true, `(a == nil ? 1 : 2) == 1`: true,
			`(anything?.x ?? "none") == "none"`: true, `(obj?.name ?? "none") == "none"`: true,
		}},
		{"division by zero is nil", map[string]bool{
			`1 / 0 == nil`: true, `1 % 0 == nil`: true, `1.5 / 0 == nil`: true, `0 / 0 == nil`: true, `0 ** -1 == nil`: true,
			`1 / 0 > 0`: false, `((1 / 0) ?? 7) == 7`: true,
		}},
		{"other types than meant are nil or false, never an error", map[string]bool{
			`data["a"] < "x"`: false, `data["s"] + 1 == nil`: true, `len(data["a"]) == nil`: true, `data["a"].x == nil`: true,
			`data["a"] and true`: false, `data["a"] contains "x"`: false, `1 in data["a"]`: false, `all(data["a"], true) == nil`: true,
		}},
	} {
		for src, want := range sentence.rows {
			if got := holds(t, src, &Frame{Event: eventOf(testData{})}); got != want {
				t.Errorf("%s: %s is %v", sentence.says, src, got)
			}
			if got := holds(t, src, &Frame{}); got != want {
				t.Errorf("without any event: %s: %s is %v", sentence.says, src, got)
			}
		}
	}
}

func TestValues(t *testing.T) {
	for src, want := range map[string]string{
		// names
		`a`: "3", `big`: "18446744073709551615", `f`: "float 2.5", `obj.x_y`: "7", `obj["x-y"]`: "7", `obj.name`: `"n"`,
		`node_name`: `"disk0"`, `event`: `"TEST"`, `host`: `"kvm07"`, `vm.name`: `"db1"`, `vm.uuid`: `"6f6a"`,
		`vm`: `{"name": "db1", "uuid": "6f6a"}`, `time`: "time 2024-02-27T13:14:15.678901Z",
		`count`: "5", `last_time - first_time`: "duration 1m30s", `(last_time - first_time).Seconds()`: "float 90",
		`len`: "99", `len(s)`: "5", `len + len(s)`: "104", `len(s) + len`: "104",
		// what was received
		`data["node-name"]`: `"disk0"`, `data["newer"].x[2]`: `{"y": null}`, `data.newer.x[-2]`: "2", `data["escape\"d"]`: "true",
		`data["twice"]`: "2", `data["null"]`: "nil", `data["x"]`: "nil", `"newer" in data`: "true", `"null" in data`: "false",
		`len(data)`: "6", `data[node_name == "disk0" ? "a" : "b"]`: "3", `data?.newer?.x[0]`: "1",
		// numbers
		`a + b`: "-1", `a - b`: "7", `a * b`: "-12", `a / b`: "float -0.75", `-a`: "-3", `+a`: "3", `-(-4)`: "4", `a % 2`: "1", `b % 3`: "-1", `2 ** 10`: "float 1024", `2 ^ 3`: "float 8",
		`big - 1`: "18446744073709551614", `big + 1`: "float 18446744073709552000", `9223372036854775807 + 1`: "9223372036854775808",
		`-9223372036854775808`: "-9223372036854775808", `-9223372036854775808 - 1`: "float -9223372036854776000", `18446744073709551615 == big`: "true",
		`big > 9223372036854775807`: "true", `big == 18446744073709551614`: "false", `big < 1.8446744073709552e19`: "true", `9007199254740993 == 9007199254740992.0`: "false",
		`1 == 1.0`: "true", `2 in [1.0, 2.0]`: "true", `2.0 in [1, 2]`: "true", `0x10 + 0b11 + 0o7`: "26", `1_000`: "1000", `.5`: "float 0.5", `1e3`: "float 1000",
		`0 - 18446744073709551615`: "float -18446744073709552000", `9223372036854775807 * 2`: "18446744073709551614", `1e308 * 10`: "nil",
		// texts
		`s + " " + node_name`: `"hello disk0"`, `s[1:3]`: `"el"`, `s[-2:]`: `"lo"`, `s[:99]`: `"hello"`, `s[4:2]`: `""`, `s[:]`: `"hello"`, `"äöü"[1:2]`: `"ö"`, `len("äöü")`: "3",
		`indexOf("äöü", "ü")`: "2", `indexOf("a", "b")`: "-1", `lastIndexOf("äää", "ä")`: "2", `'a' + "b" + ` + "`c`": `"abc"`,
		// lists and objects
		`[1, "a", nil][1]`: `"a"`, `[1, 2, 3][-1]`: "3", `[1][1]`: "nil", `[1][-2]`: "nil", `[1, 2, 3][1:]`: "[2, 3]", `anything[1]`: `"two"`, `anything[1:]`: `["two", null]`,
		`{"x": a, (s): 2}`: `{"x": 3, "hello": 2}`, `{x: 1}.x`: "1", `{"x": 1}["y"]`: "nil", `keys({b: 1, a: 2})`: `["b", "a"]`, `values({b: 1, a: 2})`: "[1, 2]",
		`1..4`: "[1, 2, 3, 4]", `3..1`: "[]", `-1..1`: "[-1, 0, 1]", `9223372036854775806..9223372036854775807`: "[9223372036854775806, 9223372036854775807]",
		`(yes ? obj : vm).x_y`: "7", `(no ? obj : vm).name`: `"db1"`, `obj`: `{"x-y": 7, "name": "n"}`,
		// conditions
		`yes and no`: "false", `yes && !no`: "true", `yes or no`: "true", `yes || no`: "true", `a > 2 and b < 0`: "true", `1 < a < 4`: "true", `1 < a < 3`: "false", `a >= 3 == true`: "true",
		`s contains "ell"`: "true", `s startsWith "he"`: "true", `s endsWith "lo"`: "true", `s matches "^h.*o$"`: "true", `s not matches "x"`: "true", `s not contains "x"`: "true",
		`mode in ["on", "off"]`: "true", `mode not in ["auto"]`: "true", `a in [1, 3]`: "true", `a in 1..3`: "true", `big in [18446744073709551615]`: "true", `a in ["x", 3]`: "true", `yes in [true]`: "true",
		`s in ["1","2","3","4","5","6","7","8","hello"]`: "true", `s in ["1","2","3","4","5","6","7","8","9"]`: "false", `"x" in {x: 1}`: "true", `"two" in anything`: "true", `[1] in [[1]]`: "true", `a in [b, 3]`: "true",
		`[1, 2] == [1, 2.0]`: "true", `{a: 1} == {a: 1}`: "true", `{a: 1} == {b: 1}`: "false",
		`yes ? 1 : 2`: "1", `no ? 1 : 2`: "2", `if a > 2 { "big" } else if a > 1 { "mid" } else { "small" }`: `"big"`, `no ?: true`: "true", `yes ?: false`: "true", `a ?? 1`: "3", `nil ?? 1`: "1",
		// let and predicates
		`let x = a + 1; x * x`: "16", `let x = 1; let y = x + 1; x + y`: "3", `(let x = 1; x) + (let x = 2; x)`: "3",
		`all(1..3, # > 0)`: "true", `all(1..3, # > 1)`: "false", `all([], false)`: "true", `any(1..3, # > 2)`: "true", `any([], true)`: "false", `none(1..3, # > 3)`: "true", `one(1..3, # > 2)`: "true", `one(1..3, # > 1)`: "false",
		`count(1..5, # % 2 == 1)`: "3", `count([true, false, nil, 1])`: "1", `sum(1..4)`: "10", `sum(1..3, # * 2)`: "12", `sum([1, nil])`: "nil", `sum([])`: "0", `filter(1..5, # > 3)`: "[4, 5]", `map(1..3, # * #)`: "[1, 4, 9]", `map(["a", "b"], #index)`: "[0, 1]",
		`find(1..5, # > 2)`: "3", `find(1..5, # > 9)`: "nil", `findLast(1..5, # < 4)`: "3", `findIndex(1..5, # > 2)`: "2", `findIndex(1..5, # > 9)`: "-1", `findLastIndex(1..5, # < 4)`: "2",
		`filter([{x: 1}, {x: 2}], .x > 1)`: `[{"x": 2}]`, `all(1..2, any(3..4, # > 3))`: "true", `map(1..2, {let i = #; sum(1..2, # * i)})`: "[3, 6]", `1..3 | filter(# > 1) | len()`: "2",
		`sortBy([{x: 2}, {x: 1}], .x)`: `[{"x": 1}, {"x": 2}]`, `sortBy([1, 3, 2], -#, "asc")`: "[3, 2, 1]", `sortBy([1, 2], #, "up")`: "nil", `map(filter(["b", "a"], # != "b"), upper(#))`: `["A"]`,
		// times
		`time.Year()`: "2024", `time.Month()`: "2", `time.Day()`: "27", `time.YearDay()`: "58", `time.Weekday()`: "2", `time.Hour()`: "13", `time.Minute()`: "14", `time.Second()`: "15",
		`time.Unix()`: "1709039655", `time.UnixMilli()`: "1709039655678", `time.UnixMicro()`: "1709039655678901", `time == last_time`: "true", `first_time < time`: "true",
		`(last_time - first_time).Minutes()`: "float 1.5", `(last_time - first_time).Hours()`: "float 0.025", `(last_time - first_time).Milliseconds()`: "float 90000", `first_time + (last_time - first_time) == last_time`: "true",
		`last_time - (last_time - first_time) == first_time`: "true", `(last_time - first_time) * 2`: "duration 3m", `2 * (last_time - first_time)`: "duration 3m", `(last_time - first_time) + (last_time - first_time)`: "duration 3m", `max(1, 2) | string()`: `"2"`,
	} {
		if got := show(evaluate(t, src, frameOf(present()))); got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
	}
}

// A program is about one kind of event: slots of others mean something else.
func TestOtherKindOfEvent(t *testing.T) {
	p, _ := Compile(`a == 3 or node_name == "disk0"`, testEnv, Condition)
	e := present().event("")
	e.Kind = qmp.KindBlockIOError
	if p.True(&Frame{Event: &e}) {
		t.Error("it read members of another kind of event")
	}
}

func TestTimeOfFrame(t *testing.T) {
	e := present().event("")
	for want, f := range map[string]*Frame{
		"time 2024-02-27T13:14:15.678901Z": {Event: &e},
		"time 1970-01-01T00:00:00Z":        {Event: &e, Time: qmp.Some[int64](0)},
		"nil":                              {},
	} {
		if got := show(evaluate(t, "time", f)); got != want {
			t.Errorf("time is %s, want %s", got, want)
		}
	}
	e.Time, e.Received = qmp.NoTime, 1_000_000
	if got := show(evaluate(t, "time", &Frame{Event: &e})); got != "time 1970-01-01T00:00:01Z" {
		t.Errorf("time without one of QEMU is %s", got)
	}
}

// A frame is used again and again: nothing of one evaluation is in the next.
func TestFrameIsReused(t *testing.T) {
	f := frameOf(present())
	if got := show(evaluate(t, `let x = a; map(1..2, # + x)`, f)); got != "[4, 5]" {
		t.Errorf("first: %s", got)
	}
	f.Event = eventOf(testData{})
	if got := show(evaluate(t, `let x = a; map(1..2, # + x)`, f)); got != "[null, null]" {
		t.Errorf("second: %s", got)
	}
}

func TestNoAllocations(t *testing.T) {
	for _, src := range []string{
		`a == 3 and b < 0 and (mode in ["on", "off"] or not yes) and s != "x"`, `s contains "ell" and s startsWith "he"`, `s matches "^h"`,
		`obj.x_y > 3`, `event == "TEST" and host == "kvm07" and vm.name == "db1"`, `a in 1..1000`, `len(s) > 3 and abs(b) == 4`, `a + b * 2 < 7`, `all(1..9, # > 0)`, `(a ?? 3) == 3`, `time.Hour() == 13`, `count > 3`,
		`let x = a; x > 1 and x < 9`, `1 < a < 4`, `yes ? a == 3 : false`,
	} {
		p, problems := Compile(src, testEnv, Condition)
		if len(problems) > 0 {
			t.Fatal(src, problems)
		}
		f := frameOf(present())
		if !p.True(f) {
			t.Errorf("%s is false", src)
		}
		if n := testing.AllocsPerRun(100, func() { p.True(f) }); n != 0 {
			t.Errorf("%s allocates %v times", src, n)
		}
	}
}
