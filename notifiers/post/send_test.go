package post

import (
	"testing"
	"time"
)

func TestRetryAfterInBody(t *testing.T) {
	for body, want := range map[string]time.Duration{
		"":                                   0,
		"slow down":                          0,
		"{}":                                 0,
		`{"retry_after":"soon"}`:             0,
		`{"retry_after":-1}`:                 0,
		`{"retry_after":0.6543}`:             655 * time.Millisecond,
		`{"retry_after_ms":1}`:               time.Millisecond,
		`{"parameters":{"retry_after":35}}`:  35 * time.Second,
		`{"retry_after":1e300}`:              maxAfter,
		`{"retry_after":1e999}`:              0,
		`[{"retry_after":1}]`:                0,
		`{"retry_after":3,"parameters":"x"}`: 0,
	} {
		if got, ok := retryAfterInBody([]byte(body)); got != want || ok != (want > 0) {
			t.Errorf("%s: %v, %t, want %v", body, got, ok, want)
		}
	}
}
