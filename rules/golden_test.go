package rules

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/diag"
)

var update = flag.Bool("update", false, "rewrite the expected findings in testdata")

// TestBad compares what is said about bad files, word for word and column for
// column. `go test ./rules -update` rewrites the expectations; the diff is the
// review.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yml")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			set, found := Load([]File{{Name: filepath.Base(file), Src: src}}, goldenOptions(src))
			if (set == nil) != found.HasErrors() {
				t.Errorf("set is %v beside %d errors", set, found.Count(diag.Error))
			}
			if len(found) == 0 {
				t.Fatal("nothing was found")
			}
			got := findingsText(t, found, src)
			expected := strings.TrimSuffix(file, ".yml") + ".txt"
			if *update {
				if err := os.WriteFile(expected, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGood loads files that use everything that is supported.
func TestGood(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set, found := Load([]File{{Name: file, Src: src}}, goldenOptions(src))
		if set == nil || found.Count(diag.Warning) > 0 {
			t.Errorf("%s:\n%s", file, findingsText(t, found, src))
		}
	}
}

// goldenOptions are those of a day in November.
func goldenOptions(src []byte) Options {
	return Options{Receivers: receiversOf(src), Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).UnixMicro()}
}

// receiversOf reads the receivers of the configuration from a first line such
// as "# receivers: ops, oncall"; nil without one.
func receiversOf(src []byte) []string {
	line, _, _ := bytes.Cut(src, []byte("\n"))
	names, ok := strings.CutPrefix(string(line), "# receivers: ")
	if !ok {
		return nil
	}
	return strings.Split(names, ", ")
}

func findingsText(t *testing.T, found diag.List, src []byte) string {
	t.Helper()
	var b strings.Builder
	err := diag.Text(&b, found, diag.TextOptions{Sources: func(string) ([]byte, bool) { return src, true }})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
