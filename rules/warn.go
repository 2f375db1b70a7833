package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// unreachable warns of a count that one key cannot reach within the window
// because QEMU sends each of its events at most once a second: the first at
// once, then the last of each second with its own time, which makes two more
// than the window has seconds.
func (c *compiler) unreachable(r *Rule) {
	need, key := c.least(r), r.Form.String()
	if need == 0 || r.Within == 0 {
		return
	}
	if need > MaxCount {
		c.add(diag.New(diag.Unreachable, c.keyPos(key), "%d matches are never reached: a window keeps the newest %d", need, MaxCount).
			WithHint("lower the number"))
		return
	}
	if r.Scope != ScopeVM {
		return
	}
	most := 0
	var names []string
	for _, t := range c.targets {
		if t.optional() {
			continue
		}
		n, limited := mostWithin(t, r)
		if !limited {
			return
		}
		most += n
		names = append(names, t.name)
	}
	if len(names) == 0 || need <= most {
		return
	}
	what := names[0]
	if len(names) > 1 {
		what = "each of " + listEvents(names)
	}
	c.add(diag.New(diag.Unreachable, c.keyPos(key), "%d matches within %s are never reached: %s", need, duration.Format(r.Within), sentence(what, c.targets)).
		WithHint("at most %d can be in this window: lower `count` or lengthen `within`", most))
}

// sentence says how QEMU limits the events.
func sentence(what string, targets []target) string {
	since := ""
	var key []string
	for _, t := range targets {
		if th := throttleNow(t); th != nil && len(targets) == 1 {
			key = th.Key
			if th.Since != t.def.Since {
				since = " since " + th.Since
			}
		}
	}
	per := ""
	if len(key) > 0 {
		per = " for each " + strings.Join(key, " and ")
	}
	return "QEMU" + since + " sends " + what + " at most once a second" + per
}

// mostWithin is how many events of a kind QEMU can send about one key within
// the window, as of its newest release; false when that has no bound. A key
// that lacks a member by which QEMU limits collects from all its values.
func mostWithin(t target, r *Rule) (int, bool) {
	th := throttleNow(t)
	if th == nil || th.PeriodMS <= 0 {
		return 0, false
	}
	for _, member := range th.Key {
		if !slices.Contains(r.By, member) {
			return 0, false
		}
	}
	period := time.Duration(th.PeriodMS) * time.Millisecond
	return int((r.Within+period-1)/period) + 2, true
}

// takenAway warns of an event that always resolves and so is never a match. An
// event that only a glob names is meant to be taken out of it, unless nothing
// remains.
func (c *compiler) takenAway(r *Rule) {
	if len(c.steps) > 0 {
		return // neverCompletes
	}
	taken := 0
	for _, t := range c.targets {
		if t.optional() {
			continue
		}
		i, by := takenBy(t, r.patterns.resolve, c.spec.Resolve)
		if by == nil {
			continue
		}
		taken++
		if !c.named(t.name) {
			continue
		}
		f := diag.New(diag.ResolveTakesAway, by.Pos, "%s always resolves and so is never a match", t.name)
		f.Hint = "take it out of `event`, or give the resolve pattern an `expr`"
		if len(c.spec.Resolve[i].Event) == 1 && len(c.targets) == 1 {
			f.Hint = "give the resolve pattern an `expr`, or another event: as it is, the rule never alerts"
		}
		c.add(f)
	}
	if taken > 1 && taken == len(c.targets)-optionalTargets(c.targets) && !slices.ContainsFunc(c.spec.Event, func(n *yamldoc.Node) bool { return !isGlob(n.Value) }) {
		c.add(diag.New(diag.ResolveTakesAway, c.keyPos("resolve"), "every event of the rule always resolves: it never matches").
			WithHint("give the resolve pattern an `expr`, or fewer events"))
	}
}

// neverCompletes warns of a step whose every event resolves, or of one behind
// the first of a sequence whose every event is an `until` before it is a step.
func (c *compiler) neverCompletes(r *Rule) {
	for i, targets := range c.steps {
		by, key := c.allTaken(targets, r.patterns.resolve, c.spec.Resolve), "resolve"
		if by == nil && i > 0 && r.Form == FormSequence {
			by, key = c.allTaken(targets, r.patterns.until, c.spec.Until), "until"
		}
		if by == nil {
			continue
		}
		f := diag.New(diag.ResolveTakesAway, by.Pos, "every event of a step always resolves and so is never a step: nothing completes")
		if key == "until" {
			f = diag.New(diag.ResolveTakesAway, by.Pos, "every event of a step always drops what was begun before it is a step: nothing completes")
		}
		c.add(f.WithHint("give the pattern of `%s` an `expr`, or other events", key).
			WithRelated(c.spec.Steps[i].Event[0].Pos, "the step"))
	}
}

// allTaken returns a name in the patterns that take every event of the targets,
// whatever its members are; nil if one is left.
func (c *compiler) allTaken(targets []target, patterns []pattern, specs []patternSpec) (by *yamldoc.Node) {
	for _, t := range targets {
		if t.optional() {
			continue
		}
		if _, by = takenBy(t, patterns, specs); by == nil {
			return nil
		}
	}
	return by
}

// takenBy returns the pattern, and the name or glob in it, that takes every
// event of a kind; nil if none does.
func takenBy(t target, patterns []pattern, specs []patternSpec) (pattern int, by *yamldoc.Node) {
	for i := range patterns {
		if specs[i].Expr != nil || !patterns[i].events.has(t.id().kind, t.name) {
			continue
		}
		for _, n := range specs[i].Event {
			if n.Value == t.name || isGlob(n.Value) && globMatches(n.Value, t.name) {
				return i, n
			}
		}
	}
	return 0, nil
}

// named reports whether `event` has the event by name.
func (c *compiler) named(event string) bool {
	return slices.ContainsFunc(c.spec.Event, func(n *yamldoc.Node) bool { return n.Value == event })
}

func optionalTargets(targets []target) int {
	n := 0
	for _, t := range targets {
		if t.optional() {
			n++
		}
	}
	return n
}

// throttleNow is how QEMU limits the event today, nil if it does not.
func throttleNow(t target) *qmp.Throttle {
	if t.def == nil {
		return nil
	}
	return t.def.Throttle
}
