package qmp

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

	key   string // of the member that open or next found
	more  bool   // whether they found one
	depth int    // open braces and brackets at this point of typed data

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
	p.more, p.depth, p.mistyped, p.unknown = false, 0, 0, 0
	p.lines, p.lineStart, p.incomplete = 0, -1, false
}

// fail notes that the byte at i cannot be.
func (p *parser) fail(i int, msg string) int {
	p.more = false
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
// from behind a value to that of the next member, so that
//
//	for i = p.open(i); p.more; i = p.next(i) {
//		switch p.key { … i = p.optInt(i, &x) … }
//	}
//
// ends behind the closing brace.
func (p *parser) open(i int) int {
	i++
	if p.b[i] <= ' ' {
		i = p.space(i)
	}
	if p.b[i] == '}' {
		p.more = false
		return i + 1
	}
	return p.name(i, "expected a member's name in quotes, or '}'")
}

func (p *parser) next(i int) int {
	if i < 0 {
		p.more = false
		return i
	}
	b := p.b
	if b[i] <= ' ' {
		i = p.space(i)
	}
	if b[i] == ',' {
		i++
		if b[i] == ' ' {
			i++
		}
		if b[i] <= ' ' {
			i = p.space(i)
		}
		return p.name(i, "expected a member's name in quotes")
	}
	p.more = false
	if b[i] == '}' {
		return i + 1
	}
	return p.fail(i, "expected ',' or '}' after a member")
}

// name reads a member's name and the colon behind it.
func (p *parser) name(i int, expected string) int {
	b := p.b
	if b[i] != '"' {
		return p.fail(i, expected)
	}
	j := plainEnd(b, i+1)
	if b[j] == '"' {
		p.key = alias(b[i+1 : j])
		j++
	} else if p.key, j = p.unusualString(i+1, j); j < 0 {
		return j
	}
	if b[j] == ':' && b[j+1] == ' ' && b[j+2] > ' ' {
		p.more = true
		return j + 2
	}
	if b[j] <= ' ' {
		j = p.space(j)
	}
	if b[j] != ':' {
		return p.fail(j, "expected ':' after a member's name")
	}
	j++
	if b[j] <= ' ' {
		j = p.space(j)
	}
	p.more = true
	return j
}
