package yamldoc

import (
	"strings"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// maxBadBytes bounds the complaints about the bytes of one file: a file of the
// wrong kind has nothing else.
const maxBadBytes = 5

// checkBytes finds what cannot stand in a file of this dialect: no UTF-8,
// control characters, and line ends that editors and this package would count
// differently.
func checkBytes(s *source, l *diag.List) {
	if strings.HasPrefix(s.text, "\xff\xfe") || strings.HasPrefix(s.text, "\xfe\xff") {
		l.Add(diag.New(diag.YAMLSyntax, s.pos(0), "the file is UTF-16").WithHint("save it as UTF-8"))
		return
	}
	for i, found := 0, 0; i < len(s.text) && found < maxBadBytes; {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		if message, hint := badRune(s.text, i, r, n); message != "" {
			l.Add(diag.New(diag.YAMLSyntax, s.pos(i), "%s", message).WithHint("%s", hint))
			found++
		}
		i += n
	}
}

func badRune(text string, i int, r rune, n int) (message, hint string) {
	switch {
	case r >= 0x20 && r < 0x7f || r == '\t' || r == '\n':
		return "", ""
	case r == '\r' && breakLen(text, i) > 0:
		return "", ""
	case r == '\r':
		return "a carriage return without a line feed", "end lines with LF or CR LF"
	case r == utf8.RuneError && n == 1:
		return "a byte that is not UTF-8", "save the file as UTF-8"
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return "a control character", `write it as an escape in double quotes, such as "\x1b"`
	case r == 0x2028 || r == 0x2029:
		return "a Unicode line separator", `write it as an escape in double quotes: "\u2028"`
	case r == 0xfeff:
		return "a byte order mark inside the file", "remove it; many editors do not show it"
	case r == 0xfffe || r == 0xffff:
		return "a code point that is no character", "remove it"
	}
	return "", ""
}
