package lang

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// refusal says why a function of expr is not taken and what to use instead.
type refusal struct{ reason, instead string }

var refusedFunctions = map[string]refusal{
	"reduce":   {"it can build values without bound", "use sum, count, min, max, map or filter"},
	"repeat":   {"it can build values without bound", "write the text out"},
	"groupBy":  {"there are no tables in rules", "use filter, count or uniq"},
	"now":      {"the same events must always give the same alerts", "time is the time of the event"},
	"date":     {"the same events must always give the same alerts", "compare time.Year(), time.Hour(), time.Unix() and the like"},
	"timezone": {"the same events must always give the same alerts", "times are UTC"},
	"duration": {"spans belong into the keys of a rule", "compare seconds: (last_time - first_time).Seconds() > 300"},
}

// Bounds on regular expressions. Go's take time in proportion to text times
// program, whatever they are.
const (
	maxPattern      = 512   // bytes
	maxInstructions = 2_000 // of the compiled program
)

// pattern is a compiled regular expression and what a byte of text costs.
type pattern struct {
	re           *regexp.Regexp
	instructions int
}

func (c *compiler) inspectPattern(n *ast.BinaryNode) {
	literal, ok := n.Right.(*ast.StringNode)
	if !ok {
		c.reportNode(n.Right, diag.ExprRefused, "a regular expression must be a literal string", "use contains, startsWith or == for a text that is not fixed")
		return
	}
	if _, err := compilePattern(literal.Value); err != nil {
		c.reportNode(literal, diag.ExprRefused, err.Error(), "")
	}
}

func compilePattern(s string) (pattern, error) {
	if len(s) > maxPattern {
		return pattern{}, fmt.Errorf("the regular expression has %d bytes; at most %d are taken", len(s), maxPattern)
	}
	parsed, err := syntax.Parse(s, syntax.Perl)
	if err != nil {
		return pattern{}, malformed(err)
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return pattern{}, malformed(err)
	}
	if len(prog.Inst) > maxInstructions {
		return pattern{}, fmt.Errorf("the regular expression is too large once its repetitions are written out")
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return pattern{}, malformed(err)
	}
	return pattern{re, len(prog.Inst)}, nil
}

func malformed(err error) error {
	return fmt.Errorf("the regular expression is malformed: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

// matches reports whether s matches. The longest member against the largest
// pattern takes two thirds of MaxSteps.
func (p pattern) matches(f *Frame, s string) bool {
	return f.step(1+len(s)*p.instructions/(2*bytesPerStep)) && p.re.MatchString(s)
}

func (c *compiler) inspectRange(n *ast.BinaryNode) {
	from, okFrom := constantInt(n.Left)
	to, okTo := constantInt(n.Right)
	switch {
	case !okFrom || !okTo:
		c.reportNode(n, diag.ExprRefused, "a range needs whole numbers as its ends", "write 1..10, or compare with < and >")
	case to >= from && uint64(to)-uint64(from) >= maxRange:
		c.reportNode(n, diag.ExprRefused, fmt.Sprintf("a range has at most %d numbers", maxRange), "compare with >= and <=")
	}
}

// constantInt returns the whole number that n is, with or without a sign.
func constantInt(n ast.Node) (int64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return int64(n.Value), true
	case *ast.UnaryNode:
		if v, ok := n.Node.(*ast.IntegerNode); ok && n.Operator == "-" {
			return -int64(v.Value), true
		} else if ok && n.Operator == "+" {
			return int64(v.Value), true
		}
	}
	return 0, false
}
