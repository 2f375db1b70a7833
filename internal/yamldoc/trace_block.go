package yamldoc

import "strings"

// block follows a literal (|) or folded (>) scalar until the whole value came
// out. Chomping needs no care: what it removed is simply not asked for.
func (t *tracer) block(folded bool) {
	for t.p < len(t.text) && breakLen(t.text, t.p) == 0 {
		t.p++ // the indicators and a comment
	}
	t.p += breakLen(t.text, t.p)
	b := blockTracer{tracer: t, indent: t.blockIndent(), folded: folded, lead: -1}
	b.breaks()
	for b.atContent() && !t.full() && !t.bad {
		b.line()
	}
	b.tail()
}

// blockIndent finds by how much the lines are indented, without knowing the
// parent: the first line that is not blank has so many spaces in the source
// and so many left in the value. In a value of blank lines only, which are
// never folded, the first one with spaces left tells as much.
func (t *tracer) blockIndent() int {
	source := t.text[t.p:]
	inSource, ok1 := firstIndent(source)
	inValue, ok2 := firstIndent(t.value)
	if !ok2 {
		inSource, inValue, ok1 = 0, 0, false
		for line := range strings.SplitSeq(t.value, "\n") {
			var at string
			at, source, _ = strings.Cut(source, "\n")
			if line != "" {
				inSource, inValue, ok1 = len(strings.TrimSuffix(at, "\r")), len(line), true
				break
			}
		}
	}
	if !ok1 || inValue > inSource {
		return len(t.text) // nothing left in any line: all spaces are indentation
	}
	return inSource - inValue
}

// firstIndent counts the spaces before the first line that is not blank.
func firstIndent(text string) (spaces int, ok bool) {
	content := strings.TrimLeft(text, " \r\n")
	if content == "" {
		return 0, false
	}
	before := text[:len(text)-len(content)]
	return len(before) - 1 - strings.LastIndexAny(before, "\r\n"), true
}

// blockTracer has the state of the library's scanner between two lines.
type blockTracer struct {
	*tracer
	indent int
	folded bool
	column int   // spaces of indentation eaten on this line
	lead   int   // offset of the break behind the last line of content, -1 if none
	trail  []int // offsets of the breaks of the blank lines after it
	blank  bool  // the last line of content began with a blank
}

// atContent reports whether a line of the scalar begins here.
func (b *blockTracer) atContent() bool {
	return b.column == b.indent && b.p < len(b.text)
}

// breaks eats indentation and blank lines.
func (b *blockTracer) breaks() {
	for {
		b.column = 0
		for b.column < b.indent && b.p < len(b.text) && b.text[b.p] == ' ' {
			b.column++
			b.p++
		}
		n := breakLen(b.text, b.p)
		if n == 0 {
			break
		}
		b.trail = append(b.trail, b.p)
		b.p += n
	}
	if b.p >= len(b.text) && b.column > 0 {
		b.trail = append(b.trail, b.p) // a last line of spaces counts as a line
	}
}

// line follows one line of content, after what separates it from the last.
func (b *blockTracer) line() {
	startsBlank := isBlank(b.text[b.p])
	if b.folded && !b.blank && !startsBlank && b.lead >= 0 {
		if len(b.trail) == 0 {
			b.emit(b.lead, breakLen(b.text, b.lead), " ")
		}
	} else if b.lead >= 0 {
		b.emit(b.lead, breakLen(b.text, b.lead), "\n")
	}
	for _, at := range b.trail {
		b.emit(at, breakLen(b.text, at), "\n")
	}
	b.lead, b.trail, b.blank = -1, b.trail[:0], startsBlank

	from := b.p
	for b.p < len(b.text) && breakLen(b.text, b.p) == 0 {
		b.p++
	}
	b.copy(from, b.p-from)
	// At the end of the file only a line of blanks has a break that is not there.
	if n := breakLen(b.text, b.p); n > 0 || strings.Trim(b.text[from:b.p], " \t") == "" {
		b.lead = b.p
		b.p += n
	}
	b.breaks()
}

// tail follows as many of the last line breaks as chomping left in the value.
func (b *blockTracer) tail() {
	if b.lead >= 0 {
		b.trail = append([]int{b.lead}, b.trail...)
	}
	for _, at := range b.trail {
		if b.full() {
			return
		}
		b.emit(at, breakLen(b.text, at), "\n")
	}
}
