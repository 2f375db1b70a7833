package ruletest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/rules"
)

var update = flag.Bool("update", false, "rewrite what is expected in testdata")

// load reads rule files of testdata.
func load(t testing.TB, names ...string) *rules.Suite {
	t.Helper()
	var files []rules.File
	for _, name := range names {
		src, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, rules.File{Name: name, Src: src})
	}
	suite, findings := rules.LoadSuite(files, rules.Options{})
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	return suite
}

// report is everything that can be said about the tests of a suite.
func report(t testing.TB, s *rules.Suite) string {
	t.Helper()
	var b strings.Builder
	cases := Cases(s)
	var passed []*Case
	for _, c := range cases {
		r := Run(c)
		if len(r.Failures) == 0 {
			passed = append(passed, c)
			continue
		}
		fmt.Fprintf(&b, "FAIL %s\n%s\n", c.Name(), r.text())
	}
	all := Cover(s, s.Set.Rules(), cases)
	for _, c := range all {
		fmt.Fprintf(&b, "%d %% of %s\n", c.Percent(), c.Rule.Name)
		for _, g := range c.Missing {
			fmt.Fprintf(&b, "  %s: %s\n", g.Pos, g.What)
		}
	}
	m, err := Mutate(context.Background(), s, s.Set.Rules(), passed, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range m.Survivors {
		fmt.Fprintf(&b, "unnoticed: %s: %s: %s\n", x.Mutant.Pos, x.Rule.Name, x.Mutant.What)
	}
	for _, u := range m.Untested {
		fmt.Fprintf(&b, "untested: %s: %d changes\n", u.Rule.Name, u.Mutants)
	}
	fmt.Fprintf(&b, "%d of %d changes are not noticed\n", m.Survived(), m.Mutants)
	return b.String()
}

// golden compares with a file that -update rewrites; the diff is the review.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestForms: a rule of each form, tested completely.
func TestForms(t *testing.T) {
	got := report(t, load(t, "forms.yml"))
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "100 % of ") && !strings.HasPrefix(line, "0 of ") {
			t.Error(line)
		}
	}
	golden(t, "forms.txt", got)
}

// TestWrong: what is said when tests fail or miss something.
func TestWrong(t *testing.T) { golden(t, "wrong.txt", report(t, load(t, "wrong.yml"))) }

func TestJUnit(t *testing.T) {
	s := load(t, "wrong.yml")
	var results []Result
	for _, c := range Cases(s) {
		results = append(results, Run(c))
	}
	var b bytes.Buffer
	if err := JUnit(&b, results); err != nil {
		t.Fatal(err)
	}
	golden(t, "wrong.xml", b.String())
}

// TestAllMutants lists every change that is tried, so that none is lost.
func TestAllMutants(t *testing.T) {
	s := load(t, "forms.yml")
	var b strings.Builder
	for _, r := range s.Set.Rules() {
		fmt.Fprintln(&b, r.Name)
		for _, m := range s.Mutants(r) {
			fmt.Fprintf(&b, "  %s: %s\n", m.Pos, m.What)
			if m.Rule.Meaning == r.Meaning {
				t.Errorf("%s: %s changes nothing", r.Name, m.What)
			}
		}
	}
	golden(t, "mutants.txt", b.String())
}
