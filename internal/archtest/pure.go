package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// pure are the rooms where the same values in give the same values out: what
// they decide live, in a replay, in a test and after a restart is the same.
var pure = []string{"event", "alert", "rules", "engine", "dispatch", "internal/core", "internal/lang", "internal/aggregate",
	"internal/alertmanager"}

const whyPure = "live, replay and recovery agree only because this room has no clock, network, disk, goroutine or log: " +
	"take the value as an argument and return what is to be done"

// impureImports are packages that reach out of the process or its one thread;
// "x/..." stands for x and everything below it.
var impureImports = []string{
	"os/...", "net/...", "log/...", "io/fs", "path/filepath", "syscall", "unsafe", "plugin",
	"context", "sync/...", "runtime/...", "math/rand/...", "crypto/rand", "testing/...", "embed",
}

// impureCalls are functions of harmless packages that do the same.
var impureCalls = map[string][]string{
	"time": {"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep", "Local", "LoadLocation"},
	"fmt":  {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
}

// checkPure looks at imports, calls and concurrency in the pure rooms.
func checkPure(h *house) []Finding {
	var out []Finding
	for _, p := range h.packages {
		if !slices.Contains(pure, p.dir) {
			continue
		}
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, in := range h.imports(f) {
				if slices.ContainsFunc(impureImports, func(pattern string) bool { return covers(pattern, in.path) }) {
					out = append(out, Finding{in.line, "pure package " + p.dir + " imports " + in.path, whyPure})
				}
			}
			out = append(out, impurities(h, p.dir, f)...)
		}
	}
	return out
}

func covers(pattern, importPath string) bool {
	parent, all := strings.CutSuffix(pattern, "/...")
	return importPath == parent || all && strings.HasPrefix(importPath, parent+"/")
}

// impurities walks the code of one file.
func impurities(h *house, dir string, f *file) []Finding {
	names := localNames(f)
	var out []Finding
	found := func(n ast.Node, what string) {
		out = append(out, Finding{h.at(n), "pure package " + dir + " " + what, whyPure})
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found(n, "starts a goroutine")
		case *ast.SelectStmt:
			found(n, "waits in a select")
		case *ast.ChanType:
			found(n, "has a channel")
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && slices.Contains(impureCalls[names[x.Name]], n.Sel.Name) {
				found(n, fmt.Sprintf("uses %s.%s", names[x.Name], n.Sel.Name))
			}
		}
		return true
	})
	return out
}

// localNames maps the names under which a file knows its imports to their
// paths.
func localNames(f *file) map[string]string {
	names := map[string]string{}
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := p[strings.LastIndex(p, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}
