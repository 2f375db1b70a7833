package story

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// replacement stands for a character that is not shown. It is visible on
// purpose: that something was hidden in a name is worth knowing.
const replacement = '\uFFFD'

// Line returns s as one line of at most limit characters: line breaks and tabs
// become spaces, unsafe characters U+FFFD, and what is cut off an ellipsis.
func Line(s string, limit int) string { return clean(s, limit, false) }

// Lines is Line for text of several lines: line feeds stay.
func Lines(s string, limit int) string { return clean(s, limit, true) }

func clean(s string, limit int, keepLF bool) string {
	if limit <= 0 {
		return ""
	}
	var b strings.Builder
	n := 0
	for i, r := range s { // invalid UTF-8 arrives as U+FFFD, byte by byte
		if n == limit-1 && i+utf8.RuneLen(r) < len(s) {
			b.WriteRune('…')
			return b.String()
		}
		b.WriteRune(safe(r, keepLF))
		n++
		if n == limit {
			break
		}
	}
	return b.String()
}

func safe(r rune, keepLF bool) rune {
	switch {
	case r == '\n' && keepLF:
		return r
	case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029':
		return ' '
	case Unsafe(r):
		return replacement
	}
	return r
}

// Unsafe reports whether r could do something to a terminal or to the order or
// visibility of the text around it: C0 and C1 controls, and format characters
// (bidirectional controls, tags, zero width space) except the two joiners that
// scripts and emoji need.
func Unsafe(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) ||
		r == '\u2028' || r == '\u2029' || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}
