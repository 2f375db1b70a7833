package daemon

import (
	"sync/atomic"
	"time"
)

// clock stamps events as they are received, in microseconds since 1970 UTC: the
// wall clock at start plus the monotonic time since, so that a step of the
// host's clock shows in the events' own times and never in ours.
type clock struct {
	start time.Time
	base  atomic.Int64
}

func newClock() *clock {
	c := &clock{start: time.Now()}
	c.base.Store(c.start.UnixMicro())
	return c
}

// now may be called by any goroutine.
func (c *clock) now() int64 { return c.base.Load() + time.Since(c.start).Microseconds() }

// notBefore sets the clock forward if it is behind least: what a former process
// has seen is over, also if the host's clock was set back meanwhile.
func (c *clock) notBefore(least int64) {
	if behind := least - c.now(); behind > 0 {
		c.base.Add(behind)
	}
}
