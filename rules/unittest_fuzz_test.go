package rules

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// FuzzMutants changes the rules of any file that loads, and shows the events of
// its tests to every one of them. Nothing may panic, no change may mean what the
// rule means, and the branches that are hit must be there.
func FuzzMutants(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.yml", "../examples/rules/*.yml", "../internal/ruletest/testdata/*.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		suite, _ := LoadSuite([]File{{Name: "f.yml", Src: src}}, Options{})
		if suite == nil {
			return
		}
		for _, r := range suite.Set.Rules() {
			p := suite.Prober(r)
			branches := len(p.Branches())
			show := func(r *Rule) {
				var f lang.Frame
				for _, test := range suite.Set.Rules()[0].Tests() {
					for _, in := range test.Input {
						f.Time = qmp.Some(in.Event.Time)
						r.Role(in.Event, &f)
						r.Labels(in.Event, "h", "v", r.AppendKey(nil, in.Event))
					}
				}
			}
			for _, test := range r.Tests() {
				for _, in := range test.Input {
					f := lang.Frame{Time: qmp.Some(in.Event.Time)}
					_, matches := p.Event(in.Event, &f, func(branch int, _ bool) {
						if branch < 0 || branch >= branches {
							t.Fatalf("%s: branch %d of %d", r.Name, branch, branches)
						}
					})
					if role := r.Role(in.Event, &f); !r.HasUntil && matches != (role == RoleMatch) {
						t.Fatalf("%s: a match is %v, but the role is %d", r.Name, matches, role)
					}
				}
			}
			for _, m := range suite.Mutants(r) {
				if m.Rule.Meaning == r.Meaning {
					t.Fatalf("%s: %s means the same", r.Name, m.What)
				}
				show(m.Rule)
			}
		}
	})
}
