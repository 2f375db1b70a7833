package main

import (
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// TestStatsAreHarmless: the names in the counts are those of events and files.
func TestStatsAreHarmless(t *testing.T) {
	var b strings.Builder
	files := []replay.File{{Name: "a\u202e.qmp", Stats: ndjson.Stats{Messages: 1, Events: map[string]int{"X\u009b<\u2028": 1}}}}
	if err := printFiles(&b, true, files); err != nil {
		t.Fatal(err)
	}
	want := `{"files":{"a\u202e.qmp":{"messages":1,"events":{"X\u009b<\u2028":1},"errors":0,"late":0}}}` + "\n"
	if b.String() != want {
		t.Errorf("got %s", b.String())
	}
}
