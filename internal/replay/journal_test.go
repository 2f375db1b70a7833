package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/store"
)

const fleetRules = `
groups:
  - name: g
    rules:
      - alert: Stopped
        event: STOP
        resolve: RESUME
      - alert: Long
        event: STOP
        for: 1m
        resolve: RESUME
      - alert: Many
        event: STOP
        scope: fleet
        lateness: 5s
        count: 2
        within: 30s
`

// live steps a machine as a daemon does: what it is given it keeps first.
type live struct {
	t       *testing.T
	journal *store.Journal
	machine *engine.Machine
	changes []alert.Change
}

func newLive(t *testing.T, dir string) *live {
	t.Helper()
	j, _, err := store.OpenJournal(dir, store.JournalOptions{Segment: 600})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return &live{t: t, journal: j, machine: engine.New(parse(t, fleetRules), engine.Options{Confirm: engine.ConfirmSkip})}
}

func (l *live) append(line []byte) {
	l.t.Helper()
	if _, err := l.journal.Append(line); err != nil {
		l.t.Fatal(err)
	}
}

// event is "VM EVENT TIME RECEIVED", times in seconds.
func (l *live) event(vm, name string, at, received int64) {
	line := fmt.Appendf(nil, `{"timestamp":{"seconds":%d,"microseconds":0},"event":%q,"host":"h","vm":{"name":%q},"source":"qmp:x","received":"%s"}`,
		at, name, vm, event.AppendTime(nil, received*1e6))
	l.append(line)
	ev, err := event.Parse(line)
	if err != nil {
		l.t.Fatal(err)
	}
	ev.Seq = l.journal.Last()
	l.changes = append(l.changes, l.machine.Step(ev).Changes...)
}

func (l *live) time(at int64) {
	l.append(fmt.Appendf(nil, `{"qmpalert":"time","at":"%s"}`, event.AppendTime(nil, at*1e6)))
	l.changes = append(l.changes, l.machine.Advance(at*1e6).Changes...)
}

// day is a day with late events, silence, and things that people did.
func (l *live) day() {
	l.append([]byte(`{"qmpalert":"swap","at":"1970-01-01T00:00:00.000000Z","rules":"abc","route":{}}`))
	l.event("a", "STOP", 100, 101)
	l.event("b", "STOP", 103, 104)
	l.time(140)
	l.event("c", "STOP", 120, 141) // late for the fleet, for time has passed
	l.event("a", "RESUME", 150, 151)
	l.append([]byte(`{"qmpalert":"ack","at":"1970-01-01T00:02:35.000000Z","ack":{"by":"me"}}`))
	l.time(200)
	l.event("b", "RESUME", 205, 206)
	l.event("c", "RESUME", 207, 207)
	if err := l.journal.Pack(); err != nil {
		l.t.Fatal(err)
	}
	for i := range int64(12) {
		l.event("d", []string{"STOP", "RESUME"}[i%2], 300+20*i, 301+20*i)
	}
	l.changes = append(l.changes, l.machine.Finish(-1).Changes...)
	Sort(l.changes)
}

func lines(changes []alert.Change) (out []string) {
	for i := range changes {
		out = append(out, string(changes[i].AppendJSON(nil)))
	}
	return out
}

// TestJournal: the journal of a daemon gives the alerts that the daemon gave,
// byte for byte, from its folder, the folder above, and while it writes.
func TestJournal(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "journal")
	l := newLive(t, dir)
	l.day()
	packed, err := filepath.Glob(filepath.Join(dir, "*.gz"))
	if err != nil || len(packed) == 0 {
		t.Fatal(packed, err)
	}
	for _, path := range []string{dir, above} {
		paths, err := Expand([]string{path})
		if err != nil || !slices.Equal(paths, []string{dir}) {
			t.Fatal(paths, err)
		}
		got, err := Run(t.Context(), parse(t, fleetRules), paths, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(lines(l.changes), lines(got.Changes)); d != "" {
			t.Errorf("%s (-live +replay):\n%s", path, d)
		}
		f := got.Files[0]
		if f.Messages != 22 || f.Errors != 0 || f.Events["STOP"] != 9 || f.Events["RESUME"] != 9 || f.Late == 0 {
			t.Errorf("stats %+v", f)
		}
	}
}

// TestDamagedJournal: an entry whose checksum is wrong is counted and skipped.
func TestDamagedJournal(t *testing.T) {
	dir := t.TempDir()
	l := newLive(t, dir)
	l.event("a", "STOP", 100, 100)
	l.event("b", "STOP", 101, 101)
	l.append([]byte(`{"neither":"event nor control"}`))
	path := filepath.Join(dir, fmt.Sprintf("%020d.ndjson", 1))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b = []byte(strings.Replace(string(b), `"a"`, `"x"`, 1))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Run(t.Context(), parse(t, stopped), []string{dir}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := got.Files[0]
	if want := []string{"101 firing Stopped b"}; !slices.Equal(told(got.Changes), want) || f.Errors != 1 || f.Messages != 2 || f.FirstError == nil {
		t.Errorf("%q, stats %+v", told(got.Changes), f)
	}
	if !strings.Contains(f.FirstError.Error(), "checksum") {
		t.Error(f.FirstError)
	}
}

// TestJournalBesideFiles: it is merged with other recordings by time.
func TestJournalBesideFiles(t *testing.T) {
	dir := t.TempDir()
	l := newLive(t, dir)
	l.event("a", "STOP", 100, 100)
	l.event("a", "RESUME", 130, 130)
	paths := append(files(t, map[string]string{"z.ndjson": "110 STOP\n120 RESUME\n"}), dir)
	got, err := Run(t.Context(), parse(t, stopped), paths, Options{})
	want := []string{"100 firing Stopped a", "110 firing Stopped z", "120 resolved Stopped z", "130 resolved Stopped a"}
	if err != nil || !slices.Equal(told(got.Changes), want) {
		t.Errorf("%q, %v", told(got.Changes), err)
	}
}
