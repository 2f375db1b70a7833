package slack

import (
	"strings"
	"unicode/utf8"
)

// Slack counts a character outside the basic plane as two.
func width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

func length(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

// fit cuts s to at most limit of Slack's characters.
func fit(s string, limit int) string {
	return build(s, limit, func(r rune) string { return string(r) })
}

// escaped makes s harmless in mrkdwn, inside of code and outside: &, < and > are
// the only characters that can begin a mention or a link there, and back-ticks
// begin and end code. It is at most limit characters long after that.
func escaped(s string, limit int) string { return build(s, limit, entity) }

// literal is escaped for text outside of code: it cannot end the strike or the
// bold that we put around it either.
func literal(s string, limit int) string {
	return build(s, limit, func(r rune) string {
		switch r {
		case '~':
			return "∼"
		case '*':
			return "∗"
		}
		return entity(r)
	})
}

// span is s as a code span, in which nothing means anything.
func span(s string, limit int) string {
	if s = escaped(s, limit-2); strings.TrimSpace(s) == "" {
		s = "?" // Slack shows the back-ticks of an empty span
	}
	return "`" + s + "`"
}

func entity(r rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '`':
		return "ˋ"
	}
	return string(r)
}

// build maps each character and stops before limit, so that no entity is cut.
func build(s string, limit int, f func(rune) string) string {
	var b strings.Builder
	n := 0
	for i, r := range s {
		out := f(r)
		rest := i+utf8.RuneLen(r) < len(s)
		if need := n + length(out); need > limit || rest && need > limit-1 {
			if n < limit {
				b.WriteRune('…')
			}
			break
		}
		b.WriteString(out)
		n += length(out)
	}
	return b.String()
}
