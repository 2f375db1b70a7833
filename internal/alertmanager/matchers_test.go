package alertmanager_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

type labels map[string]string

func (l labels) Get(name string) string { return l[name] }

func TestMatch(t *testing.T) {
	db1 := labels{"vm": "db1", "host": "kvm07", "severity": "critical", "a b": "c"}
	tests := []struct {
		text  string
		want  bool
		canon string
	}{
		{``, true, `{}`},
		{`{}`, true, `{}`},
		{`severity="critical"`, true, `{severity="critical"}`},
		{`severity=critical`, true, `{severity="critical"}`},
		{` severity != "critical" `, false, `{severity!="critical"}`},
		{`vm=~"db.*"`, true, `{vm=~"db.*"}`},
		{`vm=~"b"`, false, `{vm=~"b"}`}, // the whole value
		{`vm!~"db.*"`, false, `{vm!~"db.*"}`},
		{`{vm="db1",host="kvm07"}`, true, `{host="kvm07",vm="db1"}`},
		{`vm="db1", host="other"`, false, `{host="other",vm="db1"}`},
		{`gone=""`, true, `{gone=""}`},
		{`gone!=""`, false, `{gone!=""}`},
		{`gone!="x"`, true, `{gone!="x"}`},
		{`"a b"="c"`, true, `{"a b"="c"}`},
		{`vm="db1",vm="db1"`, true, `{vm="db1"}`},
		{`vm=~[a-z]{2}1`, true, `{vm=~"[a-z]{2}1"}`}, // the older form
		{`foo=`, true, `{foo=""}`},                   // likewise
	}
	for _, tt := range tests {
		m, err := alertmanager.ParseMatchers(tt.text)
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if got := m.Match(db1); got != tt.want {
			t.Errorf("%q: got %v", tt.text, got)
		}
		if got := m.String(); got != tt.canon {
			t.Errorf("%q: canonical %s, want %s", tt.text, got, tt.canon)
		}
	}
}

func TestBadMatchers(t *testing.T) {
	tests := []struct {
		text          string
		column, width int
		what          string
	}{
		{`severity`, 9, 1, "end of input: expected an operator such as '=', '!=', '=~' or '!~'"},
		{`="a"`, 1, 1, "unexpected =: expected label name"},
		{`vm="a`, 4, 2, `"a: missing end ": expected label value`},
		{`vm="a" host="b"`, 8, 4, "unexpected host: expected a comma or close brace"},
		{`{vm="a",!`, 9, 1, "unexpected end of input, expected one of '=~': expected a matcher or close brace after comma"},
		{`größe="a", vm=~"[a"`, 17, 2, "bad regular expression: missing closing ]: [a"},
		{`a="b",""="c"`, 7, 2, "a label without a name"},
		{strings.Repeat("x", 5000), 1, 1, "more than 4 KiB"},
	}
	for _, tt := range tests {
		_, err := alertmanager.ParseMatcherList([]string{`a="b"`, tt.text})
		var bad *alertmanager.MatcherError
		if !errors.As(err, &bad) {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if bad.Index != 1 || bad.Column != tt.column || bad.Width != tt.width || bad.What != tt.what {
			t.Errorf("%q: text %d, column %d, width %d: %s", tt.text, bad.Index, bad.Column, bad.Width, bad.What)
		}
	}
}

func TestParts(t *testing.T) {
	m, err := alertmanager.ParseMatcherList([]string{`vm="a",host=~"b"`, `x!="y"`})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.List(), []string{`vm="a"`, `host=~"b"`, `x!="y"`}; !slices.Equal(got, want) || m.Len() != 3 {
		t.Errorf("got %q, want %q", got, want)
	}
	if v, ok := m.Equals("vm"); v != "a" || !ok {
		t.Error(v, ok)
	}
	if _, ok := m.Equals("host"); ok {
		t.Error("an expression is not a value")
	}
	if m.MatchesEmpty() {
		t.Error("vm is wanted")
	}
}

// TestCanonicalTextIsReadBack: whatever matchers hold, their text means the
// same.
func TestCanonicalTextIsReadBack(t *testing.T) {
	word := rapid.OneOf(rapid.StringOfN(rapid.RuneFrom([]rune("ab\\\"'{}=~!, \nü")), 0, 6, -1), rapid.SampledFrom([]string{"a", "b", "ab"}))
	rapid.Check(t, func(t *rapid.T) {
		m, err := alertmanager.ParseMatchers(word.Draw(t, "name") + rapid.SampledFrom([]string{"=", "!=", "=~", "!~"}).Draw(t, "op") + word.Draw(t, "value"))
		if err != nil {
			return
		}
		again, err := alertmanager.ParseMatchers(m.String())
		if err != nil {
			t.Fatalf("%s: %v", m, err)
		}
		if d := cmp.Diff(m.String(), again.String()); d != "" {
			t.Fatal(d)
		}
		l := labels{"a": word.Draw(t, "label"), "b": "a"}
		if m.Match(l) != again.Match(l) {
			t.Fatalf("%s means two things of %v", m, l)
		}
	})
}

func FuzzParseMatchers(f *testing.F) {
	for _, seed := range []string{`severity="critical"`, `{a=~"b|c",d!="e"}`, `vm=~[a-z]{2}`, `a="`, `a=~"["`, `"ü"!~x,`, "\xff=\"\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := alertmanager.ParseMatchers(text)
		var bad *alertmanager.MatcherError
		if err == nil {
			m.Match(labels{"a": "b"})
			return
		}
		if !errors.As(err, &bad) || bad.Column < 1 || bad.Width < 1 || bad.Column > len(text)+1 {
			t.Fatalf("%q: %#v", text, err)
		}
	})
}
