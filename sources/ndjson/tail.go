package ndjson

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// portionEvents is how many events of a file are read before the next file has
// its turn.
const portionEvents = 1000

// tail is one file that is followed. It outlives its name: what was renamed or
// deleted is read to its end.
type tail struct {
	path   string // under which it is known now
	source string // of its events
	from   string // under which it was known first: the name of its VM
	seen   *sighting
	id     fileID
	file   *os.File
	dec    *qmp.Decoder
	msg    qmp.Message

	reader  *growing
	begin   int64  // offset in the file at which dec began
	head    uint32 // checksum of the first headLen bytes
	headLen int64
	looked  struct { // how it was when it was looked at last
		size int64
		time time.Time
	}

	vm      string   // of events that do not say it; "" before it was needed
	last    event.VM // and host of the newest event, so that equal texts are kept once
	host    string
	drained bool  // there was no more when it was looked last
	after   *tail // which has to be read first; nil when nothing has
	damaged bool  // it was said already
}

var errHalf = errors.New("half a value at the end of the file")

var errNotRegular = errors.New("not a regular file")

// errDrained says that a file has no more for now.
var errDrained = errors.New("no more for now")

// growing reads a file that may get longer.
type growing struct {
	file *os.File
	at   int64
}

func (g *growing) Read(p []byte) (int, error) {
	n, err := g.file.ReadAt(p, g.at)
	g.at += int64(n)
	switch {
	case n > 0:
		return n, nil // what is wrong shows at the next read
	case errors.Is(err, io.EOF):
		return 0, errDrained
	}
	return 0, err
}

// open opens a regular file and never waits, as for the writer of a pipe.
func open(path string) (*os.File, os.FileInfo, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		_ = file.Close() // it was only looked at
		return nil, nil, err
	}
	return file, info, nil
}

// newTail reads a file from offset on.
func (f *Follower) newTail(path string, file *os.File, info os.FileInfo, offset int64) *tail {
	t := &tail{from: path, id: idOf(info), file: file}
	t.restart(offset)
	f.call(t, path)
	return t
}

// call gives a file its name.
func (f *Follower) call(t *tail, path string) {
	t.path, t.source, t.seen = path, "file:"+path, f.sighting(path)
}

// restart goes on reading elsewhere in the same file.
func (t *tail) restart(offset int64) {
	t.begin, t.head, t.headLen, t.drained = offset, 0, 0, false
	t.reader = &growing{t.file, offset}
	t.dec = qmp.NewDecoder(t.reader, qmp.Options{Reuse: true})
}

func (t *tail) close() { _ = t.file.Close() } // nothing is written through it

// offset is behind the value that was read last.
func (t *tail) offset() int64 { return t.begin + t.dec.Offset() }

// position is where to go on after a restart.
func (t *tail) position() position {
	offset := t.offset()
	if have := min(offset, headSize); t.headLen < have {
		if sum, whole := headOf(t.file, have); whole {
			t.head, t.headLen = sum, have
		}
	}
	return position{inode: t.id.inode, offset: offset, head: t.head}
}

// sameHead says that what was read first still stands there.
func (t *tail) sameHead() bool {
	sum, whole := headOf(t.file, t.headLen)
	return whole && sum == t.head
}

// portion emits the next events of a file. The error is that of emit.
func (f *Follower) portion(ctx context.Context, t *tail, emit sources.Emit) error {
	t.drained = false
	for range portionEvents {
		if ctx.Err() != nil {
			return nil
		}
		err := t.dec.Next(&t.msg)
		var tooLarge *qmp.TooLargeError
		switch {
		case err == nil && t.msg.Type == qmp.TypeEvent:
			if err := f.emit(ctx, t, emit); err != nil {
				return err
			}
		case err == nil: // a greeting or an answer
		case errors.Is(err, errDrained):
			t.drained = true
			t.position() // its head, to know it again
			f.report(t.path, sources.Connected, "")
			return nil
		case errors.As(err, &tooLarge):
			t.seen.update(func(s *sources.Status) { s.Counts.Oversized++ })
			f.complain(t, err)
		case isDamage(err):
			t.seen.update(func(s *sources.Status) { s.Counts.Damaged++ })
			f.complain(t, err)
		default: // of the file system: tried again at the next look
			t.drained = true
			f.report(t.path, sources.Waiting, err.Error())
			return nil
		}
	}
	return nil
}

// complain says once that a file has values which are skipped; the counts tell
// how many.
func (f *Follower) complain(t *tail, err error) {
	if !t.damaged {
		f.cfg.Log.Warn("a value of a file was skipped", "source", t.source, "reading_since", t.begin, "reason", err.Error())
	}
	t.damaged = true
}

// emit completes an event and hands it over. Its source is always the file, so
// that Source and Position together say where to go on.
func (f *Follower) emit(ctx context.Context, t *tail, emit sources.Emit) error {
	ev := event.FromMessage(&t.msg)
	ev.Seq, ev.Source, ev.Position = 0, t.source, t.position().String()
	if ev.VM.Name == "" && aboutVM(&ev) {
		ev.VM.Name = f.vmOf(t)
	}
	ev.Host, ev.VM = t.keep(cmp.Or(ev.Host, f.cfg.Host), ev.VM)
	if ev.Received == qmp.NoTime {
		ev.Received = f.cfg.Now()
	}
	if ev.Time == qmp.NoTime && !madeByUs(&ev) {
		ev.Time = ev.Received
	}
	t.seen.update(func(s *sources.Status) {
		s.VM = ev.VM
		s.Counts.Received++
		s.Counts.Pending++
	})
	err := emit(ctx, &ev)
	t.seen.update(func(s *sources.Status) {
		s.Counts.Pending--
		if err == nil {
			s.Counts.Emitted++
		} else {
			s.Counts.Dropped++
		}
	})
	return err
}

// keep returns texts that outlive the message.
func (t *tail) keep(host string, vm event.VM) (string, event.VM) {
	if host != t.host {
		t.host = strings.Clone(host)
	}
	if vm != t.last {
		t.last = event.VM{Name: strings.Clone(vm.Name), UUID: strings.Clone(vm.UUID)}
	}
	return t.host, t.last
}

// searched is how much of a file is searched for the name of its VM.
const searched = 16 << 20

// vmOf is the VM of events that do not say theirs. It is looked up once, so that
// it stays the same while the file grows.
func (f *Follower) vmOf(t *tail) string {
	if t.vm != "" {
		return t.vm
	}
	if t.vm = f.name.Of(baseName(t.from)); t.vm != "" {
		return t.vm
	}
	known := spool{text: t.file, size: searched}
	name, err := known.answerToQueryName()
	if err != nil {
		f.cfg.Log.Warn("the name of a VM cannot be read", "source", t.source, "reason", err.Error())
	}
	t.vm = cmp.Or(name, baseName(t.from))
	return t.vm
}
