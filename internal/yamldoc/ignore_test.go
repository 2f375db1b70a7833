package yamldoc

import (
	"testing"

	"github.com/qmpalert/qmpalert/internal/diag"
)

func TestIgnores(t *testing.T) {
	src := `a: 1  # qmpalert:ignore Q204 meant so
b: |
  text # qmpalert:ignore Q204 is text
# qmpalert:ignore Q204 about the next line

# that is no comment
c: >
  one
  two
d: '# qmpalert:ignore Q204 in quotes'
e: x
`
	root, found := Parse("a.yml", []byte(src))
	if len(found) > 0 {
		t.Fatal(found)
	}
	g := FindIgnores("a.yml", []byte(src), root)
	if len(g.comments) != 2 || !g.Any() || (Ignores{}).Any() {
		t.Fatalf("comments %+v", g.comments)
	}
	var all diag.List
	for line := 1; line <= 10; line++ {
		all.Add(diag.New(diag.ResolveTakesAway, diag.Pos{File: "a.yml", Line: line, Column: 3}, "x"))
	}
	silenced := map[int]bool{1: true, 7: true, 8: true, 9: true} // line 8 and 9 are in the value that begins on line 7
	for _, f := range g.Obey(all, func(diag.Code) bool { return true }) {
		if silenced[f.Pos.Line] {
			t.Errorf("line %d was not silenced", f.Pos.Line)
		}
		delete(silenced, -f.Pos.Line)
		silenced[-f.Pos.Line] = true
	}
	for _, line := range []int{2, 3, 4, 5, 6, 10} {
		if !silenced[-line] {
			t.Errorf("line %d was silenced", line)
		}
	}
}
