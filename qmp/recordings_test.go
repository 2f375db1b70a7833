package qmp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecordings decodes everything that real QEMUs said and compares the counts
// with the manifest that was written beside the recordings.
func TestRecordings(t *testing.T) {
	const dir = "../examples/recordings"
	text, err := os.ReadFile(filepath.Join(dir, "MANIFEST.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Files map[string]struct {
			Bytes    int64
			Messages int
			Events   map[string]int
		}
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest.Files) != 57 {
		t.Errorf("the manifest lists %d recordings, want 57", len(manifest.Files))
	}
	for name, want := range manifest.Files {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			d := NewDecoder(f, Options{Reuse: true})
			events := map[string]int{}
			var m Message
			for {
				err := d.Next(&m)
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if m.Type == TypeOther {
					t.Errorf("line %d: not QMP: %s", m.Line, m.Text)
				}
				if m.Type == TypeEvent {
					events[m.Event.Name]++
					wellTyped(t, &m)
				}
			}
			if s := d.Stats(); s.Values != want.Messages || s.Errors != 0 || s.Oversized != 0 || s.Bytes != want.Bytes {
				t.Errorf("stats %+v, want %d messages, %d bytes", s, want.Messages, want.Bytes)
			}
			if want.Events == nil {
				want.Events = map[string]int{}
			}
			if !maps.Equal(events, want.Events) {
				t.Errorf("events %v, want %v", events, want.Events)
			}
		})
	}
}

// wellTyped checks that the table knows all of an event from a real QEMU, and
// that what was decoded is what was sent.
func wellTyped(t *testing.T, m *Message) {
	t.Helper()
	if m.Event.Kind == Unknown || m.Mistyped != 0 || m.UnknownMembers != 0 || len(m.Extra) != 0 {
		t.Errorf("line %d: kind %v, %d mistyped, %d unknown, %d extra: %s",
			m.Line, m.Event.Kind, m.Mistyped, m.UnknownMembers, len(m.Extra), m.Text)
	}
	if m.Event.Data == nil {
		if m.Event.Raw != nil {
			t.Errorf("line %d: data was lost: %s", m.Line, m.Text)
		}
		return
	}
	written := ParseValue(m.Event.Data.AppendJSON(nil))
	if sent := ParseValue(m.Event.Raw); !Equal(written, sent) {
		t.Errorf("line %d: decoded %s from %s", m.Line, written.Text(), sent.Text())
	}
}

// TestLiveEvents decodes 34 types of events caught on QEMU 7.2.
func TestLiveEvents(t *testing.T) {
	kinds := map[Kind]bool{}
	n := eachLine(t, "testdata/live-events-7.2.ndjson", func(line []byte) {
		var r struct{ Event, Raw string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		var m Message
		if err := DecodeBytes([]byte(r.Raw), &m); err != nil {
			t.Fatalf("%s: %v", r.Raw, err)
		}
		if m.Event.Kind.String() != r.Event || m.Event.Time == NoTime {
			t.Errorf("decoded %v at %d from %s", m.Event.Kind, m.Event.Time, r.Raw)
		}
		wellTyped(t, &m)
		kinds[m.Event.Kind] = true
	})
	if n != 176 || len(kinds) != 34 {
		t.Errorf("%d events of %d kinds, want 176 of 34", n, len(kinds))
	}
}

// TestDocumentedExamples decodes the examples of QEMU's own documentation, which
// came to us with no-break spaces in them. The decoder is strict: the test
// replaces them. Two are cut short in the documents.
func TestDocumentedExamples(t *testing.T) {
	broken := 0
	n := eachLine(t, "testdata/documented-examples.ndjson", func(line []byte) {
		var r struct {
			Event, JSON string
			Valid       bool
		}
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(r.JSON, "\u00a0", " ")
		if text != r.JSON && DecodeBytes([]byte(r.JSON), new(Message)) == nil {
			t.Errorf("accepted a no-break space: %s", r.JSON)
		}
		d := NewDecoder(strings.NewReader(text), Options{})
		var m Message
		err := d.Next(&m)
		if !r.Valid {
			broken++
			var bad *SyntaxError
			if !errors.As(err, &bad) || d.Stats().Errors != 1 || d.Stats().Values != 0 {
				t.Errorf("%v, %+v: %s", err, d.Stats(), text)
			}
			return
		}
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if m.Event.Kind.String() != r.Event || m.Mistyped != 0 || m.UnknownMembers != 0 {
			t.Errorf("kind %v, want %s; %d mistyped, %d unknown: %s", m.Event.Kind, r.Event, m.Mistyped, m.UnknownMembers, text)
		}
		if m.Event.Data == nil && m.Event.Raw != nil {
			t.Errorf("data was lost: %s", text)
		}
	})
	if n != 54 || broken != 2 {
		t.Errorf("%d examples, %d of them broken; want 54 and 2", n, broken)
	}
}

func eachLine(t *testing.T, file string, do func(line []byte)) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range bytes.Lines(text) {
		do(bytes.TrimSpace(line))
		n++
	}
	return n
}
