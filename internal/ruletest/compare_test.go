package ruletest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

func TestReceivers(t *testing.T) {
	for _, tt := range []struct {
		want, got           string
		missing, unexpected string
	}{
		{"", "", "", ""},
		{"a", "a", "", ""},
		{"b a a", "a b", "", ""},
		{"a", "", "a", ""},
		{"", "a", "", "a"},
		{"a", "b", "a", "b"},
		{"default", routeName, "", ""},
		{"ops", routeName, "", ""},
		{"ops a", "a " + routeName, "", ""},
		{"ops default", routeName, "ops", ""},
		{"ops pager", routeName, "pager", ""},
		{"a", "a " + routeName, "", "default"},
		{"", routeName, "", "default"},
		{"default", "a", "default", "a"},
	} {
		got := strings.Fields(tt.got)
		f, ok := compareReceivers(strings.Fields(tt.want), got)
		if d := cmp.Diff([]string{tt.missing, tt.unexpected}, []string{strings.Join(f.Missing, " "), strings.Join(f.Unexpected, " ")}); d != "" {
			t.Errorf("want %q, got %q: %s", tt.want, tt.got, d)
		}
		if ok != (tt.missing+tt.unexpected == "") {
			t.Errorf("want %q, got %q: ok is %v", tt.want, tt.got, ok)
		}
	}
}

// TestAlertsMatchAsPossible: expectations are met exactly if some way to give
// each of them an alert of its own exists, and no alert is left over. All ways
// are tried.
func TestAlertsMatchAsPossible(t *testing.T) {
	label := rapid.Custom(func(t *rapid.T) alert.Labels {
		var ls alert.Labels
		for _, name := range []string{"a", "b"} {
			if v := rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, name); v != "" {
				ls = append(ls, alert.Label{Name: name, Value: v})
			}
		}
		return ls
	})
	rapid.Check(t, func(t *rapid.T) {
		var want []rules.TestAlert
		var got []alert.Change
		for _, ls := range rapid.SliceOfN(label, 0, 4).Draw(t, "want") {
			want = append(want, rules.TestAlert{Labels: ls})
		}
		for _, ls := range rapid.SliceOfN(label, 0, 4).Draw(t, "got") {
			got = append(got, alert.Change{Labels: ls})
		}
		f, ok := compareAlerts(want, got, false)
		possible := len(want) == len(got) && assign(want, got)
		if ok != possible {
			t.Fatalf("%v, but %v: %+v", ok, possible, f)
		}
		if len(want)-len(f.Missing) != len(got)-len(f.Unexpected) {
			t.Fatalf("as many are missing and unexpected as were not matched: %+v", f)
		}
	})
}

// assign tries all ways to give each expectation an alert.
func assign(want []rules.TestAlert, got []alert.Change) bool {
	if len(want) == 0 {
		return true
	}
	for j := range got {
		rest := append(append([]alert.Change{}, got[:j]...), got[j+1:]...)
		if fits(want[0].Labels, got[j].Labels) && assign(want[1:], rest) {
			return true
		}
	}
	return false
}

func TestLabelTextIsYAML(t *testing.T) {
	ls := alert.Labels{{Name: "a", Value: "x"}, {Name: "b", Value: "it's: {1}"}, {Name: "c", Value: ""}}
	if got, want := labelText(ls, []string{"z"}), "{a: x, b: 'it''s: {1}', c: ''}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSelection: only what the expression matches, by rule and name.
func TestSelection(t *testing.T) {
	all := Cases(load(t, "forms.yml"))
	names := map[string]bool{}
	for _, c := range all {
		if names[c.Name()] {
			t.Errorf("two tests are called %s", c.Name())
		}
		names[c.Name()] = true
	}
	if len(Select(all, nil)) != len(all) {
		t.Error("no expression must select all")
	}
	got := fmt.Sprint(len(Select(all, regexpOf(t, "^Count/two"))), len(Select(all, regexpOf(t, "^two"))))
	if got != "1 0" {
		t.Errorf("selected %s, want 1 0", got)
	}
}

func regexpOf(t *testing.T, s string) *regexp.Regexp {
	t.Helper()
	re, err := regexp.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return re
}
