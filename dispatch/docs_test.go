package dispatch

import (
	"os"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/config"
)

// TestManual: the configuration that docs/routing.md explains is a good one.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("../docs/routing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("there is no example")
	}
	if _, findings := config.Load("docs/routing.md", []byte(example), os.LookupEnv); len(findings) > 0 {
		t.Error(findings)
	}
}
