package lang

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/qmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestProblems compares every message with testdata/problems.txt. A line with
// "> EVENT" chooses the event (- is one that is not in the table), "? source"
// is a condition, "{ source" a text; what it gives is below it, with carets.
func TestProblems(t *testing.T) {
	const file = "testdata/problems.txt"
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	env := Env{}
	for line := range strings.Lines(string(golden)) {
		line = strings.TrimSuffix(line, "\n")
		kind, rest, _ := strings.Cut(line, " ")
		var problems []Problem
		switch kind {
		case "#":
			fmt.Fprintln(&out, line)
			continue
		case ">":
			env = Env{Event: qmp.Lookup(rest), Name: rest, Vars: WindowVars()}
			if env.Event == nil && rest != "__com.redhat_SPICE" {
				t.Fatalf("no event %s", rest)
			}
			fmt.Fprintln(&out, line)
			continue
		case "?":
			_, problems = Compile(rest, env, Condition)
		case "{":
			_, problems = CompileText(rest, env)
		default:
			continue
		}
		fmt.Fprintln(&out, line)
		if len(problems) == 0 {
			fmt.Fprintln(&out, "  fine")
		}
		for _, p := range problems {
			before := len([]rune(rest[:p.Offset]))
			carets := max(1, len([]rune(rest[p.Offset:p.End])))
			fmt.Fprintf(&out, "| %s%s %s %s\n", strings.Repeat(" ", before), strings.Repeat("^", carets), p.Code, p.Message)
			if p.Hint != "" {
				fmt.Fprintf(&out, "| %s%s\n", strings.Repeat(" ", before), p.Hint)
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out.String() != string(golden) {
		t.Errorf("messages differ from %s (-update writes it anew):\n%s", file, cmp.Diff(strings.Split(string(golden), "\n"), strings.Split(out.String(), "\n")))
	}
}
