package replay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// parse loads a rule file that is right.
func parse(t testing.TB, text string) *rules.Set {
	t.Helper()
	set, findings := rules.Load([]rules.File{{Name: "rules.yml", Src: []byte(text)}}, rules.Options{})
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// files writes recordings of lines "SECONDS EVENT" and returns their paths in
// order of name.
func files(t testing.TB, recordings map[string]string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, text := range recordings {
		var b strings.Builder
		for line := range strings.Lines(text) {
			var seconds int64
			var event string
			if _, err := fmt.Sscan(line, &seconds, &event); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			fmt.Fprintf(&b, `{"timestamp": {"seconds": %d, "microseconds": 0}, "event": %q}`+"\n", seconds, event)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// told is what a test compares: "110 firing A vm".
func told(changes []alert.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%d %s %s %s", c.At/1e6, c.Status, c.Name, c.Labels.Get("vm")))
	}
	return out
}

const stopped = `
groups:
  - name: g
    rules:
      - alert: Stopped
        event: STOP
        resolve: RESUME
`

func TestRun(t *testing.T) {
	const fleet = `
groups:
  - name: g
    rules:
      - alert: Many
        event: STOP
        scope: fleet
        count: 3
        within: 10s
`
	const long = `
groups:
  - name: g
    rules:
      - alert: Long
        event: STOP
        for: 1h
        resolve: RESUME
`
	tests := []struct {
		name, rules string
		recordings  map[string]string
		opts        Options
		want        []string
	}{
		{"one file", stopped, map[string]string{"a.ndjson": "100 STOP\n110 RESUME\n"}, Options{},
			[]string{"100 firing Stopped a", "110 resolved Stopped a"}},
		{"files are merged", stopped, map[string]string{"a.ndjson": "100 STOP\n130 RESUME\n", "b.ndjson": "90 STOP\n110 RESUME\n"}, Options{},
			[]string{"90 firing Stopped b", "100 firing Stopped a", "110 resolved Stopped b", "130 resolved Stopped a"}},
		{"a rule of the fleet waits for all VMs", fleet,
			map[string]string{"a.ndjson": "100 STOP\n", "b.ndjson": "100 STOP\n120 STOP\n", "c.ndjson": "101 STOP\n130 STOP\n"}, Options{},
			[]string{"101 firing Many ", "120 resolved Many "}},
		{"time runs on to the last deadline", long, map[string]string{"a.ndjson": "100 STOP\n"}, Options{}, []string{"100 pending Long a", "3700 firing Long a"}},
		{"but not beyond the limit", long, map[string]string{"a.ndjson": "100 STOP\n"}, Options{Limited: true, Until: time.Minute}, []string{"100 pending Long a"}},
		{"who it was", stopped, map[string]string{"a.ndjson": "100 STOP\n"}, Options{VM: "db1", Host: "h"}, []string{"100 firing Stopped db1"}},
		{"nothing", stopped, map[string]string{"a.ndjson": ""}, Options{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Run(t.Context(), parse(t, tt.rules), files(t, tt.recordings), tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, told(got.Changes)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestOrderOfEqualTimes: of equal times the file named first comes first, so
// that a RESUME of the same moment ends what a STOP began, or does not.
func TestOrderOfEqualTimes(t *testing.T) {
	set := parse(t, stopped)
	paths := files(t, map[string]string{"stop.ndjson": "100 STOP\n", "resume.ndjson": "100 RESUME\n"})
	resume, stop := paths[0], paths[1]
	for _, tt := range []struct {
		order []string
		want  []string
	}{
		{[]string{stop, resume}, []string{"100 firing Stopped db1", "100 resolved Stopped db1"}},
		{[]string{resume, stop}, []string{"100 firing Stopped db1"}},
	} {
		got, err := Run(t.Context(), set, tt.order, Options{VM: "db1"})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, told(got.Changes)); d != "" {
			t.Errorf("%q: %s", tt.order, d)
		}
	}
}

// TestSplit: a recording that is split over files at any events, each VM's in
// one file, gives what the whole one gives.
func TestSplit(t *testing.T) {
	set := parse(t, stopped)
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		var whole, parts [3]strings.Builder
		now := 100
		for range rapid.IntRange(0, 40).Draw(rt, "events") {
			now += rapid.IntRange(1, 3).Draw(rt, "gap") // equal times are another test's
			vm := rapid.IntRange(0, 2).Draw(rt, "vm")
			name := rapid.SampledFrom([]string{"STOP", "RESUME"}).Draw(rt, "event")
			line := fmt.Sprintf(`{"timestamp": {"seconds": %d, "microseconds": 0}, "event": %q, "vm": "v%d"}`+"\n", now, name, vm)
			whole[0].WriteString(line)
			parts[vm].WriteString(line)
		}
		write := func(name, text string) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				rt.Fatal(err)
			}
			return path
		}
		one := []string{write("whole", whole[0].String())}
		var many []string
		for i := range parts {
			many = append(many, write(fmt.Sprint(i), parts[i].String()))
		}
		a, err := Run(t.Context(), set, one, Options{})
		if err != nil {
			rt.Fatal(err)
		}
		b, err := Run(t.Context(), set, many, Options{})
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(told(a.Changes), told(b.Changes)); d != "" {
			rt.Error(d)
		}
	})
}

func TestCounts(t *testing.T) {
	paths := files(t, map[string]string{"a.ndjson": "100 STOP\n50 RESUME\n101 STOP\n"})
	if err := os.WriteFile(paths[0]+"2", []byte("{\"event\":\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Run(t.Context(), parse(t, stopped), append(paths, paths[0]+"2"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, damaged := got.Files[0], got.Files[1]
	if a.Name != paths[0] || a.Messages != 3 || a.Errors != 0 || a.Events["STOP"] != 2 {
		t.Errorf("counted %+v", a)
	}
	if damaged.Errors != 1 || damaged.FirstError == nil || damaged.Messages != 0 {
		t.Errorf("counted %+v", damaged)
	}
}

func TestEnds(t *testing.T) {
	set := parse(t, stopped)
	if _, err := Run(t.Context(), set, []string{filepath.Join(t.TempDir(), "missing")}, Options{}); err == nil {
		t.Error("a missing file is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b strings.Builder
	for i := range 2 * beat {
		fmt.Fprintf(&b, "%d STOP\n", i)
	}
	if _, err := Run(ctx, set, files(t, map[string]string{"a.ndjson": b.String()}), Options{}); err == nil {
		t.Error("a replay that was cancelled ended well")
	}
}

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.ndjson", "a/z.qmp", "a/.hidden.ndjson", ".git/x.ndjson", "c.txt", "d.jsonl"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("a", filepath.Join(dir, "link")), syscall.Mkfifo(filepath.Join(dir, "pipe.ndjson"), 0o600)); err != nil {
		t.Fatal(err)
	}
	in := func(names ...string) []string {
		for i := range names {
			names[i] = filepath.Join(dir, names[i])
		}
		return names
	}
	for _, tt := range []struct {
		name        string
		paths, want []string // want nil: an error
	}{
		{"directory", in(""), in("a/z.qmp", "b.ndjson", "d.jsonl")},
		{"files keep their order, whatever they are called", in("d.jsonl", "c.txt"), in("d.jsonl", "c.txt")},
		{"standard input", []string{"-"}, []string{"-"}},
		{"missing", in("nope"), nil},
		{"twice", []string{"-", "-"}, nil},
		{"twice by a directory", in("b.ndjson", ""), nil},
		{"twice in other words", append(in("b.ndjson"), dir+"/a/../b.ndjson"), nil},
		{"a link to a directory", in("link"), in("link/z.qmp")},
		{"a pipe that is named", in("pipe.ndjson"), in("pipe.ndjson")},
		{"a hidden file that is named", in("", ".git/x.ndjson"), in("a/z.qmp", "b.ndjson", "d.jsonl", ".git/x.ndjson")},
	} {
		got, err := Expand(tt.paths)
		if (err != nil) != (tt.want == nil) || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

// TestConfirm: what a VM answered when it was recorded decides in a replay too.
// A recording of events alone holds no answers: its alerts fire and say so.
func TestConfirm(t *testing.T) {
	set := parse(t, `
groups:
  - name: g
    rules:
      - alert: Stopped
        event: STOP
        resolve: RESUME
        confirm: {query: query-status, expr: 'status == "io-error"'}
`)
	const stop = `{"timestamp": {"seconds": 100, "microseconds": 0}, "event": "STOP", "host": "h", "vm": "db1"}` + "\n"
	const later = `{"timestamp": {"seconds": 200, "microseconds": 0}, "event": "RTC_CHANGE", "host": "h", "vm": "db1"}` + "\n"
	labels := alert.Labels{{Name: "alertname", Value: "Stopped"}, {Name: "host", Value: "h"}, {Name: "severity", Value: "warning"}, {Name: "vm", Value: "db1"}}
	answer := func(text string) string {
		return fmt.Sprintf(`{"timestamp": {"seconds": 101, "microseconds": 0}, "event": "QMPALERT_ANSWER", "host": "h", "vm": "db1", `+
			`"data": {"fingerprint": %q, "query": "query-status", %s}}`+"\n", labels.Fingerprint(), text)
	}
	for _, tt := range []struct {
		name, recording string
		want            []string
		note            string
	}{
		{"no answers in it", stop + later, []string{"100 firing Stopped db1"}, "not asked"},
		{"yes", stop + answer(`"return": {"status": "io-error"}`) + later, []string{"101 firing Stopped db1"}, ""},
		{"no", stop + answer(`"return": {"status": "paused"}`) + later, nil, ""},
		{"it failed", stop + answer(`"error": "gone"`) + later, []string{"101 firing Stopped db1"}, "gone"},
		{"none to this question", strings.Replace(stop, "STOP", "RESUME", 1) + answer(`"return": {}`) + strings.Replace(stop, "100", "150", 1) + later,
			[]string{"155 firing Stopped db1"}, "not confirmed"},
	} {
		path := filepath.Join(t.TempDir(), "r.ndjson")
		if err := os.WriteFile(path, []byte(tt.recording), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Run(t.Context(), set, []string{path}, Options{Limited: true})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, told(got.Changes)); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
		for _, c := range got.Changes {
			if !strings.Contains(c.Evidence.Note, tt.note) || (c.Evidence.Note == "") != (tt.note == "") {
				t.Errorf("%s: the note is %q, want %q in it", tt.name, c.Evidence.Note, tt.note)
			}
		}
	}
}
