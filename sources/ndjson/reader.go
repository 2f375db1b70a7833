package ndjson

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// Options say what a recording may not say itself.
type Options struct {
	VM   string // name of the VM of events that have none; "": see the package
	Host string // host of events that have none; "" is localhost
}

// Reader reads one recording. It is for one goroutine.
type Reader struct {
	name string // as given
	from string // Event.Source of events that have none
	opt  Options
	text *spool
	dec  *qmp.Decoder
	msg  qmp.Message

	vm     string // of events that have none; "" before it was needed
	last   int64  // time of the newest event read
	timed  bool   // last is known
	counts counts
}

// Open opens a recording by its path; "-" is standard input. What is not a
// regular file is read to its end first, and kept in a temporary file when it
// is large. The caller closes the Reader.
func Open(path string, opt Options) (*Reader, error) {
	s, err := openSpool(path)
	if err != nil {
		return nil, err
	}
	return newReader(path, s, opt), nil
}

// New reads r to its end and returns a Reader of that, under the given name.
func New(name string, r io.Reader, opt Options) (*Reader, error) {
	s, err := newSpool(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return newReader(name, s, opt), nil
}

func newReader(name string, s *spool, opt Options) *Reader {
	opt.Host = cmp.Or(opt.Host, "localhost")
	return &Reader{name: name, from: "file:" + name, opt: opt, text: s, dec: s.decoder(), vm: opt.VM}
}

// Close gives back the file.
func (r *Reader) Close() error { return r.text.Close() }

// Next reads the next event into ev, or returns io.EOF at the end. Other errors
// are those of the file system. ev is valid until the next call: its Data is
// used again.
func (r *Reader) Next(ev *event.Event) error {
	for {
		err := r.dec.Next(&r.msg)
		switch {
		case err == nil && r.msg.Type == qmp.TypeEvent:
			r.counts.event(&r.msg.Event)
			*ev = event.FromMessage(&r.msg)
			return r.complete(ev)
		case err == nil:
			r.counts.messages++
		case isDamage(err):
			r.counts.damaged(r.name, err)
		case errors.Is(err, io.EOF):
			return io.EOF
		default:
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
}

// isDamage says that an error is about one value, behind which the decoder goes
// on.
func isDamage(err error) bool {
	var syntax *qmp.SyntaxError
	var tooLarge *qmp.TooLargeError
	return errors.As(err, &syntax) || errors.As(err, &tooLarge)
}

// complete adds what the record does not say.
func (r *Reader) complete(ev *event.Event) error {
	ev.Host = cmp.Or(ev.Host, r.opt.Host)
	ev.Source = cmp.Or(ev.Source, r.from)
	if err := r.own(ev); err != nil {
		return err
	}
	return r.time(ev)
}

// own gives the event its VM.
func (r *Reader) own(ev *event.Event) error {
	if ev.VM.Name != "" || !aboutVM(ev) {
		return nil
	}
	if r.vm == "" {
		name, err := r.text.answerToQueryName()
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		r.vm = cmp.Or(name, baseName(r.name))
	}
	ev.VM.Name = r.vm
	return nil
}

// aboutVM is false for the events that are about qmpalert itself.
func aboutVM(ev *event.Event) bool {
	switch ev.Kind {
	case qmp.KindQMPAlertReloadFailed, qmp.KindQMPAlertRuleSuspended, qmp.KindQMPAlertDeliveryFailed:
		return false
	}
	return true
}

// baseName is the name of a VM by its recording.
func baseName(name string) string {
	if name == "-" {
		return "stdin"
	}
	base := filepath.Base(name)
	return cmp.Or(strings.TrimSuffix(base, filepath.Ext(base)), base)
}

// time gives the event its time, and remembers it for those that follow.
func (r *Reader) time(ev *event.Event) error {
	if t, ok := ownTime(ev); ok {
		r.last, r.timed = t, true
		if ev.Time == qmp.NoTime && !madeByUs(ev) {
			ev.Time = t
		}
		return nil
	}
	if !r.timed {
		first, err := r.text.firstTime()
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		r.last, r.timed = first, true
	}
	ev.Time = r.last
	return nil
}

// ownTime is the time that a record says itself.
func ownTime(ev *event.Event) (int64, bool) {
	if ev.Time != qmp.NoTime {
		return ev.Time, true
	}
	return ev.Received, ev.Received != qmp.NoTime
}

func madeByUs(ev *event.Event) bool {
	d := ev.Def()
	return d != nil && d.Own
}

// Progress says how many bytes have been read, and of how many.
func (r *Reader) Progress() (done, total int64) { return r.dec.Stats().Bytes, r.text.size }
