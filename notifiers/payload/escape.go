package payload

import (
	"unicode/utf16"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/notifiers/story"
)

// Escape writes characters of the JSON's strings that JSON allows but a
// terminal acts on (DEL, C1, bidirectional controls) as \u escapes. Outside of
// strings there are none.
func Escape(raw []byte) []byte {
	const hex = "0123456789abcdef"
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r < utf8.RuneSelf && r != 0x7f || !story.Unsafe(r) {
			out = append(out, raw[:n]...)
		} else {
			units := utf16.AppendRune(nil, r)
			for _, u := range units {
				out = append(out, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
			}
		}
		raw = raw[n:]
	}
	return out
}
