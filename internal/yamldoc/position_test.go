package yamldoc

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestPositionsInsideScalars writes random values in every style, at random
// depths and with both line ends, and checks that the character at the mapped
// position is the one that was decoded.
func TestPositionsInsideScalars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := drawDocument(t)
		root, l := Parse("f.yml", []byte(src))
		if root == nil {
			t.Fatalf("not read: %v\n%s", l, src)
		}
		n := 0
		walk(root, func(node *Node) {
			if node.Kind == Scalar {
				n++
				checkTrace(t, node)
			}
		})
		if n == 0 {
			t.Fatalf("no scalar in %q", src)
		}
	})
}

// checkTrace checks the mapping of every offset of a scalar against the source.
func checkTrace(t interface {
	Helper()
	Fatalf(string, ...any)
}, n *Node) {
	t.Helper()
	if !n.traced().ok {
		t.Fatalf("%v: the value %q was not found again in\n%s", n.Pos, n.Value, n.src.text)
	}
	last := -1
	for off, r := range n.Value {
		from, to := n.locate(off)
		if from <= last {
			t.Fatalf("%v: offset %d of %q maps to %d, not behind %d", n.Pos, off, n.Value, from, last)
		}
		last = from
		if got := spelled(n.src.text[from:max(to, from)], n.src.text[from:]); !got(r) {
			t.Fatalf("%v: offset %d of %q (%q) maps to %q in\n%s", n.Pos, off, n.Value, r, n.src.text[from:], n.src.text)
		}
		if p := n.PosAt(off); n.src.offset(p.Line, p.Column) != from {
			t.Fatalf("%v is not offset %d in\n%s", p, from, n.src.text)
		}
	}
	if from, _ := n.locate(len(n.Value)); from < last {
		t.Fatalf("%v: the end of %q maps to %d, before %d", n.Pos, n.Value, from, last)
	}
}

// notGo are the escapes of YAML that Go does not have.
var notGo = map[string]rune{
	`\0`: 0, `\e`: 0x1b, `\/`: '/', `\ `: ' ', "\\\t": '\t', `\"`: '"',
	`\N`: 0x85, `\_`: 0xa0, `\L`: 0x2028, `\P`: 0x2029,
}

// spelled says which characters the source text stands for.
func spelled(exact, rest string) func(rune) bool {
	first, _ := utf8.DecodeRuneInString(rest)
	return func(r rune) bool {
		switch {
		case strings.HasPrefix(exact, `\`) && len(exact) > 1:
			if want, ok := notGo[exact]; ok {
				return r == want
			}
			if hex, ok := strings.CutPrefix(exact, `\x`); ok {
				exact = `\u00` + hex // a character in YAML, a byte in Go
			}
			s, err := strconv.Unquote(`"` + exact + `"`)
			return err == nil && s == string(r)
		case r == ' ' || r == '\n':
			return rest == "" || first == r || first == '\n' || strings.HasPrefix(rest, "\r\n")
		default:
			return first == r
		}
	}
}

func walk(n *Node, f func(*Node)) {
	f(n)
	for _, p := range n.Pairs {
		walk(p.Key, f)
		walk(p.Value, f)
	}
	for _, item := range n.Items {
		walk(item, f)
	}
}

// drawDocument writes a mapping or list of random scalars, nested a little.
func drawDocument(t *rapid.T) string {
	var b strings.Builder
	indent := ""
	for i := range rapid.IntRange(0, 3).Draw(t, "depth") {
		if rapid.Bool().Draw(t, "list") {
			b.WriteString(indent + "-\n")
		} else {
			b.WriteString(indent + "ключ" + strconv.Itoa(i) + ":\n")
		}
		indent += strings.Repeat(" ", rapid.IntRange(1, 3).Draw(t, "step"))
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "values") {
		b.WriteString(indent + "k" + strconv.Itoa(i) + ": " + drawScalar(t, indent+" ") + "\n")
	}
	if rapid.Bool().Draw(t, "flow") {
		b.WriteString(indent + "flow: [ " + drawQuoted(t, indent+" ") + ", {x: " + drawPlain(t, indent+" ") + " } ]\n")
	}
	src := b.String()
	if rapid.Bool().Draw(t, "crlf") {
		src = strings.ReplaceAll(src, "\n", "\r\n")
	}
	if rapid.Bool().Draw(t, "cut") {
		src = strings.TrimRight(src, "\r\n")
	}
	return src
}

func drawScalar(t *rapid.T, indent string) string {
	switch rapid.IntRange(0, 2).Draw(t, "style") {
	case 0:
		return drawPlain(t, indent)
	case 1:
		return drawQuoted(t, indent)
	default:
		return drawBlock(t, indent)
	}
}

// drawBreak writes one to three line breaks with stray blanks.
func drawBreak(t *rapid.T, indent string) string {
	return strings.Repeat(" ", rapid.IntRange(0, 2).Draw(t, "stray")) +
		strings.Repeat("\n", rapid.IntRange(1, 3).Draw(t, "breaks")) + indent
}

func drawPlain(t *rapid.T, indent string) string {
	s := rapid.StringMatching(`[a-zäß漢😀]{1,4}`).Draw(t, "word")
	for range rapid.IntRange(0, 4).Draw(t, "words") {
		if rapid.Bool().Draw(t, "fold") {
			s += drawBreak(t, indent)
		} else {
			s += strings.Repeat(" ", rapid.IntRange(1, 2).Draw(t, "spaces"))
		}
		s += rapid.StringMatching(`[a-zäß漢😀"'=()\\]{1,4}`).Draw(t, "word")
	}
	return s
}

func drawQuoted(t *rapid.T, indent string) string {
	quote, pieces := "'", []string{"''", `"`, `\`}
	if rapid.Bool().Draw(t, "double") {
		quote = `"`
		pieces = []string{`'`, `\"`, `\\`, `\n`, `\t`, `\x41`, `\u263a`, `\U0001f600`, `\/`, `\e`, `\ `, "\\\n" + indent}
	}
	pieces = append(pieces, "a", "b", "ä", "漢", "# ", ": ", " ", "{{", "\t")
	var b strings.Builder
	b.WriteString(quote)
	for range rapid.IntRange(0, 12).Draw(t, "pieces") {
		if rapid.IntRange(0, 4).Draw(t, "fold") == 0 {
			b.WriteString(drawBreak(t, indent) + "x")
		} else {
			b.WriteString(rapid.SampledFrom(pieces).Draw(t, "piece"))
		}
	}
	b.WriteString(quote)
	return b.String()
}

func drawBlock(t *rapid.T, indent string) string {
	var lines []string
	for range rapid.IntRange(1, 6).Draw(t, "lines") {
		lines = append(lines, rapid.StringMatching(`( {0,2}[a-zä漢#:"']{1,5}( [a-z]{1,3})?|  ?|)`).Draw(t, "line"))
	}
	head := rapid.SampledFrom([]string{"|", ">"}).Draw(t, "style") + rapid.SampledFrom([]string{"", "-", "+"}).Draw(t, "chomp")
	// An indentation indicator is always right, and needed before a blank. It
	// counts from the parent, whose indentation is one less than ours.
	head += "1"
	if rapid.Bool().Draw(t, "comment") {
		head += " # why"
	}
	return head + "\n" + indent + strings.Join(lines, "\n"+indent)
}
