package body

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// TestManual: the manual lists every name with what it is, and no others.
func TestManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/receivers.md")
	if err != nil {
		t.Fatal(err)
	}
	var group, alert strings.Builder
	for _, n := range Names() {
		fmt.Fprintf(&group, "| `%s` | %s |\n", n.Name, n.Doc)
	}
	for _, n := range AlertNames() {
		fmt.Fprintf(&alert, "| `%s` | %s |\n", n[0], n[1])
	}
	for _, table := range []string{group.String(), alert.String()} {
		if !strings.Contains(string(manual), "|\n|---|---|\n"+table+"\n") {
			t.Errorf("docs/receivers.md does not have this table:\n%s", table)
		}
	}
}

// TestManualExample: the example of the manual is a body, and makes what the
// manual says.
func TestManualExample(t *testing.T) {
	manual, err := os.ReadFile("../../docs/receivers.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(manual), "```yaml\n        body:\n")
	example, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("docs/receivers.md has no example of a body")
	}
	path := filepath.Join(t.TempDir(), "service.key")
	if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	example = strings.ReplaceAll(strings.ReplaceAll(example, "\n          ", "\n"), "service.key", path)
	want := `{"text":"FIRING:critical QuorumChildFailing: db1: quorum child c answered badly 14 times","alerts":1,"hosts":["kvm07"],` +
		`"list":[{"name": "FIRING:critical QuorumChildFailing", "since": "2026-03-14T14:02:03.123456Z"}],"who":"nobody","key":"hunter2","level":3}`
	if got := encode(t, compile(t, example), notifiertest.Firing()); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}
