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
