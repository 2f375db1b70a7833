package lang

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/qmp"
)

func mustCompileText(t *testing.T, src string) *Text {
	t.Helper()
	text, problems := CompileText(src, testEnv)
	if len(problems) > 0 {
		t.Fatalf("%s: %+v", src, problems)
	}
	return text
}

func TestText(t *testing.T) {
	for src, want := range map[string]string{
		``:      ``,
		`plain`: `plain`,
		`{{ vm.name }}: child {{ node_name }} answered badly {{ count }} times`: `db1: child disk0 answered badly 5 times`,
		`{{a}}{{b}}`:         `3-4`,
		`<{{ data["x"] }}>`:  `<>`,
		`<{{ nil }}>`:        `<>`,
		`{{ yes }} {{ no }}`: `true false`,
		`{{ f }} {{ 1e21 }} {{ 0.1 + 0.2 }} {{ 2.0 }} {{ 1e-7 }}`: `2.5 1e+21 0.30000000000000004 2 1e-07`,
		`{{ big }}`:                          `18446744073709551615`,
		`{{ time }}`:                         `2024-02-27T13:14:15.678901Z`,
		`{{ first_time }}`:                   `2024-02-27T13:12:45.678901Z`,
		`{{ last_time - first_time }}`:       `1m30s`,
		`{{ obj }}`:                          `{"x-y": 7, "name": "n"}`,
		`{{ anything }}`:                     `[1, "two", null]`,
		`{{ "{{" }} and }} and }`:            `{{ and }} and }`,
		`{{ '}}' + "}}" + ` + "`}}`" + ` }}`: `}}}}}}`,
		`{{ "\"}}" }}`:                       `"}}`,
		`{{ {"a": {"b": 1}}["a"]["b"] }}`:    `1`,
		`{{ map([1, 2], {# + 1}) }}`:         `[2, 3]`,
		`{ {{ a }} }`:                        `{ 3 }`,
		`{{{ "x": 1 }}}`:                     `{"x": 1}`,
		"{{\n  a\n}}":                        `3`,
		`it's {{ s }}`:                       `it's hello`,
		`<b>{{ s + "<&>" }}`:                 `<b>hello<&>`, // escaping belongs to each notifier
		`{{ human_bytes(1610612736) }} {{ human_duration(3780) }} {{ human_bytes(data["x"]) }}`: `1.5 GiB 1h 3m `,
		`{{ if yes { "full" } else { "broken" } }}`:                                             `full`,
	} {
		if got := string(mustCompileText(t, src).Append([]byte("> "), frameOf(present()))); got != "> "+want {
			t.Errorf("%s gives %s, want %s", src, got, want)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	data := present()
	data["s"] = qmp.String(strings.Repeat("ä", 4000))
	text := mustCompileText(t, "x"+strings.Repeat("{{ s }}", 20))
	got := text.Append([]byte("> "), frameOf(data))
	if len(got) > len("> ")+MaxText || len(got) < MaxText-utf8.UTFMax || !utf8.Valid(got) {
		t.Errorf("%d bytes, valid UTF-8: %v", len(got), utf8.Valid(got))
	}
	if got := text.Append(nil, frameOf(testData{})); string(got) != "x" {
		t.Errorf("without s: %s", got)
	}
	if got := mustCompileText(t, "<{{ "+shared+"[w, a] }}>").Append(nil, frameOf(data)); string(got) != "<>" {
		t.Errorf("a list that is too large gives %d bytes", len(got))
	}
	if _, problems := CompileText(strings.Repeat("x", maxTextSource+1), testEnv); len(problems) != 1 {
		t.Errorf("a source that is too long: %+v", problems)
	}
}

func TestTextIsConstant(t *testing.T) {
	for src, want := range map[string]bool{
		``: true, `plain`: true, `{{ "{{" }}`: true, `{{ 1 + 2 }}`: true, `{{ let x = 1; x }}`: true, `{{ all([1], # > 0) }}`: true,
		`{{ a }}`: false, `{{ host }}`: false, `{{ count }}`: false, `{{ data["x"] }}`: false, `x {{ obj.name }}`: false, `{{ time.Hour() }}`: false, `{{ vm.uuid }}`: false,
	} {
		if got := mustCompileText(t, src).IsConstant(); got != want {
			t.Errorf("%s is constant: %v", src, got)
		}
	}
}

// Canonical forms are equal where the meaning is, and differ where it differs.
func TestCanonical(t *testing.T) {
	for _, same := range [][]string{
		{`a == 3 and (b < 4)`, `a==3&&b<4`, "a == 3 // why\n and b < 4", `((a == 0x3) and b < 4)`},
		{`not yes`, `!yes`, `not (yes)`},
		{`yes ? a : b`, `if yes { a } else { b }`},
		{`obj.x_y`, `obj?.x_y`, `obj["x_y"]`},
		{`s | upper()`, `upper(s)`},
		{`"a"`, `'a'`, "`a`", `"\x61"`},
		{`a not in [1]`, `not (a in [1])`},
		{`2 ** 3`, `2 ^ 3`},
		{`all([1], # > 0)`, `all([1], {# > 0})`},
		{`18446744073709551615`, `18_446_744_073_709_551_615`},
		{`-1`, `-(1)`},
	} {
		first := canonicalOf(t, same[0])
		for _, src := range same[1:] {
			if got := canonicalOf(t, src); got != first {
				t.Errorf("%s is %s, but %s is %s", same[0], first, src, got)
			}
		}
	}
	seen := map[string]string{}
	for _, src := range []string{
		`a + b + 1`, `a + (b + 1)`, `a - b`, `b - a`, `1`, `1.0`, `"1"`, `true`, `nil`, `"nil"`, `a`, `"a"`, `yes and b == 1 or yes`, `[1, 2]`, `[[1], 2]`, `["1 2"]`, `1..2`, `s[1:]`, `s[:1]`, `s[1:1]`,
		`obj.name`, `data.name`, `data["obj"]`, `max(a, b)`, `max(b, a)`, `min(a, b)`, `let x = a; x`, `let y = b; y`, `{a: 1}`, `{b: 1}`, `yes ? a : b`, `map([1], #index)`, `map([1], #)`, `18446744073709551615`, `-a`, `s matches "b"`, `s contains "b"`,
		`time.Hour()`, `time.Minute()`, `a == 1`, `a != 1`, `not (a == 1)`,
	} {
		c := canonicalOf(t, src)
		if other, ok := seen[c]; ok {
			t.Errorf("%s and %s are both %s", src, other, c)
		}
		seen[c] = src
	}
	if a, b := mustCompileText(t, `x {{ a+1 }}`).Canonical(), mustCompileText(t, `x {{a + 1}}`).Canonical(); a != b {
		t.Errorf("%s, %s", a, b)
	}
	if a, b := mustCompileText(t, `x {{ a }}`).Canonical(), mustCompileText(t, `x  {{ a }}`).Canonical(); a == b {
		t.Errorf("a space in the literal part is lost: %s", a)
	}
}

func canonicalOf(t *testing.T, src string) string {
	t.Helper()
	p, problems := Compile(src, testEnv, AnyValue)
	if p == nil {
		t.Fatalf("%s: %+v", src, problems)
	}
	return p.Canonical()
}
