package qmp

import (
	"errors"
	"io"
)

// Options are the bounds of a Decoder.
type Options struct {
	MaxEvent int // bytes of an event, 1 MiB when 0
	MaxReply int // bytes of any other value, 4 MiB when 0

	// Reuse makes Next write into the memory of the message before: its Data, its
	// raw members and its strings, also those that were copied out of Data, hold
	// until the next call. Clone what is kept. It saves replay a quarter of its
	// time; everywhere else a message holds as long as somebody has it.
	Reuse bool
}

// Stats counts what a Decoder has seen.
type Stats struct {
	Values    int   // returned by Next without error
	Errors    int   // syntax errors returned
	Oversized int   // TooLargeErrors returned
	Bytes     int64 // read
}

// Decoder reads the values of a stream one by one: what a monitor sends, a
// recording, or both mixed. Values may follow each other with any white space or
// none, stand several on a line or one over many.
//
// It accepts exactly what RFC 8259 allows and encoding/json accepts, up to 512
// levels of nesting. As there, bytes in strings that are not UTF-8 and lone
// surrogates become U+FFFD, and of several members with one name the last wins.
// Names are compared exactly.
//
// A bad value costs one error; then Next goes on. Where the brackets and quotes
// of the bad value are balanced on its line, it goes on behind them if another
// object begins there, else with the next line that can begin a value: one whose
// first byte is not white space, '}' or ']', as those inside a pretty-printed
// value are. So a line that was cut short never takes the next one with it. More
// damage on a line that has cost an error already is skipped with it.
//
// A Decoder is for one goroutine.
type Decoder struct {
	r   io.Reader
	opt Options

	buf     buffer
	p       parser
	scan    scanner
	old     *[kindCount]decodableData
	state   state
	lenient lenient
	damaged bool // this line has cost an error
	line    int  // of buf.start, from 1
	lineOff int64
	stats   Stats
}

// state is what Next is in the middle of.
type state uint8

const (
	between    state = iota // two values
	scanning                // a value that is not all there yet
	discarding              // a value that is too large
	balancing               // a bad value that may end on its line
	restOfLine              // a line that nothing more can be had from
	lineStart               // looking for a line that begins a value
)

// NewDecoder returns a Decoder that reads from r. It reads no more than it needs:
// Next returns a value as soon as its last byte is there.
func NewDecoder(r io.Reader, opt Options) *Decoder {
	if opt.MaxEvent <= 0 {
		opt.MaxEvent = 1 << 20
	}
	if opt.MaxReply <= 0 {
		opt.MaxReply = 4 << 20
	}
	d := &Decoder{r: r, opt: opt, line: 1}
	if opt.Reuse {
		d.old = new([kindCount]decodableData)
		d.buf.reuse, d.p.text.reuse = true, true
	}
	return d
}

// Stats returns the counts so far.
func (d *Decoder) Stats() Stats { return d.stats }

// Offset is how many bytes of the stream are used: where the value ends that Next
// returned without error, or with a TooLargeError for one that is whole.
func (d *Decoder) Offset() int64 { return d.buf.base + int64(d.buf.start) }

// Next reads the next value into m. It returns a *SyntaxError or *TooLargeError
// for a value that is bad or too large, io.EOF at the end, or what the reader
// returned; after all of them but io.EOF it can be called again and loses
// nothing. It blocks while the reader does.
func (d *Decoder) Next(m *Message) error {
	for {
		if d.advance() {
			switch err := d.value(m); err {
			case errSkipped:
				continue
			case errMore:
			default:
				return err
			}
		}
		if d.buf.eof {
			return io.EOF
		}
		n, err := d.buf.fill(d.r)
		d.stats.Bytes += int64(n)
		if err != nil {
			return err
		}
	}
}

var (
	errMore    = errors.New("value is not all there yet")
	errSkipped = errors.New("damage on a line that has cost an error")
)

// value reads the value that begins at buf.start, which is not white space. It
// tries the parser first; when the value is not all there it lets the scanner
// wait for its end, so that no byte is looked at more than three times however
// small the pieces are.
func (d *Decoder) value(m *Message) error {
	b := &d.buf
	if d.state == between {
		if end := d.parse(m); end >= 0 {
			return d.accept(m, end)
		} else if !d.p.incomplete || b.eof {
			return d.bad()
		}
		d.state = scanning
		d.scan.reset()
		b.scanned = b.start
	}
	if d.scan.feed(b.b[:b.end], &b.scanned) == scanMore {
		if limit := max(d.opt.MaxEvent, d.opt.MaxReply); b.end-b.start > limit {
			d.state = discarding
			return d.tooLarge(limit)
		}
		if !b.eof {
			return errMore
		}
	}
	if end := d.parse(m); end >= 0 {
		return d.accept(m, end)
	}
	return d.bad()
}

func (d *Decoder) parse(m *Message) int {
	d.p.reset(d.buf.b, d.buf.end, d.buf.eof)
	return d.p.message(d.buf.start, m, d.old)
}

// accept passes the value in m, which ends at end.
func (d *Decoder) accept(m *Message, end int) error {
	b := &d.buf
	m.Offset, m.Line = b.base+int64(b.start), d.line
	limit := d.opt.MaxReply
	if m.Type == TypeEvent {
		limit = d.opt.MaxEvent
	}
	var err error
	if end-b.start > limit {
		err = d.tooLarge(limit)
		*m = Message{Extra: m.Extra[:0]}
	} else {
		b.handOut(end)
		d.stats.Values++
	}
	d.line += d.p.lines
	if d.p.lineStart >= 0 {
		d.lineOff = b.base + int64(d.p.lineStart)
	}
	b.start, d.state = end, between
	return err
}

func (d *Decoder) tooLarge(limit int) error {
	d.stats.Oversized++
	return &TooLargeError{Offset: d.buf.base + int64(d.buf.start), Line: d.line, Limit: limit}
}

// bad returns the parser's complaint and gets ready to go on behind it. A
// second one on a line is not returned.
func (d *Decoder) bad() error {
	b := &d.buf
	line, lineOff := d.line+d.p.lines, d.lineOff
	if d.p.lineStart >= 0 {
		lineOff = b.base + int64(d.p.lineStart)
	}
	if d.damaged {
		d.state = restOfLine
		return errSkipped
	}
	d.state = balancing
	d.lenient = lenient{}
	d.stats.Errors++
	at := b.base + int64(d.p.failAt)
	return &SyntaxError{Offset: at, Line: line, Column: int(at-lineOff) + 1, Msg: d.p.failMsg}
}

// DecodeBytes reads the one value in b into m. What m then holds does not share
// memory with b.
func DecodeBytes(b []byte, m *Message) error {
	text := make([]byte, len(b)+padding)
	copy(text, b)
	var p parser
	p.reset(text, len(b), true)
	start := p.space(0)
	m.Offset, m.Line = int64(start), 1+p.lines
	line, offset := m.Line, m.Offset
	i := p.message(start, m, nil)
	if i >= 0 {
		if i = p.space(i); i == p.n {
			m.Offset, m.Line = offset, line
			return nil
		}
		p.fail(i, "more text after the value")
		*m = Message{Extra: m.Extra[:0]}
	}
	return &SyntaxError{Offset: int64(p.failAt), Line: 1 + p.lines, Column: p.failAt - max(p.lineStart, 0) + 1, Msg: p.failMsg}
}
