package backtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/rules"
)

// load compiles the rules of one group.
func load(t testing.TB, text string) *rules.Set {
	t.Helper()
	set, findings := rules.Load([]rules.File{{Name: "rules.yml", Src: []byte("groups:\n- name: g\n  rules:\n" + text)}}, rules.Options{})
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// recording writes lines "SECONDS VM EVENT" and returns a reader of them.
func recording(t testing.TB, lines ...string) replay.Recordings {
	t.Helper()
	var b strings.Builder
	for _, line := range lines {
		var seconds int64
		var vm, event string
		if _, err := fmt.Sscan(line, &seconds, &vm, &event); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, `{"timestamp": {"seconds": %d, "microseconds": 0}, "event": %q, "vm": %q}`+"\n", seconds, event, vm)
	}
	path := filepath.Join(t.TempDir(), "r.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return replay.Recordings{Paths: []string{path}}
}

// stories is "A db1 100-110 resolve", one for each alert.
func stories(alerts []Alert) []string {
	var out []string
	for i := range alerts {
		a := &alerts[i]
		end := ""
		if !a.Open() {
			end = fmt.Sprint(a.End / 1e6)
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %d-%s %s", a.Name, a.Labels.Get("vm"), a.Start/1e6, end, a.Reason)))
	}
	return out
}

// recent are the alerts of the time that was asked for.
func recent(r Result) []Alert {
	return slices.DeleteFunc(r.Alerts[0], func(a Alert) bool { return !a.reaches(r.From) })
}

const twoRules = `
  - alert: Stopped
    event: STOP
    resolve: RESUME
  - alert: Reset
    event: RESET
    for: 10s
    resolve: SHUTDOWN
`

func TestRun(t *testing.T) {
	r := recording(t,
		"100 db1 STOP", "101 db1 STOP", "110 db1 RESUME", "120 db2 STOP", "130 db1 RESET", "135 db1 SHUTDOWN", "200 db1 STOP")
	tests := []struct {
		name  string
		since time.Duration
		want  []string
	}{
		{"all", 0, []string{"Stopped db1 100-110 resolve", "Stopped db2 120-", "Stopped db1 200-"}},
		{"the end counts", 90 * time.Second, []string{"Stopped db1 100-110 resolve", "Stopped db2 120-", "Stopped db1 200-"}},
		{"since", 89 * time.Second, []string{"Stopped db2 120-", "Stopped db1 200-"}},
		{"what still fires is never too old", time.Second, []string{"Stopped db2 120-", "Stopped db1 200-"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Run(t.Context(), r, []*rules.Set{load(t, twoRules)}, tt.since)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, stories(recent(got))); d != "" {
				t.Error(d)
			}
			if got.First != 100e6 || got.Last != 200e6 {
				t.Errorf("events from %d to %d", got.First, got.Last)
			}
		})
	}
}

// TestRunTwo: both sets see every event, and each its own alerts.
func TestRunTwo(t *testing.T) {
	r := recording(t, "100 db1 STOP", "110 db1 RESUME")
	before, after := load(t, twoRules), load(t, "  - alert: Resumed\n    event: RESUME\n")
	got, err := Run(t.Context(), r, []*rules.Set{before, after}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"Stopped db1 100-110 resolve"}, stories(got.Alerts[0])); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Resumed db1 110-410 quiet"}, stories(got.Alerts[1])); d != "" {
		t.Error(d)
	}
	if got.Files[0].Events["STOP"] != 1 {
		t.Errorf("STOP was counted %d times", got.Files[0].Events["STOP"])
	}
}

func TestTooMany(t *testing.T) {
	h := newHistory(load(t, twoRules))
	h.max = 1
	pass := func(lines ...string) error {
		_, err := recording(t, lines...).Feed(context.Background(), []*rules.Set{h.set}, func(_ int, c []alert.Change) error { return h.add(c) })
		return err
	}
	if err := pass("100 db1 STOP"); err != nil {
		t.Fatal(err)
	}
	if err := pass("100 db2 STOP"); err == nil || !strings.Contains(err.Error(), "more than 1 alerts") {
		t.Errorf("the second of one alert: %v", err)
	}
}

func TestSummarize(t *testing.T) {
	set := load(t, twoRules+"  - alert: Powered\n    event: POWERDOWN\n    mode: shadow\n")
	r := recording(t,
		"100 db1 STOP", "110 db1 RESUME", "120 db1 STOP", "125 db1 RESUME", "130 a STOP", "140 b STOP", "150 c STOP", "160 c POWERDOWN")
	got, err := Run(t.Context(), r, []*rules.Set{set}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, s := range Summarize(set, got.Alerts[0], got.From, got.Last) {
		line := fmt.Sprintf("%s fired=%d for=%s open=%d messages=%d keys=%d", s.Rule.Name, s.Fired, s.Firing, s.Open, s.Messages, s.Keys)
		for _, n := range s.Noisy {
			line += fmt.Sprintf(" %s×%d", n.Labels.Get("vm"), n.Fired)
		}
		lines = append(lines, line)
	}
	want := []string{
		"Stopped fired=5 for=1m15s open=3 messages=7 keys=4 db1×2 a×1 b×1",
		"Powered fired=1 for=5m0s open=0 messages=0 keys=1 c×1",
		"Reset fired=0 for=0s open=0 messages=0 keys=0",
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
}
