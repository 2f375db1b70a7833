package ndjson_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// all reads a recording to its end: each event as "host vm NAME time".
func all(t *testing.T, r *ndjson.Reader) []string {
	t.Helper()
	defer r.Close()
	var lines []string
	var ev event.Event
	for {
		err := r.Next(&ev)
		if err == io.EOF {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		when := "none"
		if ev.Time != qmp.NoTime {
			when = fmt.Sprint(ev.Time)
		}
		lines = append(lines, strings.Join([]string{ev.Host, ev.VM.Name, ev.Name, when}, " "))
	}
}

func read(t *testing.T, name, text string, opt ndjson.Options) []string {
	t.Helper()
	r, err := ndjson.New(name, strings.NewReader(text), opt)
	if err != nil {
		t.Fatal(err)
	}
	return all(t, r)
}

const (
	stop     = `{"timestamp": {"seconds": 5, "microseconds": 6}, "event": "STOP"}`
	resume   = `{"event": "RESUME"}`
	answer   = `{"return": {"name": "db1"}, "id": 3}`
	greeting = `{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}`
)

func TestWhoAndWhen(t *testing.T) {
	ours := func(s string) string { return strings.TrimSuffix(stop, "}") + s + "}" }
	for _, tt := range []struct {
		name, text string
		opt        ndjson.Options
		want       []string
	}{
		{"nothing said", stop, ndjson.Options{}, []string{"localhost f.x STOP 5000006"}},
		{"options", stop, ndjson.Options{VM: "v", Host: "h"}, []string{"h v STOP 5000006"}},
		{"the record's own", ours(`, "vm": {"name": "w", "uuid": "u"}, "host": "k"`), ndjson.Options{VM: "v", Host: "h"}, []string{"k w STOP 5000006"}},
		{"a plain name", ours(`, "vm": "w"`), ndjson.Options{}, []string{"localhost w STOP 5000006"}},
		{"not of our form", ours(`, "vm": 7, "host": ["k"]`), ndjson.Options{}, []string{"localhost f.x STOP 5000006"}},
		{"query-name before", greeting + answer + stop, ndjson.Options{}, []string{"localhost db1 STOP 5000006"}},
		{"query-name after", stop + strings.Repeat(" \r\n", 300<<10) + answer + `{"return": {"name": "db2"}}`, ndjson.Options{}, []string{"localhost db1 STOP 5000006"}},
		{"query-name, pretty", stop + "{\r\n    \"return\": {\r\n        \"name\": \"db1\"\r\n    }\r\n}\r\n", ndjson.Options{}, []string{"localhost db1 STOP 5000006"}},
		{"option over query-name", stop + answer, ndjson.Options{VM: "v"}, []string{"localhost v STOP 5000006"}},
		{"answers of other shapes", stop + `{"return": {"name": ""}}{"return": {"name": 1}}{"return": {"name": "x", "y": 1}}{"return": ["name"]}{"return": {}}` +
			`{"data": {"return": {"name": "nested"}}}{"event": "A", "data": {"return": {"name": "nested"}}}`,
			ndjson.Options{}, []string{"localhost f.x STOP 5000006", "localhost f.x A 5000006"}},
		{"no time: the one before, and after", resume + resume + stop + resume, ndjson.Options{},
			[]string{"localhost f.x RESUME 5000006", "localhost f.x RESUME 5000006", "localhost f.x STOP 5000006", "localhost f.x RESUME 5000006"}},
		{"no time: -1", `{"timestamp": {"seconds": -1, "microseconds": -1}, "event": "STOP"}` + stop, ndjson.Options{},
			[]string{"localhost f.x STOP 5000006", "localhost f.x STOP 5000006"}},
		{"no time: received", `{"event": "RESUME", "received": "1970-01-01T00:00:02.000003Z"}` + resume, ndjson.Options{},
			[]string{"localhost f.x RESUME 2000003", "localhost f.x RESUME 2000003"}},
		{"no time: the first after was received", resume + `{"event": "RESUME", "received": "1970-01-01T00:00:02Z"}` + stop, ndjson.Options{},
			[]string{"localhost f.x RESUME 2000000", "localhost f.x RESUME 2000000", "localhost f.x STOP 5000006"}},
		{"no time anywhere", resume + resume, ndjson.Options{}, []string{"localhost f.x RESUME 0", "localhost f.x RESUME 0"}},
		{"ours: its VM's clock", stop + `{"event": "QMPALERT_GAP", "received": "1970-01-01T00:00:07Z"}{"event": "QMPALERT_GAP"}`, ndjson.Options{},
			[]string{"localhost f.x STOP 5000006", "localhost f.x QMPALERT_GAP none", "localhost f.x QMPALERT_GAP 7000000"}},
		{"ours: not about a VM", `{"event": "QMPALERT_RELOAD_FAILED", "received": "1970-01-01T00:00:07Z"}` + stop, ndjson.Options{},
			[]string{"localhost  QMPALERT_RELOAD_FAILED none", "localhost f.x STOP 5000006"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(t, "/dir/f.x.ndjson", tt.text, tt.opt); !slices.Equal(got, tt.want) {
				t.Errorf("read %q\nwant %q", got, tt.want)
			}
		})
	}
	for name, want := range map[string]string{"-": "stdin", ".ndjson": ".ndjson", "a": "a", "x/a.b.c": "a.b"} {
		if got := read(t, name, stop, ndjson.Options{}); got[0] != "localhost "+want+" STOP 5000006" {
			t.Errorf("a recording called %q is of %q, want %q", name, got[0], want)
		}
	}
}

// What a record says beside QMP survives; what nobody said is filled in.
func TestRecordsKeepWhatTheySay(t *testing.T) {
	line := `{"timestamp":{"seconds":5,"microseconds":6},"event":"STOP","host":"k","vm":{"name":"w","uuid":"u"},"source":"qmp:/run/w","received":"1970-01-01T00:00:07.000000Z","seq":9}`
	r, err := ndjson.New("f", strings.NewReader(line+stop), ndjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var ev event.Event
	if err := r.Next(&ev); err != nil {
		t.Fatal(err)
	}
	if got := string(ev.AppendJSON(nil)); got != line {
		t.Errorf("record\n  %s\nwant\n  %s", got, line)
	}
	if err := r.Next(&ev); err != nil || ev.Source != "file:f" || ev.Received != qmp.NoTime || ev.Seq != 0 {
		t.Errorf("event %+v, %v, want one of file:f that nobody received", ev, err)
	}
}

func TestDamageIsCounted(t *testing.T) {
	text := greeting + "\r\n" + stop + "\r\n{\"event\": \"RES\r\n" + stop + stop + "\r\n[1]\r\n" + answer + "\r\n\x00\xff}{\r\n" + resume +
		`{"event": "BIG", "data": {"x": "` + strings.Repeat("x", 2<<20) + `"}}` + stop + `{"event": "CU`
	r, err := ndjson.New("f", strings.NewReader(text), ndjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, r)); n != 5 {
		t.Errorf("%d events, want 5", n)
	}
	s := r.Stats()
	if s.Messages != 8 || s.Errors != 4 || !maps.Equal(s.Events, map[string]int{"STOP": 4, "RESUME": 1}) {
		t.Errorf("stats %+v, want 8 messages, 4 STOP, 1 RESUME, 4 errors", s)
	}
	if s.FirstError == nil || !strings.HasPrefix(s.FirstError.Error(), "f: line 3, column") {
		t.Errorf("first error %v, want file, line and column", s.FirstError)
	}
	if done, total := r.Progress(); done != total || total != int64(len(text)) {
		t.Errorf("read %d bytes of %d, want %d", done, total, len(text))
	}
}

func TestNamesWithoutEnd(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, `{"event": "E%d"}`, i)
	}
	r, err := ndjson.New("f", strings.NewReader(b.String()), ndjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all(t, r)
	if s := r.Stats(); len(s.Events) != 1001 || s.Events[ndjson.OtherEvents] != 2000 {
		t.Errorf("%d names, %d other events, want 1000 names and the rest as one", len(s.Events), s.Events[ndjson.OtherEvents])
	}
}

