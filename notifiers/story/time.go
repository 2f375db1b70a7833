package story

import (
	"fmt"
	"time"

	"github.com/qmpalert/qmpalert/qmp"
)

// Known reports whether t, in microseconds since 1970 UTC, is a time that can
// be printed: not qmp.NoTime and within the years that RFC 3339 can write.
func Known(t int64) bool {
	if t == qmp.NoTime {
		return false
	}
	y := time.UnixMicro(t).UTC().Year()
	return y >= 0 && y <= 9999
}

// UTC prints t, in microseconds since 1970, for people: to the second, with
// the zone. It is "unknown time" where there is none.
func UTC(t int64) string {
	if !Known(t) {
		return "unknown time"
	}
	return time.UnixMicro(t).UTC().Format("2006-01-02 15:04:05 UTC")
}

// Span prints a length of time in its two largest units: "12m 3s", "2d 4h",
// "820ms".
func Span(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return two(d, time.Minute, "m", time.Second, "s")
	case d < day:
		return two(d, time.Hour, "h", time.Minute, "m")
	default:
		return two(d, day, "d", time.Hour, "h")
	}
}

func two(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	head := fmt.Sprintf("%d%s", d/big, bigName)
	if rest := d % big / small; rest > 0 {
		head += fmt.Sprintf(" %d%s", rest, smallName)
	}
	return head
}
