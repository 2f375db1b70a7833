package qmp

// lenient follows brackets and quotes through text that is not JSON.
type lenient struct {
	depth    int
	inString bool
	escaped  bool
}

// step takes the next byte and reports whether it closes what the first opened.
func (l *lenient) step(c byte) (closed bool) {
	switch {
	case l.escaped:
		l.escaped = false
	case l.inString:
		switch c {
		case '\\':
			l.escaped = true
		case '"':
			l.inString = false
		}
	case c == '"':
		l.inString = true
	case c == '{', c == '[':
		l.depth++
	case c == '}', c == ']':
		l.depth--
		return l.depth <= 0
	}
	return false
}

// advance moves buf.start to the next byte that may begin a value, and reports
// whether there is one. It uses up what it passes.
func (d *Decoder) advance() bool {
	for {
		var found bool
		switch d.state {
		case scanning:
			return true
		case between:
			found = d.skipSpace()
			if found && d.damaged && d.buf.b[d.buf.start] != '{' {
				d.state = restOfLine
				continue
			}
			return found
		case discarding:
			found = d.skipLarge()
		case balancing:
			found = d.skipBalanced()
		case restOfLine:
			found = d.skipLine()
		case lineStart:
			found = d.findLine()
		}
		if !found {
			return false
		}
	}
}

// newline notes that a line ended before the byte at i.
func (d *Decoder) newline(i int) {
	d.line++
	d.lineOff = d.buf.base + int64(i)
	d.damaged = false
}

func (d *Decoder) skipSpace() bool {
	b := &d.buf
	for ; b.start < b.end; b.start++ {
		switch b.b[b.start] {
		case ' ', '\t', '\r':
		case '\n':
			d.newline(b.start + 1)
		default:
			return true
		}
	}
	return false
}

// skipLarge passes the rest of a value that is too large. If that turns out to be
// bad, it goes on with the line in which it did, when it begins there.
func (d *Decoder) skipLarge() bool {
	b := &d.buf
	result := d.scan.feed(b.b[:b.end], &b.scanned)
	for ; b.start < b.scanned; b.start++ {
		if b.b[b.start] == '\n' {
			d.newline(b.start + 1)
		}
	}
	switch {
	case result == scanMore:
		return false
	case result == scanDone:
		d.state = between
	case b.base+int64(b.start) == d.lineOff:
		d.state = lineStart
	default:
		d.state = restOfLine
	}
	return true
}

// skipBalanced passes the bad value up to the bracket that closes it, if that is
// on the line on which it began, else up to the end of that line.
func (d *Decoder) skipBalanced() bool {
	b := &d.buf
	for b.start < b.end {
		c := b.b[b.start]
		first := d.lenient == lenient{}
		if c == '\n' || first && c != '{' && c != '[' {
			d.state = restOfLine
			return true
		}
		b.start++
		if d.lenient.step(c) {
			d.state, d.damaged = between, true
			return true
		}
	}
	return false
}

// skipLine passes the end of the line.
func (d *Decoder) skipLine() bool {
	b := &d.buf
	for b.start < b.end {
		c := b.b[b.start]
		b.start++
		if c == '\n' {
			d.newline(b.start)
			d.state = lineStart
			return true
		}
	}
	return false
}

// findLine passes lines that begin as those inside a pretty-printed value do.
func (d *Decoder) findLine() bool {
	b := &d.buf
	if b.start == b.end {
		return false
	}
	switch b.b[b.start] {
	case ' ', '\t', '\r', '\n', '}', ']':
		d.state = restOfLine
	default:
		d.state = between
	}
	return true
}
