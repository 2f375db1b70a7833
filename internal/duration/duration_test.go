package duration

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"0":           0,
		"0s":          0,
		"500ms":       500 * time.Millisecond,
		"30s":         30 * time.Second,
		"1h30m":       90 * time.Minute,
		"1d":          24 * time.Hour,
		"2w":          14 * 24 * time.Hour,
		"1y":          365 * 24 * time.Hour,
		"10y":         Max,
		"1d2h3m4s5ms": 26*time.Hour + 3*time.Minute + 4*time.Second + 5*time.Millisecond,
	} {
		got, err := Parse(in)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "empty",
		"5":                     "not a duration",
		"-5m":                   "negative",
		"1.5h":                  "not a duration",
		"5 m":                   "not a duration",
		"5min":                  "not a duration",
		"1m1h":                  "not a duration",
		"m":                     "not a duration",
		"11y":                   "longer than ten years",
		"10y1ms":                "longer than ten years",
		"99999999999999999999s": "longer than ten years",
		"300y":                  "longer than ten years",
	} {
		_, err := Parse(in)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "1h30m") {
			t.Errorf("Parse(%q): error %v, want one with %q and the form", in, err, want)
		}
	}
}

func TestFormatReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(Max/time.Millisecond)).Draw(t, "ms")) * time.Millisecond
		got, err := Parse(Format(d))
		if err != nil || got != d {
			t.Fatalf("Parse(Format(%v) = %q) = %v, %v", d, Format(d), got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("1h30m")
	f.Add("-1y")
	f.Add("18446744073709551615y")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err == nil && (d < 0 || d > Max) {
			t.Fatalf("Parse(%q) = %v, out of bounds", s, d)
		}
	})
}