func TestVMs(t *testing.T) {
	text := stop + `{"event": "A", "vm": "w"}{"event": "B", "vm": {"name": "w"}, "host": "a"}{"event": "A", "vm": "w"}` +
		`{"event": "QMPALERT_RULE_SUSPENDED", "host": "z"}{"event": "` + answer
	r, err := ndjson.New("f", strings.NewReader(text), ndjson.Options{Host: "h"})
	if err != nil {
		t.Fatal(err)
	}
	var ev event.Event
	if err := r.Next(&ev); err != nil {
		t.Fatal(err)
	}
	vms, err := r.VMs()
	if want := []ndjson.Origin{{"a", "w"}, {"h", "f"}, {"h", "w"}}; err != nil || !slices.Equal(vms, want) {
		t.Errorf("VMs %v, %v, want %v", vms, err, want)
	}
	if rest := all(t, r); len(rest) != 4 {
		t.Errorf("%d events after a look at all, want the other 4", len(rest))
	}
}

// Everything that real QEMUs said, against the manifest beside the recordings.
func TestRecordings(t *testing.T) {
	dir := filepath.Join("..", "..", "examples", "recordings")
	text, err := os.ReadFile(filepath.Join(dir, "MANIFEST.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Files map[string]struct {
			Messages int            `json:"messages"`
			Events   map[string]int `json:"events"`
		} `json:"files"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil || len(manifest.Files) == 0 {
		t.Fatal(err, len(manifest.Files))
	}
	named := 0
	for name, want := range manifest.Files {
		r, err := ndjson.Open(filepath.Join(dir, name), ndjson.Options{})
		if err != nil {
			t.Fatal(err)
		}
		lines := all(t, r)
		s := r.Stats()
		if s.Messages != want.Messages || s.Errors != 0 || !maps.Equal(s.Events, want.Events) {
			t.Errorf("%s: %+v, want %+v and no error", name, s, want)
		}
		for _, line := range lines {
			if strings.HasSuffix(line, " none") || strings.HasSuffix(line, " 0") {
				t.Errorf("%s: event without a time: %s", name, line)
			}
			if strings.Fields(line)[1] != strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) {
				named++
			}
		}
	}
	t.Logf("%d events are of VMs that the recording names", named)
}

// A pipe larger than what is kept in memory, and the look ahead over it.
func TestPipe(t *testing.T) {
	in, out := io.Pipe()
	const count = 50_000
	go func() {
		_, _ = io.WriteString(out, strings.Repeat(resume+"\n", count)+answer+stop)
		out.Close()
	}()
	r, err := ndjson.New("-", in, ndjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := all(t, r)
	if len(lines) != count+1 || lines[0] != "localhost db1 RESUME 5000006" || lines[count] != "localhost db1 STOP 5000006" {
		t.Errorf("%d events from %q to %q", len(lines), lines[0], lines[len(lines)-1])
	}
	broken := errors.New("broken")
	if _, err := ndjson.New("-", io.MultiReader(strings.NewReader(stop), failing{broken}), ndjson.Options{}); !errors.Is(err, broken) {
		t.Errorf("New of a broken pipe = %v, want %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := ndjson.Open(dir, ndjson.Options{}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("Open of a directory = %v, want an error that names it", err)
	}
	if _, err := ndjson.Open(filepath.Join(dir, "none"), ndjson.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open of nothing = %v, want %v", err, os.ErrNotExist)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := ndjson.Open(empty, ndjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if lines := all(t, r); len(lines) != 0 {
		t.Errorf("an empty file has events %q", lines)
	}
}

// FuzzReader: any bytes are read to the end, every event has a home and a time,
// and looking ahead changes nothing.
func FuzzReader(f *testing.F) {
	f.Add(stop + resume + answer)
	f.Add(resume + `{"event": "X", "vm": {"name": "a"}, "received": "2026-01-01T00:00:00Z"}` + "\x00{")
	f.Add(`{"event": "QMPALERT_GAP", "received": "2026-01-01T00:00:00Z"}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ndjson.New("f", strings.NewReader(text), ndjson.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		vms, err := r.VMs()
		if err != nil {
			t.Fatal(err)
		}
		var ev event.Event
		events := 0
		for r.Next(&ev) == nil {
			events++
			d := ev.Def()
			own := d != nil && d.Own
			if ev.Time == qmp.NoTime && (!own || ev.Received == qmp.NoTime) {
				t.Errorf("%s has no time", ev.Name)
			}
			if ev.VM.Name == "" && own {
				continue
			}
			if !slices.Contains(vms, ndjson.Origin{Host: ev.Host, VM: ev.VM.Name}) {
				t.Errorf("%s is of %q on %q, which VMs %q does not have", ev.Name, ev.VM.Name, ev.Host, vms)
			}
		}
		s := r.Stats()
		for _, n := range s.Events {
			events -= n
		}
		if events != 0 || (s.Errors > 0) != (s.FirstError != nil) {
			t.Errorf("stats %+v differ from what was read by %d", s, events)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	line := `{"timestamp": {"seconds": 1700000000, "microseconds": 5}, "event": "QUORUM_REPORT_BAD", "data": {"node-name": "c", "sectors-count": 128, "sector-num": 0, "type": "read"}}` + "\r\n"
	const count = 10_000
	path := filepath.Join(b.TempDir(), "f.ndjson")
	if err := os.WriteFile(path, []byte(strings.Repeat(line, count)), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(line) * count))
	b.ReportAllocs()
	for b.Loop() {
		r, err := ndjson.Open(path, ndjson.Options{})
		if err != nil {
			b.Fatal(err)
		}
		var ev event.Event
		for r.Next(&ev) == nil {
		}
		if n := r.Stats().Messages; n != count {
			b.Fatal(n)
		}
		r.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/event")
}
