package dispatch

import (
	"fmt"
	"math"
	"time"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

// never is a time that does not come, long the time before the first one.
const (
	never   = int64(math.MaxInt64)
	longAgo = int64(math.MinInt64)
)

// clock says when a route sleeps: at times at which its receiver is not told
// of a beginning.
type clock struct {
	mute, active []named
	asleep       bool
	next         int64 // when to look again
}

// named is a time interval.
type named struct {
	name      string
	intervals alertmanager.Intervals
}

// newClock returns nil for a route that never sleeps.
func newClock(r *Route, intervals map[string]alertmanager.Intervals) (*clock, error) {
	c := &clock{next: longAgo}
	for _, list := range []struct {
		names []string
		into  *[]named
	}{{r.MuteTimeIntervals, &c.mute}, {r.ActiveTimeIntervals, &c.active}} {
		for _, name := range list.names {
			in, ok := intervals[name]
			if !ok {
				return nil, fmt.Errorf("there is no time interval %q", name)
			}
			*list.into = append(*list.into, named{name, in})
		}
	}
	if len(c.mute)+len(c.active) == 0 {
		return nil, nil
	}
	return c, nil
}

// mutes returns what puts the route to sleep at an instant.
func (c *clock) mutes(at int64) []Mute {
	if c == nil {
		return nil
	}
	var out []Mute
	for _, n := range c.mute {
		if n.intervals.Active(at) {
			out = append(out, Mute{ByTimeInterval, n.name, "in the mute time interval " + n.name})
		}
	}
	for _, n := range c.active {
		if n.intervals.Active(at) {
			return out
		}
	}
	if len(c.active) > 0 {
		out = append(out, Mute{ByTimeInterval, c.active[0].name, "outside of the active time interval " + c.active[0].name})
	}
	return out
}

// lookAhead bounds how far the next change is looked for at once.
const lookAhead = int64(24 * time.Hour / time.Microsecond)

// look sees whether the route sleeps at an instant, and when that may change.
func (c *clock) look(at int64) (changed bool) {
	asleep := len(c.mutes(at)) > 0
	changed, c.asleep = asleep != c.asleep, asleep
	c.next = at + lookAhead
	for _, list := range [2][]named{c.mute, c.active} {
		for _, n := range list {
			if next, ok := n.intervals.Change(at, c.next); ok {
				c.next = next
			}
		}
	}
	return changed
}
