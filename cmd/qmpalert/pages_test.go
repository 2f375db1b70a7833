package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/docs/checks"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/rules"
)

// withoutExample are the codes that no file of a few lines can show; tests of
// the packages that find them do.
var withoutExample = []diag.Code{diag.TooLarge, diag.Unreadable, diag.MoreFindings}

// TestPages checks every example of docs/checks: what is shown as wrong has the
// finding that the page is about, what is shown as right has not, and no error.
func TestPages(t *testing.T) {
	for _, code := range diag.Codes() {
		t.Run(string(code), func(t *testing.T) {
			page, ok := checks.Page(string(code))
			if !ok {
				t.Fatal("no page in docs/checks")
			}
			heading, _, _ := strings.Cut(page, "\n")
			if want := "# " + string(code) + ": " + code.Meaning(); heading != want {
				t.Errorf("heading %q, want %q", heading, want)
			}
			_, wrong, _ := strings.Cut(page, "\n## Wrong\n")
			wrong, right, ok := strings.Cut(wrong, "\n## Right\n")
			if slices.Contains(withoutExample, code) {
				if ok {
					t.Error("has examples, but is listed as having none")
				}
				return
			}
			if !ok {
				t.Fatal("no headings Wrong and Right")
			}
			if found := checkExample(t, wrong, code); !has(found, code) {
				t.Errorf("the wrong example has no %s: %v", code, found)
			}
			found := checkExample(t, right, code)
			if has(found, code) || found.HasErrors() || found.Count(diag.Warning) > 0 {
				t.Errorf("the right example: %v", found)
			}
		})
	}
}

func has(found diag.List, code diag.Code) bool {
	return slices.ContainsFunc(found, func(f diag.Finding) bool { return f.Code == code })
}

var (
	fenced    = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	firstLine = regexp.MustCompile(`^# ([\w./-]+)(?:, checked with --qemu ([\d.]+))?\n`)
)

// checkExample checks the fenced files of a section, each named by its first
// line, as `qmpalert check` would.
func checkExample(t *testing.T, section string, code diag.Code) diag.List {
	t.Helper()
	dir := t.TempDir()
	qemu := ""
	blocks := fenced.FindAllStringSubmatch(section, -1)
	if len(blocks) == 0 {
		t.Fatal("no example")
	}
	for _, block := range blocks {
		name, text := "rules/example.yml", block[1]
		if m := firstLine.FindStringSubmatch(text); m != nil {
			name, qemu = m[1], m[2]
			if filepath.Ext(name) == "" { // a secret
				text = strings.TrimPrefix(text, m[0])
			}
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := gather([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	c.options = rules.Options{QEMU: qemu, Now: 1800000000_000000, WantTests: code == diag.RuleWithoutTest} // in January 2027
	c.check()
	return c.findings
}

// TestPagesAreIndexed: docs/checks has a page for each code and no other, and
// its README lists them all.
func TestPagesAreIndexed(t *testing.T) {
	dir := os.DirFS("../../docs/checks")
	index, err := fs.ReadFile(dir, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := fs.Glob(dir, "Q*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) != len(diag.Codes()) {
		t.Errorf("%d pages for %d codes", len(pages), len(diag.Codes()))
	}
	for _, code := range diag.Codes() {
		if want := "| [" + string(code) + "](" + string(code) + ".md) | " + code.Meaning() + " |"; !strings.Contains(string(index), want) {
			t.Errorf("README.md lacks %s", want)
		}
	}
}
