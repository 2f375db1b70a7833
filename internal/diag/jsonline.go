package diag

import (
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// JSONLine appends text, a line of JSON, and a line end to b, with what a terminal, or a reader that knows
// more line ends than LF, would take for more than a character (C1, DEL,
// U+2028, bidi, invisible ones) written as \u escapes: the same values. Only a
// string can hold such characters.
func JSONLine(b, text []byte) []byte {
	start := 0
	for i := 0; i < len(text); {
		if text[i] < 0x7f { // nearly all of it
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if disguised(r) {
			b = append(b, text[start:i]...)
			if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
				b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
			} else {
				b = fmt.Appendf(b, `\u%04x`, r)
			}
			start = i + n
		}
		i += n
	}
	return append(append(b, text[start:]...), '\n')
}

func disguised(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
