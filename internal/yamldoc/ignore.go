package yamldoc

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// Ignores are what the comments of a file say about findings in it: see
// diag.IgnoreWord. The zero value says nothing.
type Ignores struct {
	comments []diag.Ignore
	values   []extent // that go over several lines
}

// extent is where the text of a value stands, from its first character to its
// last; head is the line on which the value begins (that of the | of a block).
type extent struct {
	head     int
	from, to diag.Pos
}

func (e extent) holds(p diag.Pos) bool {
	after := p.Line > e.from.Line || p.Line == e.from.Line && p.Column >= e.from.Column
	before := p.Line < e.to.Line || p.Line == e.to.Line && p.Column <= e.to.Column
	return after && before
}

// FindIgnores reads the comments of a file that silence findings. What looks like
// one inside of a value is text. root is what Parse made of src.
func FindIgnores(file string, src []byte, root *Node) Ignores {
	var out Ignores
	if !bytes.Contains(src, []byte(diag.IgnoreWord)) {
		return out
	}
	var values []extent
	extents(root, &values)
	lines := strings.Split(string(src), "\n")
	for i, line := range lines {
		hash, text := ignoreComment(line)
		if hash < 0 {
			continue
		}
		pos := diag.Pos{File: file, Line: i + 1, Column: utf8.RuneCountInString(line[:hash]) + 1}
		if slices.ContainsFunc(values, func(e extent) bool { return e.holds(pos) }) {
			continue
		}
		pos.EndColumn = pos.Column + utf8.RuneCountInString(line[hash:])
		about := i
		if strings.TrimSpace(line[:hash]) == "" {
			about = nextLine(lines, i)
		}
		out.comments = append(out.comments, diag.NewIgnore(pos, text, about+1))
	}
	for _, e := range values {
		if e.to.Line > e.head {
			out.values = append(out.values, e)
		}
	}
	return out
}

// ignoreComment finds the # of the comment and its text.
func ignoreComment(line string) (hash int, text string) {
	word := strings.Index(line, diag.IgnoreWord)
	if word < 0 {
		return -1, ""
	}
	before := strings.TrimRight(line[:word], " \t")
	if !strings.HasSuffix(before, "#") {
		return -1, ""
	}
	hash = len(before) - 1
	if hash > 0 && line[hash-1] != ' ' && line[hash-1] != '\t' {
		return -1, ""
	}
	return hash, strings.TrimRight(line[word:], " \t\r")
}

// nextLine is the next one behind i that is neither empty nor a comment.
func nextLine(lines []string, i int) int {
	for i++; i < len(lines); i++ {
		if text := strings.TrimSpace(lines[i]); text != "" && text[0] != '#' {
			break
		}
	}
	return i
}

// extents lists where the values of a document stand.
func extents(n *Node, out *[]extent) {
	if n == nil {
		return
	}
	switch {
	case n.Kind == Scalar && n.Style == Plain && n.Value == "":
	case n.Kind == Scalar && n.Style == Plain:
		*out = append(*out, extent{n.Pos.Line, n.Pos, n.PosAt(len(n.Value) - 1)})
	case n.Kind == Scalar && (n.Style == Literal || n.Style == Folded):
		*out = append(*out, extent{n.Pos.Line, diag.Pos{Line: n.Pos.Line + 1}, n.PosAt(max(len(n.Value)-1, 0))})
	case n.Kind == Scalar:
		*out = append(*out, extent{n.Pos.Line, n.Pos, n.PosAt(len(n.Value))})
	}
	n.Each(func(_, value *Node) { extents(value, out) })
	for _, item := range n.Items {
		extents(item, out)
	}
}

// Any says that there is at least one such comment.
func (g Ignores) Any() bool { return len(g.comments) > 0 }

// Obey takes out of the findings of a file what its comments silence, and
// complains about comments that cannot be obeyed or silence nothing; not about
// codes of which asked is false, since those were not looked for.
func (g Ignores) Obey(findings diag.List, asked func(diag.Code) bool) diag.List {
	return findings.Without(g.comments, func(p diag.Pos) []int {
		at := []int{p.Line}
		for _, e := range g.values {
			if e.holds(p) {
				at = append(at, e.head)
			}
		}
		return at
	}, asked)
}
