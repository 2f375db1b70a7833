package rules

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// comments are what a file says about findings in it.
type comments struct {
	ignores []diag.Ignore
	values  []extent // that go over several lines
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

// ignoresIn reads the comments of a file that silence findings. What looks like
// one inside of a value is text.
func ignoresIn(file string, src []byte, root *yamldoc.Node) comments {
	var out comments
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
		out.ignores = append(out.ignores, diag.NewIgnore(pos, text, about+1))
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
func extents(n *yamldoc.Node, out *[]extent) {
	if n == nil {
		return
	}
	switch {
	case n.Kind == yamldoc.Scalar && n.Style == yamldoc.Plain && n.Value == "":
	case n.Kind == yamldoc.Scalar && n.Style == yamldoc.Plain:
		*out = append(*out, extent{n.Pos.Line, n.Pos, n.PosAt(len(n.Value) - 1)})
	case n.Kind == yamldoc.Scalar && (n.Style == yamldoc.Literal || n.Style == yamldoc.Folded):
		*out = append(*out, extent{n.Pos.Line, diag.Pos{Line: n.Pos.Line + 1}, n.PosAt(max(len(n.Value)-1, 0))})
	case n.Kind == yamldoc.Scalar:
		*out = append(*out, extent{n.Pos.Line, n.Pos, n.PosAt(len(n.Value))})
	}
	n.Each(func(_, value *yamldoc.Node) { extents(value, out) })
	for _, item := range n.Items {
		extents(item, out)
	}
}

// obey takes out what the comments of the files silence. With files that could
// not be read whole there may be comments whose finding was never looked for;
// these are not complained about.
func (l *loader) obey() {
	if len(l.comments) == 0 {
		return
	}
	broken := l.found.HasErrors()
	byFile := map[string]diag.List{}
	var rest diag.List
	for _, f := range l.found {
		if _, has := l.comments[f.Pos.File]; has {
			byFile[f.Pos.File] = append(byFile[f.Pos.File], f)
		} else {
			rest = append(rest, f)
		}
	}
	for file, c := range l.comments {
		lines := func(p diag.Pos) []int {
			at := []int{p.Line}
			for _, e := range c.values {
				if e.holds(p) {
					at = append(at, e.head)
				}
			}
			return at
		}
		rest = append(rest, byFile[file].Without(c.ignores, lines, func(code diag.Code) bool {
			return !broken && l.asked(code)
		})...)
	}
	l.found = rest
}

// asked reports whether findings of this code are looked for with these
// options.
func (l *loader) asked(code diag.Code) bool {
	switch code {
	case diag.YoungerThanQEMU:
		return l.opts.QEMU != ""
	case diag.ExpiredException:
		return l.opts.Now != 0
	case diag.RuleWithoutTest:
		return l.opts.WantTests
	case diag.NoFileMatches:
		return false // about configurations
	}
	return true
}
