package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestREADME does what the README says, in a directory of its own: files are
// written, commands are typed, and what they print has to be what is printed
// there; … stands for further lines.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Symlink(examples, "examples"); err != nil {
		t.Fatal(err)
	}
	done := map[string]int{}
	for _, b := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		kind, body := b[1], b[2]
		done[kind]++
		switch kind {
		case "yaml":
			name, _, ok := strings.Cut(strings.TrimPrefix(body, "# "), "\n")
			if !ok || !strings.HasSuffix(name, ".yml") {
				t.Fatalf("the block does not say its file:\n%s", body)
			}
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			if stdout, _, code := qmpalert(t, t.Context(), "check", name); code != exitOK {
				t.Errorf("check %s:\n%s", name, stdout)
			}
		case "console":
			command, want, _ := strings.Cut(strings.TrimPrefix(body, "$ qmpalert "), "\n")
			stdout, stderr, code := qmpalert(t, t.Context(), strings.Fields(command)...)
			if head, more := strings.CutSuffix(want, "…\n"); code != exitOK || !(stdout == want || more && strings.HasPrefix(stdout, head)) {
				t.Errorf("%s: exit code %d\n%s%swant\n%s", command, code, stdout, stderr, want)
			}
		}
	}
	if done["yaml"] < 3 || done["console"] < 3 || done["text"] != 1 {
		t.Errorf("found only %v in the README", done)
	}
}

// changing is what differs from one demo to the next: times and the host.
var changing = regexp.MustCompile(`\d\d:\d\d:\d\d(\.\d+)?| on \S+$`)

// TestREADMEShowsTheDemo: the alert that the README shows is one of the demo.
func TestREADMEShowsTheDemo(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(text), "```text\n")
	shown, _, _ = strings.Cut(shown, "```")
	stdout, stderr, code := qmpalert(t, t.Context(), "demo", "--fast")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	mask := func(s string) string {
		var lines []string
		for line := range strings.Lines(s) {
			lines = append(lines, changing.ReplaceAllString(strings.TrimRight(line, "\n"), "#"))
		}
		return strings.Join(lines, "\n")
	}
	if !strings.Contains(mask(stdout), mask(shown)) {
		t.Errorf("the demo printed\n%s\nwhich does not have\n%s", stdout, shown)
	}
}
