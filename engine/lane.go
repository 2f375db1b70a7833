package engine

import "github.com/qmpalert/qmpalert/rules"

// lane holds the rules that see time pass alike: those of one scope and one
// lateness. Each host, VM or the fleet has a partition of it.
type lane struct {
	scope    rules.Scope
	lateness int64 // microseconds
	rules    []*rules.Rule
	since    []uint64 // by rule: the last event that arrived before it was loaded
	index    *rules.Index
}

// seat is the place of a rule in its lane.
type seat struct {
	lane *lane
	i    int
}

func seatsOf(lanes []*lane) map[ruleID]seat {
	seats := make(map[ruleID]seat)
	for _, l := range lanes {
		for i, r := range l.rules {
			seats[idOf(r)] = seat{l, i}
		}
	}
	return seats
}
