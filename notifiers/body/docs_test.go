package body

import (
	"fmt"
	"os"
	"strings"
	"testing"
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
