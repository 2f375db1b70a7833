package main

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const recordingsDir = "../../examples/recordings"

// TestReplayCountsRecordings replays every recording of a real QEMU and compares
// what --stats says with the manifest that was written beside them.
func TestReplayCountsRecordings(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(recordingsDir, "MANIFEST.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Files map[string]struct {
			Messages int
			Events   map[string]int
		}
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := qmpalert(t, t.Context(), "replay", "--stats", "--rules", "../../examples/rules", recordingsDir)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var stats struct {
		Files map[string]struct {
			Messages, Errors, Late int
			Events                 map[string]int
		}
	}
	if err := json.Unmarshal([]byte(stderr), &stats); err != nil {
		t.Fatalf("%v in %s", err, stderr)
	}
	if len(stats.Files) != len(manifest.Files) || len(manifest.Files) != 57 {
		t.Errorf("%d recordings were read, the manifest has %d, want 57", len(stats.Files), len(manifest.Files))
	}
	for name, want := range manifest.Files {
		got := stats.Files[filepath.Join(recordingsDir, name)]
		if got.Messages != want.Messages || !maps.Equal(got.Events, want.Events) || got.Errors != 0 {
			t.Errorf("%s: counted %+v, the manifest says %+v", name, got, want)
		}
	}
}

// TestReplayPrintsRecords: each line of replay -o json is an object with the
// members that every receiver relies on, in order of time.
func TestReplayPrintsRecords(t *testing.T) {
	stdout, stderr, code := qmpalert(t, t.Context(), "replay", "-o", "json", "--rules", "../../examples/rules", recordingsDir)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	lines, last := 0, ""
	in := bufio.NewScanner(strings.NewReader(stdout))
	in.Buffer(nil, 1<<20)
	for ; in.Scan(); lines++ {
		var c struct {
			At, Status, Alertname, Fingerprint, Reason string
			Labels                                     map[string]string
			Evidence                                   struct{ Events []json.RawMessage }
		}
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			t.Fatalf("line %d: %v", lines+1, err)
		}
		if c.At < last || len(c.At) != len("2026-11-21T07:41:01.733378Z") || c.Alertname == "" || len(c.Fingerprint) != 16 || c.Reason == "" {
			t.Errorf("line %d: %s", lines+1, in.Bytes())
		}
		last = c.At
	}
	if lines < 40 {
		t.Errorf("%d changes; the rules found hardly anything", lines)
	}
}
