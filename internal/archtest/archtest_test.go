package archtest

import (
	"bytes"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

// TestProject checks the house that this package is part of.
func TestProject(t *testing.T) {
	findings, err := Check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// TestPlanted plants one violation in a small clean house and expects to read
// about it, and about nothing else.
func TestPlanted(t *testing.T) {
	tests := []struct {
		name, file, content string
		want                string // "" when nothing is wrong
	}{
		{"nothing", "engine/x.go", "package engine\n", ""},
		{"layer above", "engine/x.go", "package engine\nimport _ \"example.org/m/dispatch\"\n", "engine/x.go:2: engine imports dispatch, which is not below it"},
		{"neighbour", "internal/lang/x.go", "package lang\nimport _ \"example.org/m/internal/yamldoc\"\n", "internal/lang imports internal/yamldoc, which is not below it"},
		{"sibling", "notifiers/slack/x.go", "package slack\nimport _ \"example.org/m/notifiers/email\"\n", "notifiers/slack imports notifiers/email, which is not below it"},
		{"parent from child", "notifiers/slack/x.go", "package slack\nimport _ \"example.org/m/notifiers\"\n", ""},
		{"child from parent", "notifiers/x.go", "package notifiers\nimport _ \"example.org/m/notifiers/slack\"\n", "notifiers imports its child notifiers/slack"},
		{"child from parent in a test", "notifiers/x_test.go", "package notifiers\nimport _ \"example.org/m/notifiers/slack\"\n", ""},
		{"test helper in the product", "notifiers/slack/x.go", "package slack\nimport _ \"example.org/m/notifiers/notifiertest\"\n", "notifiers/slack imports notifiers/notifiertest, which is for tests"},
		{"test helper in a test", "notifiers/slack/x_test.go", "package slack\nimport _ \"example.org/m/notifiers/notifiertest\"\n", ""},
		{"homeless package", "attic/doc.go", "// Package attic is new.\npackage attic\n", "attic: package without a layer"},
		{"another door", "rules/x.go", "package rules\nimport _ \"github.com/expr-lang/expr/vm\"\n", "rules imports github.com/expr-lang/expr/vm, whose door is internal/lang"},
		{"another door in a test", "rules/x_test.go", "package rules\nimport _ \"github.com/expr-lang/expr\"\n", "whose door is internal/lang"},
		{"its door", "internal/lang/x.go", "package lang\nimport _ \"github.com/expr-lang/expr/vm\"\n", ""},
		{"module without a door", "internal/watch/x.go", "package watch\nimport _ \"github.com/acme/thing\"\n", "github.com/acme/thing, which has no door"},
		{"module like one with a door", "internal/lang/x.go", "package lang\nimport _ \"github.com/expr-lang/express\"\n", "which has no door"},
		{"test module in the product", "internal/watch/x.go", "package watch\nimport _ \"pgregory.net/rapid\"\n", "pgregory.net/rapid, which is for tests"},
		{"test module in a test", "engine/x_test.go", "package engine\nimport _ \"pgregory.net/rapid\"\n", ""},
		{"goroutine", "engine/x.go", "package engine\nfunc f() { go f() }\n", "engine/x.go:2: pure package engine starts a goroutine"},
		{"channel", "alert/x.go", "package alert\nvar c chan int\n", "has a channel"},
		{"select", "alert/x.go", "package alert\nfunc f() { select {} }\n", "waits in a select"},
		{"clock", "rules/x.go", "package rules\nimport \"time\"\nvar t = time.Now()\n", "rules/x.go:3: pure package rules uses time.Now"},
		{"clock as a value", "rules/x.go", "package rules\nimport \"time\"\nvar t = time.Now\n", "uses time.Now"},
		{"clock by another name", "rules/x.go", "package rules\nimport tm \"time\"\nvar t = tm.Since\n", "uses time.Since"},
		{"zone of the machine", "event/x.go", "package event\nimport \"time\"\nvar t = time.Local\n", "uses time.Local"},
		{"duration", "rules/x.go", "package rules\nimport \"time\"\nvar t = time.Second\n", ""},
		{"disk", "dispatch/x.go", "package dispatch\nimport _ \"os\"\n", "pure package dispatch imports os"},
		{"network", "internal/lang/x.go", "package lang\nimport _ \"net/url\"\n", "imports net/url"},
		{"log", "engine/x.go", "package engine\nimport _ \"log/slog\"\n", "imports log/slog"},
		{"terminal", "engine/x.go", "package engine\nimport \"fmt\"\nfunc f() { fmt.Println() }\n", "uses fmt.Println"},
		{"disk in a test", "engine/x_test.go", "package engine\nimport _ \"os\"\n", ""},
		{"clock elsewhere", "internal/watch/x.go", "package watch\nimport \"time\"\nvar t = time.Now()\n", ""},
		{"skip", "internal/watch/x_test.go", "package watch\nimport \"testing\"\nfunc TestX(t *testing.T) { t.Skip() }\n", "a test uses t.Skip"},
		{"sleep", "internal/watch/x_test.go", "package watch\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", "a test uses time.Sleep"},
		{"sleep on a fake clock", "internal/watch/x_test.go", "package watch\nimport (\n_ \"testing/synctest\"\n\"time\"\n)\nfunc f() { time.Sleep(1) }\n", ""},
		{"sleep in a test helper", "notifiers/notifiertest/x.go", "package notifiertest\nimport \"time\"\nfunc f() { time.Sleep(1) }\n", "a test uses time.Sleep"},
		{"no contract", "internal/duration/x.go", "package duration\n", "internal/duration: package without a doc.go"},
		{"empty contract", "engine/doc.go", "package engine\n", "engine: package without a doc.go"},
		{"long file", "engine/x.go", "package engine\n" + strings.Repeat("\n", maxLines), "451 lines, more than 450"},
		{"long generated file", "engine/x_gen.go", "package engine\n" + strings.Repeat("\n", maxLines), ""},
		{"somebody's home", "README.md", "see\n/home/" + "me/x for more\n", "README.md:2: names the place /home/" + "me/x"},
		{"a neighbour's folder", "engine/x.go", "package engine\n// ../" + "shared/x\n", "engine/x.go:2: names the place"},
		{"a web address", "README.md", "https://example.org/home/" + "me/x\n", ""},
		{"a recording", "examples/recordings/x.cmdline", "/home/" + "me/x\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := cleanHouse()
			tree[tt.file] = &fstest.MapFile{Data: []byte(tt.content)}
			findings, err := Check(tree)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, f := range findings {
				got.WriteString(f.String() + "\n")
			}
			switch {
			case tt.want == "" && len(findings) > 0:
				t.Errorf("found in a clean house:\n%s", got.String())
			case tt.want != "" && (len(findings) != 1 || !strings.Contains(got.String(), tt.want)):
				t.Errorf("found\n%swant one finding with\n%s", got.String(), tt.want)
			}
		})
	}
}

// TestBroken: a tree that cannot be read is an error, not a clean house.
func TestBroken(t *testing.T) {
	for name, tree := range map[string]fstest.MapFS{
		"no go.mod":       {},
		"no module":       {"go.mod": {Data: []byte("go 1.26\n")}},
		"no Go in a file": {"go.mod": {Data: []byte("module m\n")}, "x.go": {Data: []byte("packag x")}},
	} {
		if _, err := Check(tree); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// cleanHouse has nothing but contracts.
func cleanHouse() fstest.MapFS {
	tree := fstest.MapFS{"go.mod": {Data: []byte("module example.org/m\n")}}
	for _, dir := range []string{
		"engine", "dispatch", "rules", "alert", "event", "notifiers", "notifiers/slack", "notifiers/email",
		"notifiers/notifiertest", "internal/lang", "internal/yamldoc", "internal/watch",
	} {
		name := dir[strings.LastIndex(dir, "/")+1:]
		tree[dir+"/doc.go"] = &fstest.MapFile{Data: []byte("// Package " + name + " is a room.\npackage " + name + "\n")}
	}
	return tree
}

// TestArchitectureNamesAll: docs/architecture.md has a word about every package.
func TestArchitectureNamesAll(t *testing.T) {
	doc, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	h, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range h.packages {
		if name := path.Base(p.dir); !bytes.Contains(doc, []byte("`"+name)) && !bytes.Contains(doc, []byte("/"+name+"`")) {
			t.Errorf("docs/architecture.md does not name %s", p.dir)
		}
	}
}
