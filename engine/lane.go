package engine

import (
	"slices"

	"github.com/qmpalert/qmpalert/rules"
)

// lane holds the rules that see time pass alike and the same records. Each
// host, VM or the fleet has a partition of it.
type lane struct {
	laneID
	rules []*rules.Rule
	since []uint64 // by rule: the last event that arrived before it was loaded
	done  []work   // by rule
	index *rules.Index

	makes   bool  // some rule makes records
	asks    bool  // some rule wants answers of the VM before it fires
	missing []int // rules with absent_for and without `by`: about whoever is known
}

// laneID is what the rules of a lane have in common.
type laneID struct {
	scope    rules.Scope
	lateness int64       // microseconds
	level    int         // rules.Rule.Level
	records  rules.Scope // rules.Rule.WideRecords
}

func laneOf(r *rules.Rule) laneID {
	return laneID{r.Scope, micros(r.Lateness), r.Level, r.WideRecords}
}

// lanesOf groups rules, those of lower level first, else in order of appearance.
func lanesOf(set *rules.Set) []*lane {
	var lanes []*lane
	for _, r := range set.Rules() {
		id := laneOf(r)
		i := slices.IndexFunc(lanes, func(l *lane) bool { return l.laneID == id })
		if i < 0 {
			i = len(lanes)
			lanes = append(lanes, &lane{laneID: id})
		}
		lanes[i].add(r)
	}
	for _, l := range lanes {
		l.index = rules.NewIndex(l.rules)
	}
	slices.SortStableFunc(lanes, func(a, b *lane) int { return a.level - b.level })
	return lanes
}

func (l *lane) add(r *rules.Rule) {
	if r.Form == rules.FormAbsent && len(r.By) == 0 {
		l.missing = append(l.missing, len(l.rules))
	}
	l.makes = l.makes || r.Record != ""
	l.asks = l.asks || r.Confirm != nil
	l.rules = append(l.rules, r)
	l.since = append(l.since, 0)
	l.done = append(l.done, work{})
}

// levelsOf is one more than the greatest level.
func levelsOf(lanes []*lane) int {
	if len(lanes) == 0 {
		return 1
	}
	return lanes[len(lanes)-1].level + 1
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
