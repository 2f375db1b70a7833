package dispatch

import "time"

// Settings are how a route tells. See Route.
type Settings struct {
	GroupWait, GroupInterval, RepeatInterval time.Duration
	Escalate                                 *Escalation // nil: never
}
