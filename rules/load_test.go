package rules

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

func TestLoadKeepsTheOrder(t *testing.T) {
	set, found := Load([]File{
		{Name: "b.yml", Src: []byte("groups: [{name: y, rules: [{alert: C, event: STOP}, {alert: B, event: STOP}]}, {name: x, rules: [{alert: D, event: STOP}]}]")},
		{Name: "a.yml", Src: []byte("groups: [{name: x, rules: [{alert: A, event: STOP}]}]")},
		{Name: "c.yml", Src: []byte("# nothing yet\n")},
		{Name: "d.yml", Src: []byte("groups: []")},
	}, Options{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	var got []string
	for _, r := range set.Rules() {
		got = append(got, fmt.Sprintf("%s %s/%s", r.Pos.File, r.Group, r.Name))
	}
	if want := "b.yml y/C, b.yml y/B, b.yml x/D, a.yml x/A"; strings.Join(got, ", ") != want || set.Len() != 4 {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}

func TestLoadOfNothing(t *testing.T) {
	set, found := Load(nil, Options{})
	if set == nil || set.Len() != 0 || len(found) != 0 {
		t.Errorf("set %v, findings %v", set, found)
	}
	if (*Set)(nil).Len() != 0 {
		t.Error("a nil set has rules")
	}
}

// One bad file spoils the set, and the findings of all of them are told.
func TestLoadIsWholeOrNotAtAll(t *testing.T) {
	good := File{Name: "good.yml", Src: []byte("groups: [{name: x, rules: [{alert: A, event: STOP}]}]")}
	tests := []struct {
		name  string
		files []File
		want  string
	}{
		{"unreadable", []File{good, {Name: "bad.yml", Err: errors.New("permission denied")}},
			"bad.yml: error: the file cannot be read: permission denied [Q112]"},
		{"truncated by an editor", []File{good, {Name: "bad.yml", Src: []byte("  \n")}},
			"bad.yml: error: the file is empty [Q109]"},
		{"the same name in another file", []File{good, {Name: "other.yml", Src: []byte("groups: [{name: x, rules: [{alert: A, event: RESET}]}]")}},
			"other.yml:1:36: error: the alert name `A` stands twice in the rule set [Q128]"},
		{"two bad files", []File{good, {Name: "c.yml", Src: []byte("a")}, {Name: "b.yml", Src: []byte("groups: x")}},
			"b.yml:1:9: error: `groups` must be a list, not \"x\" [Q104]\nc.yml:1:1: error: the file must be a mapping, not \"a\" [Q104]"},
		{"too large", []File{{Name: "big.yml", Src: []byte(strings.Repeat("#", yamldoc.MaxBytes+1))}},
			fmt.Sprintf("big.yml: error: the file has %d bytes, more than the %d that are read [Q111]", yamldoc.MaxBytes+1, yamldoc.MaxBytes)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, found := Load(test.files, Options{})
			var lines []string
			for _, f := range found {
				lines = append(lines, f.String())
			}
			if got := strings.Join(lines, "\n"); set != nil || got != test.want {
				t.Errorf("set %v, findings:\n%s\nwant:\n%s", set, got, test.want)
			}
		})
	}
}

func TestReceiverNames(t *testing.T) {
	src := []byte("groups: [{name: x, rules: [{alert: A, event: STOP, receiver: ops}]}]")
	tests := []struct {
		known []string
		codes string
	}{
		{nil, ""}, {[]string{"ops"}, ""}, {[]string{"oncall"}, "Q130"}, {[]string{}, "Q130"},
	}
	for _, test := range tests {
		_, found := Load([]File{{Name: "f.yml", Src: src}}, Options{Receivers: test.known})
		if codes(found) != test.codes {
			t.Errorf("with %q: %v", test.known, found)
		}
	}
}

// A file of nothing but mistakes is cut, errors first, and says so.
func TestFindingsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("groups:\n- name: g\n  rules:\n")
	for i := range 3 * MaxFindings {
		fmt.Fprintf(&b, "  - {alert: A%d, event: DEBUG, colour: red}\n", i)
	}
	set, found := Load([]File{{Name: "f.yml", Src: []byte(b.String())}}, Options{})
	if set != nil || len(found) != MaxFindings+1 || found.Count(diag.Error) != MaxFindings {
		t.Fatalf("set %v, %d findings, %d errors", set, len(found), found.Count(diag.Error))
	}
	want := fmt.Sprintf("f.yml: info: %d more findings are not shown [Q304]", 5*MaxFindings)
	if got := found[0].String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Findings say which rule they are about.
func TestFindingsNameTheRule(t *testing.T) {
	_, found := Load([]File{{Name: "f.yml", Src: []byte(inGroup("  - {alert: A, event: STOPP, colour: red, for: x}"))}}, Options{})
	if len(found) != 3 {
		t.Fatal(found)
	}
	for _, f := range found {
		if f.Group != "g" || f.Rule != "A" {
			t.Errorf("%v is about %q %q", f, f.Group, f.Rule)
		}
	}
}

// A list that is compared with itself has a bound; so have patterns.
func TestListsAreBounded(t *testing.T) {
	entries := make([]string, maxList+1)
	for i := range entries {
		entries[i] = fmt.Sprintf("__x_E%d", i)
	}
	list := "[" + strings.Join(entries, ", ") + "]"
	for _, key := range []string{"event", "by", "receiver", "resolve"} {
		text := "- {alert: A, event: STOP, " + key + ": " + list + "}"
		if key == "event" {
			text = "- {alert: A, event: " + list + "}"
		}
		_, found := Load([]File{{Name: "f.yml", Src: []byte(inGroup(text))}}, Options{})
		if codes(found) != "Q111" {
			t.Errorf("%s: %v", key, found)
		}
	}
}
