package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
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
