package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExampleRules loads the rule pack that the project ships: nothing at all is
// found, and every rule says how bad it is, what happened and what to do.
func TestExampleRules(t *testing.T) {
	names, err := filepath.Glob("../examples/rules/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	var files []File
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{Name: name, Src: src})
		explained(t, name, string(src))
	}
	set, found := Load(files, Options{WantTests: true})
	for _, f := range found {
		t.Errorf("%v: %s", f, f.Hint)
	}
	if set.Len() < 12 {
		t.Fatalf("%d rules", set.Len())
	}
	for _, r := range set.Rules() {
		if r.Record != "" {
			continue
		}
		for _, want := range []string{"summary", "description"} {
			if !hasText(r.texts.annotations, want) {
				t.Errorf("%s has no %s", r.Name, want)
			}
		}
		if !hasText(r.texts.labels, "severity") {
			t.Errorf("%s has no severity", r.Name)
		}
	}
}

func hasText(all []eventText, name string) bool {
	for _, t := range all {
		if t.name == name {
			return true
		}
	}
	return false
}

// explained checks that a comment stands right above each rule.
func explained(t *testing.T, file, src string) {
	t.Helper()
	before := ""
	for i, line := range strings.Split(src, "\n") {
		line = strings.TrimSpace(line)
		if (strings.HasPrefix(line, "- alert:") || strings.HasPrefix(line, "- record:")) && !strings.HasPrefix(before, "#") {
			t.Errorf("%s:%d: no comment explains the rule", file, i+1)
		}
		before = line
	}
}
