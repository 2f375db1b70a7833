package explain

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

func load(t testing.TB, files ...string) []*rules.Rule {
	t.Helper()
	var all []rules.File
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rules.File{Name: name, Src: src})
	}
	set, found := rules.Load(all, rules.Options{Screendump: true})
	if set == nil {
		t.Fatal(found.Err())
	}
	return set.Rules()
}

// TestRule compares what is said of one rule of each kind.
// `go test ./internal/explain -update` rewrites it; the diff is the review.
func TestRule(t *testing.T) {
	var b strings.Builder
	for _, r := range load(t, "testdata/forms.yml") {
		e := Rule(r)
		fmt.Fprintf(&b, "%s\n  %s\n", r.Name, e.Fires)
		for _, note := range e.Notes {
			fmt.Fprintf(&b, "  - %s\n", note)
		}
	}
	const golden = "testdata/forms.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestEveryGoodRule: whatever a rule is, it is one paragraph of sentences.
func TestEveryGoodRule(t *testing.T) {
	pack, err := filepath.Glob("../../examples/rules/*.yml")
	if err != nil || len(pack) == 0 {
		t.Fatal(err)
	}
	good, err := filepath.Glob("../../rules/testdata/good/*.yml")
	if err != nil || len(good) == 0 {
		t.Fatal(err)
	}
	all := load(t, pack...)
	for _, file := range good {
		all = append(all, load(t, file)...)
	}
	for _, r := range all {
		e := Rule(r)
		for _, s := range append([]string{e.Fires}, e.Notes...) {
			if !strings.HasSuffix(s, ".") || strings.ToUpper(s[:1]) != s[:1] || strings.ContainsAny(s, "\n\x1b") || strings.Contains(s, "%!") {
				t.Errorf("%s: %q", r.Name, s)
			}
		}
	}
}

// TestEveryEventHasAPhrase, and those that QEMU limits a name in the plural.
func TestEveryEventHasAPhrase(t *testing.T) {
	for _, d := range qmp.Defs() {
		p, ok := phrases[d.Name]
		if !ok || p.does == "" || strings.HasSuffix(p.does, ".") {
			t.Errorf("%s: %q", d.Name, p.does)
		}
		if (d.Throttle != nil) != (p.plural != "") {
			t.Errorf("%s: limited %v, plural %q", d.Name, d.Throttle != nil, p.plural)
		}
	}
	for name := range phrases {
		if qmp.Lookup(name) == nil {
			t.Errorf("%s is no event", name)
		}
	}
	for name := range withoutVM {
		if d := qmp.Lookup(name); d == nil || !d.Own {
			t.Errorf("%s is no event of our own", name)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 90 * time.Minute: "1 hour 30 minutes",
		26 * time.Hour: "1 day 2 hours", 30 * 24 * time.Hour: "30 days", 1500 * time.Millisecond: "1 second 500 milliseconds",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
