package lang

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// Bounds on expressions. Whoever writes rules is trusted only half: an
// expression must not be able to stop the daemon, neither when it is compiled
// nor when it runs.
const (
	MaxSource   = 4096 // bytes
	MaxBrackets = 64   // depth of ( [ {
	MaxNodes    = 500  // of the syntax tree, and of all its lists

	// maxUnfolded bounds the tree when parts that the parser shares are counted
	// each time they are used: a ?: b and a < b < c use a part twice, so that
	// nested ones double at each level.
	maxUnfolded = 5_000
	// maxCheck bounds the work of the type checker, which looks at the arguments
	// of a function again for each of its signatures: sort(sort(sort(…))) costs
	// five times more at each level.
	maxCheck = 20_000

	maxRange      = 1_000 // items of a..b
	maxPredicates = 2     // depth of predicates: all(x, any(y, …))
)

// scan looks at the source before anything recursive does. It returns the
// source that the parser shall see: the same, but for whole numbers between
// 2^63 and 2^64-1, which expr cannot read and which are remembered in c.big.
func (c *compiler) scan() (source string, ok bool) {
	switch {
	case len(c.src) > MaxSource:
		c.report(0, len(c.src), diag.ExprRefused, fmt.Sprintf("the expression has %d bytes; at most %d are taken", len(c.src), MaxSource), "split it into several rules")
		return "", false
	case !utf8.ValidString(c.src):
		at := badUTF8(c.src)
		c.report(at, at+1, diag.ExprSyntax, "the expression is not valid UTF-8", "")
		return "", false
	case strings.TrimSpace(c.src) == "":
		c.report(0, len(c.src), diag.ExprSyntax, "the expression is empty", "")
		return "", false
	}
	tokens, err := lexer.Lex(file.NewSource(c.src))
	if err != nil {
		c.syntax(err)
		return "", false
	}
	c.tokens = tokens
	if !c.shallow(tokens) {
		return "", false
	}
	source = c.replaceBigNumbers(tokens)
	return source, len(c.problems) == 0
}

// badUTF8 is the offset of the first byte of s that is not UTF-8.
func badUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return len(s)
}

// shallow reports a bracket that is nested too deeply.
func (c *compiler) shallow(tokens []lexer.Token) bool {
	depth := 0
	for _, t := range tokens {
		switch {
		case t.Kind != lexer.Bracket:
		case strings.Contains("([{", t.Value):
			if depth++; depth > MaxBrackets {
				c.reportAt(t.Location, diag.ExprRefused, fmt.Sprintf("brackets are nested more than %d deep", MaxBrackets), "")
				return false
			}
		default:
			depth--
		}
	}
	return true
}

// replaceBigNumbers puts a float of the same length in the place of each whole
// number that only a uint64 holds, so that all offsets stay.
func (c *compiler) replaceBigNumbers(tokens []lexer.Token) string {
	source := c.src
	for _, t := range tokens {
		if t.Kind != lexer.Number {
			continue
		}
		digits := strings.ReplaceAll(t.Value, "_", "")
		if _, err := strconv.ParseInt(digits, 10, 64); err == nil {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 64)
		if errors.Is(err, strconv.ErrRange) && strings.Trim(digits, "0123456789") == "" {
			c.reportAt(t.Location, diag.ExprSyntax, "the number is too large", "whole numbers go up to 18446744073709551615, floats have a point")
		}
		if err != nil {
			continue // or a float, or another base
		}
		if c.big == nil {
			c.big = map[int]uint64{}
		}
		c.big[t.From] = n
		at := byteOffset(c.src, t.From)
		source = source[:at] + "1." + strings.Repeat("0", len(t.Value)-2) + source[at+len(t.Value):]
	}
	return source
}

// size is what a node costs.
type size struct{ nodes, check int }

// affordable reports an expression whose tree is too large once unfolded, or
// too expensive to check. It visits every node once.
func (c *compiler) affordable(root ast.Node) bool {
	s := measure(root, map[ast.Node]size{})
	if s.nodes > maxUnfolded || s.check > maxCheck {
		c.report(0, len(c.src), diag.ExprRefused, "the expression is nested in a way that makes it too expensive", "nest less, or give parts a name: let x = …; …")
		return false
	}
	return true
}

func measure(n ast.Node, known map[ast.Node]size) size {
	if n == nil {
		return size{}
	}
	if s, ok := known[n]; ok {
		return s
	}
	var sum size
	for _, child := range children(n) {
		s := measure(*child, known)
		sum.nodes = min(sum.nodes+s.nodes, maxUnfolded)
		sum.check = min(sum.check+s.check, maxCheck)
	}
	s := size{sum.nodes + 1, sum.check*signatures(n) + 1}
	known[n] = s
	return s
}

// signatures is how often the checker may look at the arguments of n.
func signatures(n ast.Node) int {
	if call, ok := n.(*ast.BuiltinNode); ok {
		if id, ok := builtin.Index[call.Name]; ok {
			return max(1, len(builtin.Builtins[id].Types))
		}
	}
	return 1
}

// children are the places of the nodes right below n, in the order of the
// source. A part that was left out is nil.
func children(n ast.Node) []*ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []*ast.Node{&n.Node}
	case *ast.BinaryNode:
		return []*ast.Node{&n.Left, &n.Right}
	case *ast.ChainNode:
		return []*ast.Node{&n.Node}
	case *ast.MemberNode:
		return []*ast.Node{&n.Node, &n.Property}
	case *ast.SliceNode:
		return []*ast.Node{&n.Node, &n.From, &n.To}
	case *ast.CallNode:
		return append([]*ast.Node{&n.Callee}, places(n.Arguments)...)
	case *ast.BuiltinNode:
		return places(n.Arguments)
	case *ast.PredicateNode:
		return []*ast.Node{&n.Node}
	case *ast.ConditionalNode:
		return []*ast.Node{&n.Cond, &n.Exp1, &n.Exp2}
	case *ast.VariableDeclaratorNode:
		return []*ast.Node{&n.Value, &n.Expr}
	case *ast.SequenceNode:
		return places(n.Nodes)
	case *ast.ArrayNode:
		return places(n.Nodes)
	case *ast.MapNode:
		return places(n.Pairs)
	case *ast.PairNode:
		return []*ast.Node{&n.Key, &n.Value}
	}
	return nil
}

func places(nodes []ast.Node) []*ast.Node {
	all := make([]*ast.Node, len(nodes))
	for i := range nodes {
		all[i] = &nodes[i]
	}
	return all
}
