package diag

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSuggest(t *testing.T) {
	candidates := []string{"event", "expr", "within", "count", "node-name", "QUORUM_REPORT_BAD", "QUORUM_FAILURE", "STOP", "id"}
	for word, want := range map[string]string{
		"evnt":              "event",
		"evetn":             "event",
		"Event":             "event",
		"wihtin":            "within",
		"node_name":         "node-name",
		"nodename":          "node-name",
		"quorum-report-bad": "QUORUM_REPORT_BAD",
		"QUORUM_REPORT":     "QUORUM_REPORT_BAD",
		"QUORUM_FAILED":     "QUORUM_FAILURE",
		"STOPP":             "STOP",
		"iid":               "id",
		"event":             "event",
		"":                  "",
		"xyzzy":             "",
		"zz":                "",
		"x":                 "",
		"severity":          "",
	} {
		if got := Suggest(word, candidates); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := Suggest(strings.Repeat("é", 10_000), []string{strings.Repeat("é", 10_000)}); got != "" {
		t.Error("compared words without bound")
	}
	if DidYouMean("evnt", candidates) != "did you mean `event`?" || DidYouMean("xyzzy", candidates) != "" {
		t.Error("the hint is wrong")
	}
}

// TestDistance compares with the textbook recursion.
func TestDistance(t *testing.T) {
	var slow func(a, b string) int
	slow = func(a, b string) int {
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		cost := 1
		if a[len(a)-1] == b[len(b)-1] {
			cost = 0
		}
		d := min(slow(a[:len(a)-1], b)+1, slow(a, b[:len(b)-1])+1, slow(a[:len(a)-1], b[:len(b)-1])+cost)
		if len(a) > 1 && len(b) > 1 && a[len(a)-1] == b[len(b)-2] && a[len(a)-2] == b[len(b)-1] {
			d = min(d, slow(a[:len(a)-2], b[:len(b)-2])+1)
		}
		return d
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ab]{0,6}`)
		a, b, limit := word.Draw(t, "a"), word.Draw(t, "b"), rapid.IntRange(1, 8).Draw(t, "limit")
		want, got := slow(a, b), distance([]rune(a), []rune(b), limit)
		if got != want && (got < limit || want < limit) {
			t.Fatalf("distance(%q, %q, %d) = %d, want %d", a, b, limit, got, want)
		}
	})
}
