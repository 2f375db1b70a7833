package archtest

import (
	"go/ast"
	"slices"
)

// unreliable are calls that make a test say nothing or say it by chance.
var unreliable = map[string]string{
	"Skip":    "a check that skips itself proves nothing: make it run, or fail and say what to install",
	"Skipf":   "a check that skips itself proves nothing: make it run, or fail and say what to install",
	"SkipNow": "a check that skips itself proves nothing: make it run, or fail and say what to install",
	"Sleep":   "a test that sleeps is slow on a fast machine and wrong on a slow one: wait for what is meant, or use testing/synctest",
}

// receivers are the names under which tests know testing.T, and the package
// that has Sleep.
var receivers = []string{"t", "tb", "b", "f", "time"}

// checkTests looks at what tests call.
func checkTests(h *house) []Finding {
	var out []Finding
	for _, p := range h.packages {
		for _, f := range p.files {
			if !f.test {
				continue
			}
			fakeClock := slices.ContainsFunc(h.imports(f), func(in imported) bool { return in.path == "testing/synctest" })
			ast.Inspect(f.ast, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if call.Sel.Name == "Sleep" && fakeClock {
					return true // takes no time there
				}
				x, ok := call.X.(*ast.Ident)
				if why := unreliable[call.Sel.Name]; ok && why != "" && slices.Contains(receivers, x.Name) {
					out = append(out, Finding{h.at(call), "a test uses " + x.Name + "." + call.Sel.Name, why})
				}
				return true
			})
		}
	}
	return out
}
