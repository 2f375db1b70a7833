package slack

import (
	"os"
	"strings"
	"testing"
)

// TestManual: every error string that we know is in the manual.
func TestManual(t *testing.T) {
	raw, err := os.ReadFile("../../docs/slack.md")
	if err != nil {
		t.Fatal(err)
	}
	manual, rest, _ := strings.Cut(string(raw), "About the app-level token")
	for code := range meanings {
		if !strings.Contains(manual, "`"+code+"`") {
			t.Errorf("docs/slack.md does not explain %s", code)
		}
	}
	for code := range openHints {
		if !strings.Contains(rest, "`"+code+"`") {
			t.Errorf("docs/slack.md does not explain %s of the app-level token", code)
		}
	}
	for _, id := range []string{neededScope, "connections:write", "socket_mode_enabled: true"} {
		if !strings.Contains(manual, id) {
			t.Errorf("docs/slack.md does not have %s", id)
		}
	}
}
