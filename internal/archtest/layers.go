package archtest

import (
	"fmt"
	"path"
	"strings"
)

// layers is the house from the roof down. A package imports only packages of
// layers below its own; "x/*" stands for every child of x. What is only for
// tests (see forTests) may import anything, and only tests may import it.
var layers = [][]string{
	{"cmd/*"},
	{"internal/daemon"},
	{"internal/backtest", "internal/ruletest", "internal/state", "internal/web"},
	{"internal/replay", "internal/demo", "internal/qapigen", "internal/core"},
	{"dispatch", "internal/deliver", "notifiers/*"},
	{"notifiers/body"},
	{"notifiers/post", "notifiers/payload"},
	{"notifiers/story", "notifiers/tlsopt"},
	{"engine", "sources/*", "internal/explain", "internal/schema"},
	{"internal/aggregate"},
	{"rules", "sources", "notifiers"},
	{"internal/config"},
	{"internal/watch", "internal/lang", "internal/yamldoc", "alert"},
	{"internal/duration", "internal/diag", "internal/store", "internal/term", "internal/telemetry", "internal/alertmanager", "event"},
	{"qmp", "examples", "docs/checks"},
}

// layerOf returns the number of a package's layer from the top, -1 when it has
// no place. A name of its own counts before a pattern.
func layerOf(dir string) int {
	byPattern := -1
	for i, layer := range layers {
		for _, name := range layer {
			if name == dir {
				return i
			}
			if parent, ok := strings.CutSuffix(name, "/*"); ok && path.Dir(dir) == parent {
				byPattern = i
			}
		}
	}
	return byPattern
}

// checkLayers looks at imports within the project.
func checkLayers(h *house) []Finding {
	var out []Finding
	for _, p := range h.packages {
		if !forTests(p.dir) && layerOf(p.dir) < 0 {
			out = append(out, Finding{p.dir, "package without a layer",
				"every package has its place in the order of the house: add it to layers in internal/archtest/layers.go"})
			continue
		}
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, in := range h.imports(f) {
				if what, why := badImport(p.dir, in.own); what != "" {
					out = append(out, Finding{in.line, what, why})
				}
			}
		}
	}
	return out
}

// badImport says what is wrong with from importing to, "" when nothing is.
func badImport(from, to string) (what, why string) {
	switch {
	case to == "":
		return "", ""
	case forTests(to):
		return fmt.Sprintf("%s imports %s, which is for tests", from, to),
			"the product must not carry what only tests need: import it from _test.go files"
	case strings.HasPrefix(to, from+"/"):
		return fmt.Sprintf("%s imports its child %s", from, to),
			"a parent says what its children have in common and knows none of them; whoever is above both puts them together"
	case layerOf(to) >= 0 && layerOf(to) <= layerOf(from):
		return fmt.Sprintf("%s imports %s, which is not below it", from, to),
			"imports point down, so that each room can be read and tested without those above it and its neighbours: " +
				"move what both need further down, or let the caller pass a value"
	}
	return "", ""
}
