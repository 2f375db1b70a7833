package lang

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/qmpalert/qmpalert/qmp"
)

// Edit is one small change of a source that changes its meaning: the bytes
// [Offset, End) become Text.
type Edit struct {
	Offset, End int
	Text        string
	What        string // for people: `>=` becomes `>`
}

// maxMutants bounds them: an expression has at most MaxNodes parts.
const maxMutants = 1_000

// Mutants lists changes that a good test notices: comparisons, and, or, not and
// conditions turned round, literals replaced. Every one compiles, and no two of
// them, nor the source itself, have the same canonical form. What stands in a
// macro is not changed.
func Mutants(src string, env Env, want Want) []Edit {
	if env.Aggregates != nil {
		env.Aggregates = env.Aggregates.clone()
	}
	c := &compiler{src: src, env: env, want: want, enums: map[int]*qmp.Enum{}}
	root, ok := c.checked()
	if !ok {
		return nil
	}
	c.register()
	m := &mutator{compiler: c, seen: map[string]bool{c.canonical(root): true}}
	m.negations(root)
	for i := range c.tokens {
		m.token(i)
	}
	slices.SortStableFunc(m.edits, func(a, b Edit) int { return a.Offset - b.Offset })
	return m.edits
}

type mutator struct {
	*compiler
	seen  map[string]bool // canonical forms
	edits []Edit
}

// try takes up a change of the tokens [from, to] if it makes a difference.
func (m *mutator) try(from, to int, text, what string) {
	e := Edit{byteOffset(m.src, m.tokens[from].From), byteOffset(m.src, m.tokens[to].To), text, what}
	if text == "" && e.End < len(m.src) && m.src[e.End] == ' ' {
		e.End++ // and the space behind what goes
	}
	m.take(e)
}

func (m *mutator) take(e Edit) {
	if len(m.edits) >= maxMutants {
		return
	}
	changed := m.src[:e.Offset] + e.Text + m.src[e.End:]
	p, _ := Compile(changed, m.env, m.want)
	if p == nil || m.seen[p.canonical] {
		return
	}
	m.seen[p.canonical] = true
	m.edits = append(m.edits, e)
}

// otherOperators are what an operator becomes.
var otherOperators = map[string][]string{
	"==": {"!="}, "!=": {"=="}, "<": {"<=", ">="}, "<=": {"<", ">"}, ">": {">=", "<="}, ">=": {">", "<"},
	"and": {"or"}, "or": {"and"}, "&&": {"||"}, "||": {"&&"},
	"in": {"not in"}, "contains": {"not contains"}, "startsWith": {"not startsWith"}, "endsWith": {"not endsWith"}, "matches": {"not matches"},
}

// token tries what can be changed in one token.
func (m *mutator) token(i int) {
	t := m.tokens[i]
	switch {
	case t.Is(lexer.Operator, "not") || t.Is(lexer.Operator, "!"):
		m.try(i, i, "", fmt.Sprintf("`%s` is taken away", t.Value))
	case t.Kind == lexer.Operator && (i == 0 || m.tokens[i-1].Value != "not"):
		for _, other := range otherOperators[t.Value] {
			m.try(i, i, other, becomes(t.Value, other))
		}
	case t.Kind == lexer.Number:
		m.number(i)
	case t.Kind == lexer.String:
		m.text(i)
	case t.Is(lexer.Identifier, "true"):
		m.try(i, i, "false", becomes("true", "false"))
	case t.Is(lexer.Identifier, "false"):
		m.try(i, i, "true", becomes("false", "true"))
	}
}

func becomes(a, b string) string {
	return fmt.Sprintf("`%s` becomes `%s`", shortened(a), shortened(b))
}

// number tries the neighbours of a number; a percentile, whose neighbours are
// nearly the same, becomes one from the other end.
func (m *mutator) number(i int) {
	t := m.tokens[i]
	digits := strings.ReplaceAll(t.Value, "_", "")
	if m.isPercentile(i) {
		if p, err := strconv.ParseFloat(digits, 64); err == nil {
			m.neighbour(i, strconv.FormatFloat(mirrored(p), 'f', -1, 64))
		}
		return
	}
	if n, err := strconv.ParseInt(digits, 0, 64); err == nil && n < math.MaxInt64 {
		m.neighbour(i, strconv.FormatInt(n+1, 10))
		if n > 0 {
			m.neighbour(i, strconv.FormatInt(n-1, 10))
		} else {
			m.neighbour(i, "(-1)")
		}
	} else if f, err := strconv.ParseFloat(digits, 64); err == nil {
		m.neighbour(i, strconv.FormatFloat(f*2+1, 'f', -1, 64))
		m.neighbour(i, strconv.FormatFloat(f/2, 'f', -1, 64))
	}
}

// mirrored is the percentile from the other end; the middle one becomes the
// first.
func mirrored(p float64) float64 {
	if p == 50 {
		return 0
	}
	return 100 - p
}

func (m *mutator) neighbour(i int, text string) {
	m.try(i, i, text, becomes(m.tokens[i].Value, text))
}

// isPercentile reports whether a number is the second argument of percentile.
func (m *mutator) isPercentile(i int) bool {
	for _, use := range m.aggregates {
		if use.Func == AggPercentile && use.percentileAt == m.tokens[i].From {
			return true
		}
	}
	return false
}

// text tries another value of the enum, else a text that is nowhere.
func (m *mutator) text(i int) {
	t := m.tokens[i]
	other := t.Value + "~"
	if e := m.enums[t.From]; e != nil {
		at := slices.IndexFunc(e.Values, func(v qmp.EnumValue) bool { return v.Value == t.Value })
		other = e.Values[(at+1)%len(e.Values)].Value
	}
	m.try(i, i, strconv.Quote(other), becomes(strconv.Quote(t.Value), strconv.Quote(other)))
}

// negations tries to turn round what is a condition without an operator, such
// as a member that is true or false.
func (m *mutator) negations(n ast.Node) {
	if at := m.source(n); at > maxLocation { // a macro: its name is such a condition
		use, _ := m.unexpanded(file.Location{From: at})
		m.negate(use)
		return
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		if isNot(n.Operator) {
			return // it can be taken away
		}
	case *ast.BinaryNode:
		if s := spelling(n.Operator); s == "and" || s == "or" {
			m.negations(n.Left)
			m.negations(n.Right)
		}
		return
	case *ast.ConditionalNode:
		m.negations(n.Cond)
		return
	case *ast.BoolNode, *ast.VariableDeclaratorNode:
		return
	}
	m.negate(m.written(n).at)
}

func (m *mutator) negate(at file.Location) {
	from := byteOffset(m.src, at.From)
	text := m.src[from:byteOffset(m.src, at.To)]
	m.take(Edit{from, from, "not ", becomes(text, "not "+text)})
}
