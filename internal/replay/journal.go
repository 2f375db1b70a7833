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

	next func() (store.Entry, error, bool)
	stop func()
	text []byte // of the entry read last
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
	j.next, j.stop = iter.Pull2(j.entries)
	return j, nil
}

// entries are those of the journal; an error ends them.
func (j *journal) entries(yield func(store.Entry, error) bool) {
	enough := errors.New("enough")
	err := j.files.Read(0, j.damaged, func(e store.Entry) error {
		if !yield(e, nil) {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		yield(store.Entry{}, err)
	}
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
		e, err, ok := j.next()
		if !ok {
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("%s: %w", j.name, err)
		}
		j.text = append(j.text[:0], e.Line...)
		if err := qmp.DecodeBytes(j.text, &j.msg); err != nil {
			j.bad(fmt.Errorf("entry %d: %w", e.Pos, err))
			continue
		}
		j.stats.Messages++
		if j.tick = 0; j.msg.Type == qmp.TypeEvent {
			*ev = event.FromMessage(&j.msg)
			j.count(ev)
			return nil
		}
		if j.tick = passing(e.Line); j.tick != 0 {
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
