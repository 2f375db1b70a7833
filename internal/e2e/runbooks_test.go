package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/examples"
)

// runbookOf finds alerts and, behind each, its runbook.
var runbookOf = regexp.MustCompile(`- alert: (\w+)|runbook_url: https://github\.com/qmpalert/qmpalert/blob/main/(docs/runbooks/\w+\.md)#(\w+)\n`)

// TestRunbooks: the runbook of each alert is in the file of its theme, with what
// it means, what to look at and what to do; and there are no others.
func TestRunbooks(t *testing.T) {
	t.Parallel()
	linked := make(map[string]bool) // file#heading
	for _, f := range examples.Rules() {
		theme := strings.TrimSuffix(filepath.Base(f.Name), ".yml")
		found := runbookOf.FindAllStringSubmatch(string(f.Data), -1)
		for i, m := range found {
			if m[1] == "" {
				continue
			}
			if i+1 == len(found) || found[i+1][3] != strings.ToLower(m[1]) || filepath.Base(found[i+1][2]) != theme+".md" {
				t.Errorf("%s: %s has no runbook_url to docs/runbooks/%s.md#%s", f.Name, m[1], theme, strings.ToLower(m[1]))
			}
			linked[theme+".md#"+m[1]] = true
		}
	}
	files, err := filepath.Glob("../../docs/runbooks/*.md")
	if err != nil || len(files) != len(examples.Rules())+1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		if filepath.Base(path) == "README.md" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range strings.Split(string(text), "\n## ")[1:] {
			name, body, _ := strings.Cut(section, "\n")
			where := filepath.Base(path) + "#" + name
			if !linked[where] {
				t.Errorf("%s is about no alert", where)
			}
			delete(linked, where)
			for _, part := range []string{"**It means**", "**Look at**", "**Do**"} {
				if strings.Count(body, part) != 1 {
					t.Errorf("%s: %d times %s, want once", where, strings.Count(body, part), part)
				}
			}
		}
	}
	if len(linked) > 0 {
		t.Errorf("without a runbook: %v", slices.Sorted(maps.Keys(linked)))
	}
}
