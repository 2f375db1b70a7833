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
		{"more labels than anybody reads", []File{{Name: "a.yml", Src: []byte("groups: [{name: g, rules: [{alert: A, event: STOP, labels: {" + manyLabels(201) + "}}]}]")}},
			"a.yml:1:60: error: `labels` has more than 200 entries [Q111]"},
		{"too large", []File{{Name: "big.yml", Src: []byte(strings.Repeat("#", yamldoc.MaxBytes+1))}},
			fmt.Sprintf("big.yml: error: the file has more than the %d bytes that are read [Q111]", yamldoc.MaxBytes)},
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
	for _, key := range []string{"event", "by", "receiver", "resolve", "until", "sequence", "all_of", "inhibits", "attach", "exceptions"} {
		text := "- {alert: A, event: STOP, " + key + ": " + list + "}"
		switch key {
		case "event":
			text = "- {alert: A, event: " + list + "}"
		case "until":
			text = "- {alert: A, sequence: [STOP, RESET], within: 1m, until: " + list + "}"
		case "sequence", "all_of":
			text = "- {alert: A, within: 1m, " + key + ": " + list + "}"
		}
		_, found := Load([]File{{Name: "f.yml", Src: []byte(inGroup(text))}}, Options{})
		if codes(found) != "Q111" {
			t.Errorf("%s: %v", key, found)
		}
	}
}

// What is made to be expensive is refused quickly: by its size, its depth, or
// because nothing can be expanded into something huge. Small sources that must
// not be compiled are refused by what they ask for.
func TestHostileFiles(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	bomb.WriteString("groups: *a11\n")
	expr := func(e string) string {
		return "groups: [{name: x, rules: [{alert: A, event: STOP, expr: '" + e + "'}]}]"
	}
	var chain strings.Builder
	chain.WriteString("macros:\n  m0: host == \"a\" or host == \"b\"\n")
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&chain, "  m%d: m%d and m%d\n", i, i-1, i-1)
	}
	chain.WriteString(expr("m59"))
	var doubled, long strings.Builder
	doubled.WriteString(inGroup("- {record: R0A, event: STOP}\n- {record: R0B, event: STOP}\n"))
	long.WriteString(inGroup("- {record: R0, event: STOP}\n"))
	for i := range 30 {
		fmt.Fprintf(&doubled, "    - {record: R%dA, event: [R%dA, R%dB]}\n    - {record: R%dB, event: [R%dA, R%dB]}\n", i+1, i, i, i+1, i, i)
		fmt.Fprintf(&long, "    - {record: R%d, event: R%d}\n", i+1, i)
	}
	tests := []struct{ name, src, code string }{
		{"records that double", doubled.String(), "Q111"},
		{"records of records of records", long.String(), "Q111"},
		{"50 MB", "groups:\n" + strings.Repeat("- {name: x, rules: [{alert: A, event: STOP}]}\n", 50<<20/46), "Q111"},
		{"a bomb of anchors", bomb.String(), "Q106"},
		{"deep lists", "groups: " + strings.Repeat("[", 100_000), "Q111"},
		{"many brackets", expr(strings.Repeat("(", 5000) + "true" + strings.Repeat(")", 5000)), "Q125"},
		{"a memory bomb", expr(`repeat("x", 1000000000) == ""`), "Q125"},
		{"a huge range", expr(`len(1..1000000000) > 0`), "Q125"},
		{"macros that double", chain.String(), "Q"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, found := Load([]File{{Name: "f.yml", Src: []byte(test.src)}}, Options{})
			if set != nil || !found.HasErrors() || !strings.Contains(codes(found), test.code) {
				t.Errorf("%d rules, %d findings, %.200s", set.Len(), len(found), codes(found))
			}
			if len(found) > MaxFindings+1 {
				t.Errorf("%d findings", len(found))
			}
		})
	}
}

// A file of tests has no rules, and is not one that lacks them.
func TestFileOfTests(t *testing.T) {
	set, found := Load([]File{{Name: "t.yml", Src: []byte("rule_files: [a.yml]\ntests: []\n")}}, Options{})
	if set == nil || set.Len() != 0 || len(found) != 0 {
		t.Errorf("%d rules, %v", set.Len(), found)
	}
}

// A mistake in a macro is one finding, however many rules use it.
func TestMistakesInMacrosAreToldOnce(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "- {alert: A%d, event: BLOCK_IO_ERROR, expr: bad and device == \"d%d\"}\n", i, i)
	}
	_, found := Load([]File{{Name: "t.yml", Src: []byte("macros:\n  bad: action == \"stopp\"\n" + inGroup(b.String()))}}, Options{})
	if codes(found) != "Q124" || found[0].Pos.Line != 2 || len(found[0].Related) != 1 {
		t.Errorf("%v", found)
	}
}

// Screendumps are taken only where the configuration says so.
func TestScreendump(t *testing.T) {
	src := []byte("groups: [{name: x, rules: [{alert: A, event: STOP, attach: [screendump, query-status]}]}]")
	if _, found := Load([]File{{Name: "f.yml", Src: src}}, Options{}); codes(found) != "Q147" {
		t.Error(found)
	}
	set, found := Load([]File{{Name: "f.yml", Src: src}}, Options{Screendump: true})
	if set == nil || strings.Join(set.Rules()[0].Attach, " ") != "screendump query-status" {
		t.Error(found)
	}
}

// manyLabels are n labels in a mapping.
func manyLabels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "x%d: y, ", i)
	}
	return b.String()
}
