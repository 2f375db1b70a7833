package qmp

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// maxText bounds strings of events, in bytes; cutMark says that one was cut.
const (
	maxText = 4 << 10
	cutMark = "…"
)

// alias returns b as a string that shares its memory. Buffers of this package
// are never written again once a string of theirs was handed out.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// cut shortens s to maxText bytes at a rune's boundary, and marks it.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > maxText-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + cutMark
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainEnd returns the first index from i on that does not hold printable ASCII
// or holds a quote or a backslash. It looks at eight bytes at a time: each term
// sets the high bit of the bytes that it looks for, and of some that are not
// ASCII, which the last term finds anyhow. A borrow may set one above a true hit
// as well, so only the lowest is used.
func plainEnd(b []byte, i int) int {
	for {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		hits := ((quote - ones) | (slash - ones) | (x - ones*' ') | x) & highs
		if hits != 0 {
			return i + bits.TrailingZeros64(hits)>>3
		}
		i += 8
	}
}

// textEnd is plainEnd for text that is only checked: what is not ASCII passes.
func textEnd(b []byte, i int) int {
	for {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, slash := x^(ones*'"'), x^(ones*'\\')
		hits := (((quote - ones) &^ quote) | ((slash - ones) &^ slash) | ((x - ones*' ') &^ x)) & highs
		if hits != 0 {
			return i + bits.TrailingZeros64(hits)>>3
		}
		i += 8
	}
}

// string reads the string whose opening quote is at i.
func (p *parser) string(i int) (string, int) {
	j := plainEnd(p.b, i+1)
	if p.b[j] == '"' {
		return alias(p.b[i+1 : j]), j + 1
	}
	return p.unusualString(i+1, j)
}

// unusualString reads on at j in the string that begins at i: there is a byte
// that plainEnd stops at. UTF-8 without escapes still needs no copy.
func (p *parser) unusualString(i, j int) (string, int) {
	b := p.b
	for {
		j = plainEnd(b, j)
		if b[j] == '"' {
			return alias(b[i:j]), j + 1
		}
		if b[j] < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRune(b[j:p.n])
		if r == utf8.RuneError && n == 1 {
			break
		}
		j += n
	}
	return p.copiedString(i, j)
}

// copiedString reads on at j with what stands before it copied: from here on
// text differs from its JSON. Like encoding/json it reads bytes that are not
// UTF-8 and lone surrogates as U+FFFD.
func (p *parser) copiedString(i, j int) (string, int) {
	b := p.b
	out := append(p.text.scratch[:0], b[i:j]...)
	for {
		start := j
		j = plainEnd(b, j)
		out = append(out, b[start:j]...)
		switch c := b[j]; {
		case c == '"':
			p.text.scratch = out
			return p.text.keep(out), j + 1
		case c == '\\':
			var r rune
			if r, j = p.escape(j); j < 0 {
				return "", j
			}
			out = utf8.AppendRune(out, r)
		case c < utf8.RuneSelf:
			return "", p.fail(j, "control character in a string")
		default:
			r, n := utf8.DecodeRune(b[j:p.n])
			out = utf8.AppendRune(out, r)
			j += n
		}
	}
}

// escape reads the escape sequence whose backslash is at i; of a surrogate the
// second half, if it follows, too.
func (p *parser) escape(i int) (rune, int) {
	c := p.b[i+1]
	if c != 'u' {
		if k := strings.IndexByte(`"\/bfnrt`, c); k >= 0 {
			return rune("\"\\/\b\f\n\r\t"[k]), i + 2
		}
		return 0, p.fail(i+1, "bad escape in a string")
	}
	r, i := p.hex4(i + 2)
	if i < 0 || !utf16.IsSurrogate(r) {
		return r, i
	}
	if p.b[i] == '\\' && p.b[i+1] == 'u' {
		low, j := p.hex4(i + 2)
		if j < 0 {
			return 0, j
		}
		if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
			return whole, j
		}
	}
	return utf8.RuneError, i
}

func (p *parser) hex4(i int) (rune, int) {
	var r rune
	for end := i + 4; i < end; i++ {
		c := p.b[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, p.fail(i, "expected four hexadecimal digits after \\u")
		}
		r = r<<4 | rune(c)
	}
	return r, i
}

// skipString reads the string whose opening quote is at i without keeping it.
func (p *parser) skipString(i int) int {
	for i = textEnd(p.b, i+1); ; i = textEnd(p.b, i) {
		switch p.b[i] {
		case '"':
			return i + 1
		case '\\':
			if p.b[i+1] == 'u' {
				_, i = p.hex4(i + 2)
			} else {
				_, i = p.escape(i)
			}
			if i < 0 {
				return i
			}
		default:
			return p.fail(i, "control character in a string")
		}
	}
}

// arena keeps unescaped strings, many in one allocation.
type arena struct {
	reuse   bool
	scratch []byte // where the string at hand is put together
	block   []byte
	free    []byte // the rest of the block
}

const arenaBlock = 4 << 10

// reset gives the room of all strings away, with reuse.
func (a *arena) reset() {
	if a.reuse {
		a.free = a.block
	}
}

// keep returns a copy of text that is not written again before reset.
func (a *arena) keep(text []byte) string {
	if len(text) > len(a.free) {
		a.block = make([]byte, max(arenaBlock, len(text)))
		a.free = a.block
	}
	n := copy(a.free, text)
	s := alias(a.free[:n])
	a.free = a.free[n:]
	if cap(a.scratch) > 16*arenaBlock {
		a.scratch = nil // do not keep what one monstrous string needed
	}
	return s
}
