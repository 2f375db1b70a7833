package rules

import "github.com/qmpalert/qmpalert/event"

// MakeRecord builds the event of a record rule, at time t in microseconds since
// 1970: host and vm by scope, and as members, nested as in QMP, those of By,
// those of ev, which made it (nil for a condition that began without one), and
// match_count.
func (r *Rule) MakeRecord(ev *event.Event, key []string, host, vm string, matches, t int64) *event.Event {
	return &event.Event{}
}
