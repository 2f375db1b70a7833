package diag

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
		got := string(JSONLine([]byte("before "), []byte(in)))
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
		line := strings.TrimSuffix(string(JSONLine(nil, text)), "\n")
		var got string
		if err := json.Unmarshal([]byte(line), &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") {
			t.Fatalf("%q became %q: %v", s, line, err)
		}
		if strings.ContainsFunc(line, unicode.IsControl) {
			t.Fatalf("%q: a control character is left: %q", s, line)
		}
	}
}

// TestJSONOfFindingsIsHarmless: a message quotes what stands in a file.
func TestJSONOfFindingsIsHarmless(t *testing.T) {
	var b strings.Builder
	if err := JSON(&b, List{New(UnknownEvent, Pos{File: "\u202e.yml"}, "unknown event `\u009b31m\x7f`")}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !json.Valid([]byte(got)) || strings.ContainsAny(got, "\u202e\u009b\x7f") {
		t.Errorf("%q", got)
	}
}
