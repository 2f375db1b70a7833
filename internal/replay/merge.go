package replay

import (
	"container/heap"
	"errors"
	"fmt"
	"io"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// reader reads one recording: a file, or the journal of a daemon.
type reader interface {
	// Next reads the next event, or io.EOF. It is valid until the next call.
	Next(ev *event.Event) error
	// Tick is not 0 when what Next read last is no event, but says that it is so
	// late now, in microseconds since 1970 UTC: ev.Time then.
	Tick() int64
	// Contains says that a text stands anywhere in it.
	Contains(text string) (bool, error)
	// VMs are those that have to be known from the start.
	VMs() ([]ndjson.Origin, error)
	Stats() ndjson.Stats
	Progress() (done, total int64)
	Close() error
}

// plain is a file of events.
type plain struct{ *ndjson.Reader }

// Tick implements reader.
func (plain) Tick() int64 { return 0 }

func openRecording(path string, o ndjson.Options) (reader, error) {
	j, err := openJournal(path)
	if err != nil {
		return nil, err
	}
	if j != nil {
		return j, nil
	}
	r, err := ndjson.Open(path, o)
	if err != nil {
		return nil, err
	}
	return plain{r}, nil
}

// recording is one file and its next event.
type recording struct {
	reader
	path  string
	index int // place on the command line
	event event.Event
	late  int
}

// merger hands out the events of several recordings in order of arrival.
type merger struct {
	all  []*recording
	open queue // those that have a next event; the first was handed out last
	used bool  // the event of open[0] was handed out
}

func open(paths []string, o ndjson.Options) (*merger, error) {
	m := &merger{}
	for i, path := range paths {
		r, err := openRecording(path, o)
		if err != nil {
			m.close()
			return nil, err
		}
		m.all = append(m.all, &recording{reader: r, path: path, index: i})
	}
	for _, r := range m.all {
		switch err := r.Next(&r.event); {
		case err == nil:
			m.open = append(m.open, r)
		case !errors.Is(err, io.EOF):
			m.close()
			return nil, err
		}
	}
	heap.Init(&m.open)
	return m, nil
}

// next returns the recording whose event is the next one, io.EOF at the end of
// all. The event is valid until the next call.
func (m *merger) next() (*recording, error) {
	if m.used {
		r := m.open[0]
		switch err := r.Next(&r.event); {
		case err == nil:
			heap.Fix(&m.open, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(&m.open)
		default:
			return nil, err
		}
	}
	m.used = len(m.open) > 0
	if !m.used {
		return nil, io.EOF
	}
	return m.open[0], nil
}

func (m *merger) progress() (done, total int64) {
	for _, r := range m.all {
		d, t := r.Progress()
		done, total = done+d, total+t
	}
	return done, total
}

func (m *merger) files() []File {
	var out []File
	for _, r := range m.all {
		out = append(out, File{Name: r.path, Stats: r.Stats(), Late: r.late})
	}
	return out
}

// close gives back the files. They were only read: there is nothing to learn
// from an error.
func (m *merger) close() {
	for _, r := range m.all {
		_ = r.Close()
	}
}

// queue is a heap of recordings by the time of their next event, then by their
// place on the command line.
type queue []*recording

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	a, b := arrived(&q[i].event), arrived(&q[j].event)
	return a < b || a == b && q[i].index < q[j].index
}

func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *queue) Push(any) { panic(fmt.Sprintf("recordings only leave a %T", q)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	r := (*q)[last]
	*q = (*q)[:last]
	return r
}

// arrived is the time that places an event among those of other files. One of
// qmpalert's own has only been received.
func arrived(e *event.Event) int64 {
	if e.Time == qmp.NoTime {
		return e.Received
	}
	return e.Time
}
