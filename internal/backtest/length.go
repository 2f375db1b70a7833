package backtest

import (
	"fmt"
	"math"
	"time"

	"github.com/qmpalert/qmpalert/internal/duration"
)

// Length prints how long something was, as exactly as people need it: "820ms",
// "9s500ms", "12m3s", "2d4h".
func Length(d time.Duration) string {
	d = d.Abs()
	switch {
	case d > 0 && d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < 10*time.Second:
		d = d.Round(time.Millisecond)
	case d < 10*time.Hour:
		d = d.Round(time.Second)
	default:
		d = d.Round(time.Minute)
	}
	return duration.Format(d)
}

// between is the time from one moment to another, in microseconds since 1970,
// or as much of it as fits: an event may have any time.
func between(from, to int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Microsecond)
	d := to - from
	switch {
	case from < 0 && to > 0 && d < 0, d > most:
		return math.MaxInt64
	case from > 0 && to < 0 && d > 0, d < -most:
		return -math.MaxInt64
	}
	return time.Duration(d) * time.Microsecond
}
