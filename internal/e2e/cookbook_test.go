package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/ruletest"
	"github.com/qmpalert/qmpalert/rules"
)

// TestCookbook loads each rule of the cookbook, without a finding, and runs its
// tests: they pass, and between them the rule fires, ends or is quiet, and takes
// each branch of its conditions.
func TestCookbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/cookbook.md")
	if err != nil {
		t.Fatal(err)
	}
	questions := strings.Split(string(text), "\n### ")[1:]
	if len(questions) != 30 {
		t.Errorf("%d questions, the cookbook promises 30", len(questions))
	}
	for i, q := range questions {
		title, rest, _ := strings.Cut(q, "\n")
		if !strings.HasPrefix(title, fmt.Sprintf("%d. ", i+1)) || !strings.HasSuffix(title, "?") {
			t.Errorf("question %d is called %q", i+1, title)
		}
		_, rule, ok := strings.Cut(rest, "```yaml\n")
		rule, _, closed := strings.Cut(rule, "```\n")
		if !ok || !closed {
			t.Errorf("%s: no rule", title)
			continue
		}
		suite, found := rules.LoadSuite([]rules.File{{Name: title, Src: []byte(rule)}}, rules.Options{})
		for _, f := range found {
			t.Errorf("%s: %v", title, f)
		}
		if suite == nil {
			continue
		}
		cases := ruletest.Cases(suite)
		for _, c := range cases {
			for _, f := range ruletest.Run(c).Failures {
				t.Errorf("%s: %s: at %v %s is %v, want %v", title, c.Name(), f.At, f.What, f.Got, f.Want)
			}
		}
		for _, c := range ruletest.Cover(suite, suite.Set.Rules(), cases) {
			for _, gap := range c.Missing {
				if c.Rule.Record == "" && gap.What != "never resolves" {
					t.Errorf("%s: %s %s", title, c.Rule.Name, gap.What)
				}
			}
		}
	}
}
