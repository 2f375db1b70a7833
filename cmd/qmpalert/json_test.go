package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

func TestJSONLine(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":"db1 é😀 \u001b"}`:            `{"a":"db1 é😀 \u001b"}`,
		"{\"a\":\"x\u009b2J\u0085y\x7f\"}": `{"a":"x\u009b2J\u0085y\u007f"}`,
		"{\"\u202e\":\"\u2028\u2029\"}":    `{"\u202e":"\u2028\u2029"}`,
		"[\"\U000e0041\", \"\ufeff\"]":     `["\udb40\udc41", "\ufeff"]`,
		``:                                 ``,
	} {
		got := string(jsonLine([]byte("before "), []byte(in)))
		if got != "before "+want+"\n" {
			t.Errorf("%q gives %q", in, got)
		}
	}
}

// TestJSONLineChangesTheSpellingOnly asks for every character.
func TestJSONLineChangesTheSpellingOnly(t *testing.T) {
	for r := range unicode.MaxRune + 1 {
		s := "a" + string(r) + "b"
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		line := strings.TrimSuffix(string(jsonLine(nil, text)), "\n")
		var got string
		if err := json.Unmarshal([]byte(line), &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") {
			t.Fatalf("%q became %q: %v", s, line, err)
		}
		if strings.ContainsFunc(line, unicode.IsControl) {
			t.Fatalf("%q: a control character is left: %q", s, line)
		}
	}
}

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
