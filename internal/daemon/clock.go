package daemon

import "time"

// wallClock returns the clock that stamps events as they are received, in
// microseconds since 1970 UTC: the wall clock at start plus the monotonic time
// since, so that a step of the host's clock shows in the events' own times and
// never in ours.
func wallClock() func() int64 {
	start := time.Now()
	base := start.UnixMicro()
	return func() int64 { return base + time.Since(start).Microseconds() }
}
