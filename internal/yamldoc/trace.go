package yamldoc

import (
	"sort"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// trace says which bytes of the source a decoded scalar came from. It is made
// by reading the scalar once more the way the YAML library did, and checked
// against the value that the library made: if they ever disagree it is not ok,
// and every offset maps to the beginning of the scalar.
type trace struct {
	runs []run // in order of both offsets
	end  int   // offset in the source behind the scalar (and its closing quote)
	ok   bool
}

// run is a stretch of the value: either copied byte by byte, or made as a
// whole from another spelling (an escape, a folded line break).
type run struct {
	dec, src       int // offsets in the value and in the source
	decLen, srcLen int
	copied         bool
}

// PosAt is the position of the byte at offset off of Value in the source. The
// offset len(Value) is the place behind the last character.
func (n *Node) PosAt(off int) diag.Pos {
	from, _ := n.locate(off)
	return n.src.pos(from)
}

// Range is the position of Value[from:to], cut at the end of its first line in
// the source. An empty range is one character wide.
func (n *Node) Range(from, to int) diag.Pos {
	start, end := n.locate(from)
	if to > from {
		_, end = n.locate(to - 1)
	}
	return n.src.span(start, end)
}

// end is the offset in the source behind a scalar; of anything else where it
// begins.
func (n *Node) end() int {
	if n.Kind != Scalar {
		return n.start
	}
	// The usual scalar stands on one line as it is; it needs no trace.
	switch rest := n.src.text[n.start:]; n.Style {
	case Plain:
		if strings.HasPrefix(rest, n.Value) {
			return n.start + len(n.Value)
		}
	case SingleQuoted, DoubleQuoted:
		quote, inside := rest[:1], rest[1:]
		if strings.HasPrefix(inside, n.Value) && strings.HasPrefix(inside[len(n.Value):], quote) &&
			!strings.ContainsAny(n.Value, "'\"\\") {
			return n.start + len(n.Value) + 2
		}
	}
	return n.traced().end
}

func (n *Node) traced() *trace {
	t := n.trace.Load()
	if t == nil {
		t = traceScalar(n) // two goroutines make the same one
		n.trace.Store(t)
	}
	return t
}

// locate gives the bytes of the source from which the byte at offset off of
// the value was made.
func (n *Node) locate(off int) (from, to int) {
	if n.Kind != Scalar {
		return n.start, n.start
	}
	t := n.traced()
	if !t.ok || len(t.runs) == 0 {
		if n.Style == SingleQuoted || n.Style == DoubleQuoted {
			return n.start + 1, n.start + 1 // between the quotes
		}
		return n.start, n.start
	}
	off = max(0, off)
	r := t.runs[sort.Search(len(t.runs)-1, func(i int) bool { return off < t.runs[i+1].dec })]
	switch {
	case off >= r.dec+r.decLen:
		return r.src + r.srcLen, r.src + r.srcLen
	case r.copied:
		return r.src + off - r.dec, r.src + off - r.dec + 1
	default:
		return r.src, r.src + r.srcLen
	}
}

// tracer walks the source of one scalar.
type tracer struct {
	text  string
	p     int    // where it is in text
	value string // what must come out
	dec   int    // how much of it came out
	runs  []run
	bad   bool // something else came out
}

func traceScalar(n *Node) *trace {
	t := &tracer{text: n.src.text, p: n.start, value: n.Value}
	switch n.Style {
	case Plain:
		t.plain()
	case SingleQuoted, DoubleQuoted:
		t.quoted(n.Style == DoubleQuoted)
	case Literal, Folded:
		t.block(n.Style == Folded)
	}
	if t.bad || !t.full() {
		return &trace{end: n.start}
	}
	return &trace{runs: t.runs, end: t.p, ok: true}
}

func (t *tracer) full() bool { return t.dec == len(t.value) }

// emit notes that n bytes at offset src became the text decoded.
func (t *tracer) emit(src, n int, decoded string) {
	if !strings.HasPrefix(t.value[t.dec:], decoded) {
		t.bad = true
		return
	}
	t.runs = append(t.runs, run{dec: t.dec, src: src, decLen: len(decoded), srcLen: n})
	t.dec += len(decoded)
}

// copy notes that n bytes at offset src were taken as they are.
func (t *tracer) copy(src, n int) {
	if n == 0 {
		return
	}
	if !strings.HasPrefix(t.value[t.dec:], t.text[src:src+n]) {
		t.bad = true
		return
	}
	if last := len(t.runs) - 1; last >= 0 && t.runs[last].copied && t.runs[last].src+t.runs[last].srcLen == src {
		t.runs[last].decLen += n
		t.runs[last].srcLen += n
	} else {
		t.runs = append(t.runs, run{dec: t.dec, src: src, decLen: n, srcLen: n, copied: true})
	}
	t.dec += n
}
