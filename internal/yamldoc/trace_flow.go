package yamldoc

import (
	"strconv"
	"strings"
)

// plain follows a scalar without quotes until the whole value came out.
func (t *tracer) plain() {
	for !t.full() && !t.bad && t.p < len(t.text) {
		if isBlank(t.text[t.p]) || breakLen(t.text, t.p) > 0 {
			t.fold(false)
			continue
		}
		t.word(" \t\r\n", len(t.value)-t.dec)
	}
}

// quoted follows a scalar in quotes to its closing quote.
func (t *tracer) quoted(double bool) {
	quote, special := byte('\''), " \t\r\n'"
	if double {
		quote, special = '"', " \t\r\n\"\\"
	}
	t.p++
	for !t.bad && t.p < len(t.text) {
		switch c := t.text[t.p]; {
		case isBlank(c) || breakLen(t.text, t.p) > 0:
			t.fold(false)
		case !double && strings.HasPrefix(t.text[t.p:], "''"):
			t.emit(t.p, 2, "'")
			t.p += 2
		case c == quote:
			t.p++
			return
		case double && c == '\\':
			t.escape()
		default:
			t.word(special, len(t.text))
		}
	}
	t.bad = true
}

// word copies up to limit bytes, until one of the bytes in special.
func (t *tracer) word(special string, limit int) {
	from := t.p
	for t.p < len(t.text) && t.p-from < limit && strings.IndexByte(special, t.text[t.p]) < 0 {
		t.p++
	}
	if t.p == from { // a lone CR, which checkBytes excludes
		t.bad = true
		return
	}
	t.copy(from, t.p-from)
}

// fold follows white space: blanks within a line are kept, a line break with
// the blanks around it becomes a space, and each further one a line feed.
// After an escaped line break (escaped) the first one counts as well.
func (t *tracer) fold(escaped bool) {
	from := t.p
	var breaks []int
	for t.p < len(t.text) {
		if n := breakLen(t.text, t.p); n > 0 {
			breaks = append(breaks, t.p)
			t.p += n
		} else if isBlank(t.text[t.p]) {
			t.p++
		} else {
			break
		}
	}
	switch {
	case escaped:
	case len(breaks) == 0:
		t.copy(from, t.p-from)
	case len(breaks) == 1:
		t.emit(breaks[0], breakLen(t.text, breaks[0]), " ")
		return
	default:
		breaks = breaks[1:]
	}
	for _, b := range breaks {
		t.emit(b, breakLen(t.text, b), "\n")
	}
}

// simpleEscapes are the escapes of one letter in double quotes.
var simpleEscapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v",
	'f': "\f", 'r': "\r", 'e': "\x1b", ' ': " ", '"': `"`, '/': "/", '\\': `\`,
	'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// escape follows a backslash in double quotes.
func (t *tracer) escape() {
	if n := breakLen(t.text, t.p+1); n > 0 {
		t.p += 1 + n
		t.fold(true)
		return
	}
	if t.p+1 >= len(t.text) {
		t.bad = true
		return
	}
	c := t.text[t.p+1]
	if s, ok := simpleEscapes[c]; ok {
		t.emit(t.p, 2, s)
		t.p += 2
		return
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 || t.p+2+digits > len(t.text) {
		t.bad = true
		return
	}
	r, err := strconv.ParseUint(t.text[t.p+2:t.p+2+digits], 16, 32)
	if err != nil {
		t.bad = true
		return
	}
	t.emit(t.p, 2+digits, string(rune(r)))
	t.p += 2 + digits
}
