package lang

import (
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// extent is what a node was written as: where, and in which macro, if in one.
type extent struct {
	at    file.Location
	macro *macro
}

// written returns the extent of a node. The tree only knows where its operators
// and names are; the brackets around and behind them are those that the tokens
// need to be balanced.
func (c *compiler) written(n ast.Node) extent {
	in := c.source(n)
	at := file.Location{From: maxInt}
	c.widen(&at, n, in>>locationBits, map[ast.Node]bool{})
	if at.From > at.To {
		at = n.Location()
	}
	e := extent{at: at}
	tokens := c.tokens
	if in > maxLocation {
		e.macro = c.expansions[in>>locationBits-1].macro
		tokens = e.macro.tokens
	}
	base := in &^ maxLocation
	e.at = balanced(tokens, file.Location{From: at.From - base, To: at.To - base})
	e.at.From, e.at.To = e.at.From+base, e.at.To+base
	return e
}

// textOf is what stands in an extent.
func (c *compiler) textOf(e extent) string {
	src := c.src
	if e.macro != nil {
		src = e.macro.src
	}
	return src[byteOffset(src, e.at.From&maxLocation):byteOffset(src, e.at.To&maxLocation)]
}

const maxInt = int(^uint(0) >> 1)

// source is a location in the source that a node was written in: the outermost
// of those that its parts come from.
func (c *compiler) source(n ast.Node) int {
	at := n.Location()
	if at.To > at.From {
		return at.From
	}
	for _, child := range children(n) {
		if *child != nil {
			return c.source(*child)
		}
	}
	return at.From
}

// widen widens at by what n takes up in one source: a macro takes up its name.
func (c *compiler) widen(at *file.Location, n ast.Node, source int, seen map[ast.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	place := n.Location()
	for place.From>>locationBits > source {
		place = c.expansions[place.From>>locationBits-1].at
	}
	if place.To > place.From && place.From>>locationBits == source {
		at.From, at.To = min(at.From, place.From), max(at.To, place.To)
	}
	for _, child := range children(n) {
		c.widen(at, *child, source, seen)
	}
}

// balanced widens a place so that it has both of each pair of brackets, and the
// brackets of a call that it ends with.
func balanced(tokens []lexer.Token, at file.Location) file.Location {
	first, last := -1, -1
	for i, t := range tokens {
		if t.From >= at.From && t.To <= at.To && t.Kind != lexer.EOF {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return at
	}
	open, missing := 0, 0 // brackets that want a partner behind, and before
	for _, t := range tokens[first : last+1] {
		switch direction(t) {
		case 1:
			open++
		case -1:
			if open == 0 {
				missing++
			} else {
				open--
			}
		}
	}
	if tokens[last].Kind == lexer.Identifier && last+1 < len(tokens) && tokens[last+1].Value == "(" {
		last++
		open++
	}
	for open > 0 && last+1 < len(tokens)-1 {
		last++
		open += direction(tokens[last])
	}
	for missing > 0 && first > 0 {
		first--
		missing -= direction(tokens[first])
	}
	return file.Location{From: tokens[first].From, To: tokens[last].To}
}

// direction is 1 for a bracket that opens, -1 for one that closes.
func direction(t lexer.Token) int {
	switch {
	case t.Kind != lexer.Bracket:
		return 0
	case strings.Contains("([{", t.Value):
		return 1
	}
	return -1
}
