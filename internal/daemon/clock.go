package daemon

import "time"

// wallClock returns the clock that stamps events as they are received, in
// microseconds since 1970 UTC: the wall clock at start plus the monotonic time
// since, so that a step of the host's clock shows in the events' own times and
// never in ours. It begins at least at least: what a former process has seen is
// over, also if the host's clock was set back meanwhile.
func wallClock(least int64) func() int64 {
	start := time.Now()
	base := max(start.UnixMicro(), least)
	return func() int64 { return base + time.Since(start).Microseconds() }
}
