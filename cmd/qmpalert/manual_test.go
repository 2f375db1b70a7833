package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestManual: the rules of docs/rules.md are taken without a warning, each file
// by itself, what they are tested with passes, and the commands are right.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	files := 0
	for _, b := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		kind, body := b[1], b[2]
		switch kind {
		case "yaml":
			name := filepath.Join("rules", fmt.Sprintf("%02d.yml", files))
			files++
			if err := os.MkdirAll("rules", 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			stdout, _, code := qmpalert(t, t.Context(), "check", name)
			if code != exitOK || strings.Contains(stdout, ": warning: ") {
				t.Errorf("%s\ncheck:\n%s", body, stdout)
			}
		case "console":
			command, _, _ := strings.Cut(strings.TrimPrefix(body, "$ qmpalert "), "\n")
			if _, stderr, code := qmpalert(t, t.Context(), strings.Fields(command)...); code != exitOK {
				t.Errorf("%s: exit code %d\n%s", command, code, stderr)
			}
		}
	}
	if files < 10 {
		t.Fatalf("found only %d rule files in the manual", files)
	}
	if stdout, stderr, code := qmpalert(t, t.Context(), "test", "rules"); code != exitOK || !strings.Contains(stdout, "passed") {
		t.Errorf("test: exit code %d\n%s%s", code, stdout, stderr)
	}
	if stdout, stderr, code := qmpalert(t, t.Context(), "explain", "rule", "QuorumChildFailing"); code != exitOK {
		t.Errorf("explain: exit code %d\n%s%s", code, stdout, stderr)
	}
}
