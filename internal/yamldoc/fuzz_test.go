package yamldoc

import (
	"testing"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// FuzzParse reads anything without a panic, keeps every position inside the
// file, and finds every value again in the source.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"a: 1\nb: [x, 'it''s', \"\\u263a\\\n  z\"]\nc: |2-\n   x\n\n  y\nd: >+\n a\n b\n\n  c\n\n",
		"groups:\n- name: x\n  rules:\n  - alert: A\n    expr: a and\n      b\n", "a: {{ b }}\n", "? [a]\n: b\n",
		"&a a: *a\n", "- - - - #x\n", "a: !!int 3\n", "--- >\n x\n---\n", "\ta", "a: \"x\r\n\r\n y\"\r\n", "\xff", "a: |\n  x\n ",
		"- |1-\n - \"\"\n- ''\n-\n", "a: >\n\n\n  \n x\n   y\n x\n", "%YAML 1.2\n---\na\n...\nb", "[\"\\x80\"]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		root, l := Parse("f.yml", src)
		if root == nil && !l.HasErrors() {
			t.Fatal("no node and no finding")
		}
		for _, finding := range l {
			checkPos(t, src, finding.Pos)
		}
		if root == nil {
			return
		}
		walk(root, func(n *Node) {
			checkPos(t, src, n.Pos)
			if n.Kind == Scalar {
				checkTrace(t, n)
			}
		})
	})
}

func checkPos(t *testing.T, src []byte, p diag.Pos) {
	t.Helper()
	if p.Line == 0 {
		return
	}
	s := newSource("f.yml", string(src))
	if p.Line > len(s.lines) || p.Column < 1 || p.EndColumn != 0 && p.EndColumn <= p.Column {
		t.Fatalf("%+v is outside of a file with %d lines", p, len(s.lines))
	}
	end := s.pos(s.lineEnd(s.lines[p.Line-1]))
	if p.Column > end.Column+1 || p.EndColumn > end.Column {
		t.Fatalf("%+v is outside of a line with %d columns", p, end.Column)
	}
}
