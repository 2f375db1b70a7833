package yamldoc

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
)

// checkCut complains when a plain value was surely cut by a comment (see the
// package comment for the rule). behind is the offset where the value ends.
func (p *parser) checkCut(n *Node, behind int) {
	if n.Kind != Scalar || n.Style != Plain {
		return
	}
	text := p.src.text
	hash := behind
	for hash < len(text) && isBlank(text[hash]) {
		hash++
	}
	if hash == behind || hash >= len(text) || text[hash] != '#' {
		return
	}
	if !unclosed(n.Value) && (complete(n.Value) || !sticks(text[hash+1:])) {
		return
	}
	end := p.src.lineEnd(hash)
	rest := strings.TrimRight(text[hash:end], " \t")
	f := diag.New(diag.CutByComment, p.src.span(hash, hash+len(rest)), "%s ends before the # here: what follows is a comment", n.what())
	if n.Value == "" {
		f.Message = n.what() + " is empty: what follows the # is a comment"
		n.Kind = Broken // one finding about it is enough
	}
	p.list.Add(f.WithHint("quote the whole value, or write a space behind the # of a comment"))
}

// sticks reports whether a comment begins like a word, or like {{ }} or the
// #.member of an expression: what a person writes as a comment begins with a
// space or a line of signs.
func sticks(comment string) bool {
	r, _ := utf8.DecodeRuneInString(comment)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(`"'_{.`, r)
}

// complete reports whether a value is whole as it is, so that nothing can have
// been cut off.
func complete(value string) bool {
	switch strings.ToLower(value) {
	case "true", "false", "null", "~":
		return true
	}
	_, err := duration.Parse(value)
	return err == nil || isDecimal(value)
}

// unclosed reports whether something was opened that the value does not close.
func unclosed(value string) bool {
	return strings.Count(value, `"`)%2 == 1 ||
		strings.Count(value, "{{") > strings.Count(value, "}}") ||
		strings.Count(value, "(") > strings.Count(value, ")")
}
