package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// journal is what a daemon has accepted, as one recording: its entries are in
// the one order in which the daemon evaluated them, which is kept.
type journal struct {
	name  string
	files *store.Files
	stats ndjson.Stats
	tick  int64

	next func() ([]byte, error, bool)
	stop func()
	text []byte // of entries that dec has not read
	dec  *qmp.Decoder
	msg  qmp.Message
}

// openJournal returns the journal at a path, nil when there is none.
func openJournal(path string) (*journal, error) {
	if path == "-" {
		return nil, nil
	}
	files, err := store.FindFiles(path)
	if err != nil || files == nil {
		return nil, err
	}
	j := &journal{name: path, files: files}
	j.stats.Events = make(map[string]int)
	j.next, j.stop = iter.Pull2(j.texts)
	j.dec = qmp.NewDecoder(j, qmp.Options{MaxEvent: store.MaxEntry, Reuse: true})
	return j, nil
}

// textSize is how much of the journal is handed on at once.
const textSize = 64 << 10

// texts are those of many entries each, valid until the next one is asked for;
// an error ends them.
func (j *journal) texts(yield func([]byte, error) bool) {
	enough := errors.New("enough")
	var text []byte
	err := j.files.Read(0, j.damaged, func(e store.Entry) error {
		if text = append(append(text, e.Line...), '\n'); len(text) < textSize {
			return nil
		}
		if !yield(text, nil) {
			return enough
		}
		text = text[:0]
		return nil
	})
	if errors.Is(err, enough) {
		return
	}
	if yield(text, nil) && err != nil {
		yield(nil, err)
	}
}

// Read implements io.Reader for the decoder.
func (j *journal) Read(b []byte) (int, error) {
	for len(j.text) == 0 {
		text, err, ok := j.next()
		if !ok {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		j.text = text
	}
	n := copy(b, j.text)
	j.text = j.text[n:]
	return n, nil
}

func (j *journal) damaged(d store.Damage) { j.bad(fmt.Errorf("%s: %w", d.File, d.Err)) }

func (j *journal) bad(err error) {
	j.stats.Errors++
	if j.stats.FirstError == nil {
		j.stats.FirstError = fmt.Errorf("%s: %w", j.name, err)
	}
}

// Next implements reader. Entries that are neither events nor the passing of
// time say what people and files changed; they are counted and skipped.
func (j *journal) Next(ev *event.Event) error {
	for {
		err := j.dec.Next(&j.msg)
		var syntax *qmp.SyntaxError
		var tooLarge *qmp.TooLargeError
		switch {
		case errors.Is(err, io.EOF):
			return io.EOF
		case errors.As(err, &syntax), errors.As(err, &tooLarge):
			j.bad(err)
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", j.name, err)
		}
		j.stats.Messages++
		if j.tick = 0; j.msg.Type == qmp.TypeEvent {
			*ev = event.FromMessage(&j.msg)
			j.count(ev)
			return nil
		}
		if j.tick = passing(j.msg.Text); j.tick != 0 {
			*ev = event.Event{}
			ev.Time = j.tick
			return nil
		}
	}
}

// passing is the time that an entry says has come, in microseconds since 1970
// UTC; 0 when it is about something else.
func passing(line []byte) int64 {
	var entry struct {
		What string `json:"qmpalert"`
		At   string `json:"at"`
	}
	if !bytes.Contains(line, []byte(`"time"`)) || json.Unmarshal(line, &entry) != nil || entry.What != "time" {
		return 0
	}
	at, err := event.ParseTime(entry.At)
	if err != nil {
		return 0
	}
	return at
}

func (j *journal) count(ev *event.Event) {
	name := ev.Name
	if _, known := j.stats.Events[name]; !known {
		if name = strings.Clone(name); len(j.stats.Events) >= 1000 {
			name = ndjson.OtherEvents
		}
	}
	j.stats.Events[name]++
}

// Tick implements reader.
func (j *journal) Tick() int64 { return j.tick }

// Contains implements reader.
func (j *journal) Contains(text string) (has bool, err error) {
	enough := errors.New("enough")
	files := *j.files
	err = files.Read(0, nil, func(e store.Entry) error {
		if has = bytes.Contains(e.Line, []byte(text)); has {
			return enough
		}
		return nil
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return has, err
}

// VMs implements reader: the daemon knew none before its first event.
func (j *journal) VMs() ([]ndjson.Origin, error) { return nil, nil }

// Stats implements reader.
func (j *journal) Stats() ndjson.Stats { return j.stats }

// Progress implements reader.
func (j *journal) Progress() (done, total int64) { return j.files.Progress() }

// Close implements reader.
func (j *journal) Close() error {
	j.stop()
	return nil
}
