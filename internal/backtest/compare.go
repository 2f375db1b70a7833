package backtest

import (
	"cmp"
	"slices"
	"time"
)

// Difference is an alert that only one set of rules makes, or that both make,
// but not the same.
type Difference struct {
	Before, After *Alert // of the two sets; one of them may be nil

	// Later is how much later After starts, Longer how much longer it lasts;
	// negative: earlier, shorter. 0 where one of them is nil.
	Later, Longer time.Duration
	// Endless says that only one of them has an end; Longer is then as of the
	// newest event.
	Endless bool
	// Relabelled says that the labels differ.
	Relabelled bool
}

// What says in words what differs: "added", "gone", or one or more of
// "earlier", "later", "longer", "shorter", "labels".
func (d *Difference) What() []string {
	switch {
	case d.Before == nil:
		return []string{"added"}
	case d.After == nil:
		return []string{"gone"}
	}
	var words []string
	switch {
	case d.Later < 0:
		words = append(words, "earlier")
	case d.Later > 0:
		words = append(words, "later")
	}
	switch {
	case d.Endless && d.After.Open(), !d.Endless && d.Longer > 0:
		words = append(words, "longer")
	case d.Endless, d.Longer < 0:
		words = append(words, "shorter")
	}
	if d.Relabelled {
		words = append(words, "labels")
	}
	return words
}

// Start is when the earlier of the two starts.
func (d *Difference) Start() int64 {
	switch {
	case d.Before == nil:
		return d.After.Start
	case d.After == nil:
		return d.Before.Start
	}
	return min(d.Before.Start, d.After.Start)
}

// Either is the alert after, or before where there is none after.
func (d *Difference) Either() *Alert { return cmp.Or(d.After, d.Before) }

// Comparison is what Compare found.
type Comparison struct {
	Differences []Difference // in order of start, name and labels
	Same        int          // alerts that both sets make alike
}

// Compare pairs the alerts of two sets of rules, each in order of start: those
// of one name about the same thing (its key labels; those of both rules, where
// the key was changed) that fire at the same time, the earlier ones first.
// Alerts that ended before from count only beside a partner that did not. Last
// is the newest time of an event.
func Compare(before, after []Alert, from, last int64) Comparison {
	names := commonKeys(before, after)
	groups := make(map[string]*group)
	var order []*group // a map has none
	of := func(a *Alert) *group {
		key := a.key(names[a.Name])
		g := groups[key]
		if g == nil {
			g = &group{}
			groups[key] = g
			order = append(order, g)
		}
		return g
	}
	for i := range before {
		g := of(&before[i])
		g.before = append(g.before, &before[i])
	}
	for i := range after {
		g := of(&after[i])
		g.after = append(g.after, &after[i])
	}
	var c Comparison
	for _, g := range order {
		g.pair(&c, from, last)
	}
	slices.SortStableFunc(c.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Start(), b.Start()), cmp.Compare(a.Either().Name, b.Either().Name),
			compareLabels(a.Either().Labels, b.Either().Labels))
	})
	return c
}

// commonKeys gives for each name of an alert the key labels that it has in both
// sets, or in the only one that has it.
func commonKeys(before, after []Alert) map[string][]string {
	names := make(map[string][]string)
	for i := range before {
		if a := &before[i]; names[a.Name] == nil {
			names[a.Name] = append([]string{}, a.keyLabels()...)
		}
	}
	narrowed := make(map[string]bool)
	for i := range after {
		a := &after[i]
		if narrowed[a.Name] {
			continue
		}
		narrowed[a.Name] = true
		if names[a.Name] == nil {
			names[a.Name] = a.keyLabels()
			continue
		}
		now := a.keyLabels()
		names[a.Name] = slices.DeleteFunc(names[a.Name], func(n string) bool { return !slices.Contains(now, n) })
	}
	return names
}

// group is the alerts about one thing, each list in order of start.
type group struct{ before, after []*Alert }

// pair walks both lists together. What ends before the other begins has no
// partner.
func (g *group) pair(c *Comparison, from, last int64) {
	before, after := g.before, g.after
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && endsFirst(before[0], after[0]):
			if before[0].reaches(from) {
				c.Differences = append(c.Differences, Difference{Before: before[0]})
			}
			before = before[1:]
		case len(before) == 0 || endsFirst(after[0], before[0]):
			if after[0].reaches(from) {
				c.Differences = append(c.Differences, Difference{After: after[0]})
			}
			after = after[1:]
		default:
			d, differs := difference(before[0], after[0], last)
			switch {
			case !before[0].reaches(from) && !after[0].reaches(from):
			case differs:
				c.Differences = append(c.Differences, d)
			default:
				c.Same++
			}
			before, after = before[1:], after[1:]
		}
	}
}

func endsFirst(a, b *Alert) bool { return !a.Open() && a.End < b.Start }

func difference(before, after *Alert, last int64) (d Difference, differs bool) {
	d = Difference{
		Before: before, After: after,
		Later:      between(before.Start, after.Start),
		Longer:     after.Lasted(last) - before.Lasted(last),
		Endless:    before.Open() != after.Open(),
		Relabelled: compareLabels(before.Labels, after.Labels) != 0,
	}
	if before.Open() && after.Open() {
		d.Longer = 0 // that one began later says it all
	}
	return d, d.Later != 0 || d.Longer != 0 || d.Endless || d.Relabelled
}
