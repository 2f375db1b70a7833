package e2e

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/examples"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/rules"
)

var update = flag.Bool("update", false, "write the goldens of testdata anew")

// packRules are the rules of the project.
func packRules(t *testing.T) *rules.Set {
	t.Helper()
	var files []rules.File
	for _, f := range examples.Rules() {
		files = append(files, rules.File{Name: f.Name, Src: f.Data})
	}
	set, found := rules.Load(files, rules.Options{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	return set
}

// recordings are the recordings: a name, and the files that belong together.
func recordings(t *testing.T) (names []string, files map[string][]string) {
	t.Helper()
	files = make(map[string][]string)
	for _, pattern := range []string{"../../examples/recordings/[a-z]*", "testdata/made/*.ndjson"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) < 10 {
			t.Fatalf("%s: %d recordings, %v", pattern, len(found), err)
		}
		for _, path := range found {
			name := strings.TrimSuffix(filepath.Base(path), ".ndjson")
			if files[name], err = replay.Expand([]string{path}); err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	return names, files
}

// brief is a change in a line, and what people read where they are told.
func brief(c *alert.Change) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %-8s %s", event.AppendTime(nil, c.At), c.Status, c.Name)
	for _, l := range c.Labels {
		switch l.Name {
		case "alertname", "team", "host":
		default:
			fmt.Fprintf(&b, " %s=%s", l.Name, l.Value)
		}
	}
	fmt.Fprintf(&b, " (%s, count %d)\n", c.Reason, c.Count)
	if c.Status == alert.Firing || c.Status == alert.Resolved && c.Reason != alert.ReasonQuiet {
		fmt.Fprintf(&b, "    %s\n", c.Annotations.Get("summary"))
	}
	if c.Status == alert.Firing {
		fmt.Fprintf(&b, "    %s\n", c.Annotations.Get("description"))
	}
	return b.String()
}

// TestPack plays all recordings to the rules of the project. What comes out is
// what people would have been told.
func TestPack(t *testing.T) {
	t.Parallel()
	set := packRules(t)
	var got strings.Builder
	names, files := recordings(t)
	for _, name := range names {
		result, err := replay.Run(t.Context(), set, files[name], replay.Options{Host: "kvm07"})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "== %s\n", name)
		for i := range result.Changes {
			c := &result.Changes[i]
			got.WriteString(brief(c))
			readable(t, name, c)
		}
	}
	golden(t, "testdata/pack.golden", got.String())
}

// readable checks that the texts are whole, and that the summary is one
// sentence that begins with where.
func readable(t *testing.T, scene string, c *alert.Change) {
	t.Helper()
	summary := c.Annotations.Get("summary")
	for _, text := range []string{summary, c.Annotations.Get("description")} {
		if text == "" || text != strings.TrimSpace(text) || strings.Contains(text, "  ") || strings.Contains(text, "nil") {
			t.Errorf("%s: %s says %q", scene, c.Name, text)
		}
	}
	if !strings.HasPrefix(summary, c.Labels.Get("vm")) || len(summary) > 120 || strings.HasSuffix(summary, ".") {
		t.Errorf("%s: the summary of %s is %q", scene, c.Name, summary)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (go test ./internal/e2e -run TestPack -update writes it anew):\n%s", path, diff)
	}
}
