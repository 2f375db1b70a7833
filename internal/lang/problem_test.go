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
// is a condition, "{ source" a text, "= source" a having, "+ source" a text of a
// rule with having; what it gives is below it, with carets, and for a place in a
// macro the words of the macro. "@ name = source" defines a macro for what
// follows, "@ name [a, b]" a list; "@" alone forgets all of them.
func TestProblems(t *testing.T) {
	const file = "testdata/problems.txt"
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	env := Env{}
	var defs definitions
	for line := range strings.Lines(string(golden)) {
		line = strings.TrimSuffix(line, "\n")
		kind, rest, _ := strings.Cut(line, " ")
		var problems []Problem
		switch kind {
		case "#":
			fmt.Fprintln(&out, line)
			continue
		case ">":
			env = Env{Event: qmp.Lookup(rest), Name: rest, Vars: WindowVars(), Defs: env.Defs}
			if env.Event == nil && rest != "__com.redhat_SPICE" {
				t.Fatalf("no event %s", rest)
			}
			fmt.Fprintln(&out, line)
			continue
		case "@":
			fmt.Fprintln(&out, line)
			env.Defs = defs.define(&out, rest)
			continue
		case "=", "+":
			with := env
			with.Aggregates = new(Aggregates)
			if kind == "=" {
				with.Vars = nil
				_, problems = Compile(rest, with, Having)
			} else {
				_, problems = CompileText(rest, with)
			}
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
			if p.Macro != "" {
				fmt.Fprintf(&out, "| %sin %s: %s\n", strings.Repeat(" ", before), p.Macro, defs.source(p.Macro)[p.MacroOffset:p.MacroEnd])
			}
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

// definitions are those of a golden file so far.
type definitions struct {
	lists  []NamedList
	macros []Macro
	said   map[DefinitionProblem]bool
}

// define takes up a definition and prints what is wrong with it alone.
func (d *definitions) define(out *strings.Builder, line string) *Definitions {
	macroName, src, isMacro := strings.Cut(line, " = ")
	listName, items, isList := strings.Cut(line, " [")
	switch {
	case line == "":
		*d = definitions{said: map[DefinitionProblem]bool{}}
	case isMacro:
		d.macros = append(d.macros, Macro{macroName, src})
	case isList:
		var all []qmp.Value
		for item := range strings.SplitSeq(strings.TrimSuffix(items, "]"), ", ") {
			all = append(all, qmp.ParseValue([]byte(item)))
		}
		d.lists = append(d.lists, NamedList{listName, all})
	}
	defs, problems := NewDefinitions(d.lists, d.macros)
	for _, p := range problems {
		if d.said[p] {
			continue
		}
		d.said[p] = true
		of := d.source(p.Name)[p.Offset:p.End]
		if p.OfName {
			of = "name"
		}
		fmt.Fprintf(out, "| %s %s: %s (%s)\n", p.Code, p.Name, p.Message, of)
		if p.Hint != "" {
			fmt.Fprintf(out, "| %s\n", p.Hint)
		}
	}
	return defs
}

func (d *definitions) source(macro string) string {
	for _, m := range d.macros {
		if m.Name == macro {
			return m.Source
		}
	}
	return ""
}
