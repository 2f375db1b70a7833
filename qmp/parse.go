package qmp

import "encoding/binary"

// maxDepth is how deep objects and lists may be nested, the value itself
// included. QEMU's own parser stops at 1,024, its events at 4.
const maxDepth = 512

// padding is the number of bytes behind the text that a parser may read: one
// load of eight bytes from its end.
const padding = 8

// parser reads one JSON value from a buffer in one pass. The text is followed
// by a zero byte, which JSON allows nowhere: every loop stops there without
// counting, and fail finds out whether the text was wrong or only not all there.
//
// Methods take the index at which to read and return the index behind what they
// read, or a negative number after a failure, which they also accept, so that a
// sequence of calls needs one check at its end.
type parser struct {
	b   []byte // text and padding
	n   int    // length of the text
	eof bool   // nothing follows the text

	depth int // open braces and brackets at this point of typed data

	mistyped, unknown int

	lines     int // line ends passed
	lineStart int // index behind the last one, or -1

	incomplete bool // failed because the text ended
	failAt     int
	failMsg    string

	text arena
}

// reset makes p ready to read b[:n].
func (p *parser) reset(b []byte, n int, eof bool) {
	p.b, p.n, p.eof = b, n, eof
	p.depth, p.mistyped, p.unknown = 0, 0, 0
	p.lines, p.lineStart, p.incomplete = 0, -1, false
	p.text.reset()
}

// fail notes that the byte at i cannot be.
func (p *parser) fail(i int, msg string) int {
	p.failAt, p.failMsg = i, msg
	if i >= p.n {
		p.incomplete, p.failMsg = true, "unexpected end of input"
	}
	return -1
}

// space skips white space and counts lines.
func (p *parser) space(i int) int {
	for b := p.b; ; i++ {
		switch b[i] {
		case ' ', '\t', '\r':
		case '\n':
			p.lines++
			p.lineStart = i + 1
		default:
			return i
		}
	}
}

// open reads from the opening brace at i to the first member's value, and next
// from behind a value to that of the next member; more says whether there is
// one. So
//
//	for key, i, more = p.open(i); more; key, i, more = p.next(i) {
//		switch key { … i = p.optInt(i, &x) … }
//	}
//
// ends behind the closing brace.
func (p *parser) open(i int) (key string, _ int, more bool) {
	b := p.b
	if i++; b[i] == '"' {
		if j := plainEnd(b, i+1); spacedColon(b, j) {
			return alias(b[i+1 : j]), j + 3, true
		}
	}
	if b[i] <= ' ' {
		i = p.space(i)
	}
	if b[i] == '}' {
		return "", i + 1, false
	}
	return p.name(i, "expected a member's name in quotes, or '}'")
}

func (p *parser) next(i int) (key string, _ int, more bool) {
	if i < 0 {
		return "", i, false
	}
	b := p.b
	if b[i] == '}' {
		return "", i + 1, false
	}
	if binary.LittleEndian.Uint32(b[i:])&0xffffff == ','|' '<<8|'"'<<16 {
		if j := plainEnd(b, i+3); spacedColon(b, j) {
			return alias(b[i+3 : j]), j + 3, true
		}
	}
	return p.nextUnusual(i)
}

// spacedColon reports whether the member's name that ends at i is followed by a
// colon, a space and the value, which is how QEMU writes it.
func spacedColon(b []byte, i int) bool {
	x := binary.LittleEndian.Uint32(b[i:])
	return x&0xffffff == '"'|':'<<8|' '<<16 && x>>24 > ' '
}

func (p *parser) nextUnusual(i int) (key string, _ int, more bool) {
	b := p.b
	if b[i] <= ' ' {
		i = p.space(i)
	}
	if b[i] == '}' {
		return "", i + 1, false
	}
	if b[i] != ',' {
		return "", p.fail(i, "expected ',' or '}' after a member"), false
	}
	if i++; b[i] <= ' ' {
		i = p.space(i)
	}
	return p.name(i, "expected a member's name in quotes")
}

// name reads a member's name and the colon behind it.
func (p *parser) name(i int, expected string) (key string, _ int, more bool) {
	b := p.b
	if b[i] != '"' {
		return "", p.fail(i, expected), false
	}
	if key, i = p.string(i); i < 0 {
		return "", i, false
	}
	if b[i] <= ' ' {
		i = p.space(i)
	}
	if b[i] != ':' {
		return "", p.fail(i, "expected ':' after a member's name"), false
	}
	if i++; b[i] <= ' ' {
		i = p.space(i)
	}
	return key, i, true
}
