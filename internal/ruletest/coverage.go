package ruletest

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// Coverage is what the tests of a rule do with it, of what they could do.
type Coverage struct {
	Rule    *rules.Rule
	Covered int
	Total   int
	Missing []Gap
}

// Gap is something that no test does.
type Gap struct {
	Pos  diag.Pos
	What string // "never fires", "expr: `nospace` is never true"
}

// Percent is what is covered, rounded down, so that 100 is all.
func (c *Coverage) Percent() int { return percent(c.Covered, c.Total) }

func percent(covered, total int) int {
	if total == 0 {
		return 100
	}
	return covered * 100 / total
}

// Total adds coverages up.
func Total(all []Coverage) (covered, total, percentage int) {
	for i := range all {
		covered += all[i].Covered
		total += all[i].Total
	}
	return covered, total, percent(covered, total)
}

// observer watches what tests do with one rule.
type observer struct {
	rule                   *rules.Rule
	prober                 *rules.Prober
	fires, resolves, quiet bool
	branches               [][2]bool // by index: was false, was true
	frame                  lang.Frame
}

// Cover runs tests and returns, for each rule, what they did with it. A test
// counts for every rule that takes part in it.
func Cover(suite *rules.Suite, all []*rules.Rule, cases []*Case) []Coverage {
	watch := make(map[*rules.Rule]*observer, len(all))
	for _, r := range all {
		o := &observer{rule: r, prober: suite.Prober(r)}
		o.branches = make([][2]bool, len(o.prober.Branches()))
		watch[r] = o
	}
	for _, c := range cases {
		s := play(c.set, &c.Test, true)
		for _, r := range c.set.Rules() {
			if o := watch[r]; o != nil {
				o.see(&c.Test, s)
			}
		}
	}
	out := make([]Coverage, 0, len(all))
	for _, r := range all {
		out = append(out, watch[r].coverage())
	}
	return out
}

func (o *observer) hit(branch int, holds bool) {
	i := 0
	if holds {
		i = 1
	}
	o.branches[branch][i] = true
}

// see looks at one test.
func (o *observer) see(t *rules.Test, s *story) {
	for _, c := range s.changes {
		if c.Name == o.rule.Name {
			o.fires = o.fires || c.Status == alert.Firing
			o.resolves = o.resolves || c.Status == alert.Resolved
		}
	}
	for _, in := range t.Input {
		o.event(in.Event, instant(in.At), s)
	}
	for _, w := range s.trace {
		switch {
		case w.What == "record":
			o.fires = o.fires || w.Rule == o.rule
			o.event(w.Event, w.At, s)
		case w.Rule == o.rule && w.Aggregates != nil:
			o.frame.Aggregates = w.Aggregates
			o.prober.Having(&o.frame, o.hit)
		}
	}
}

// event looks at an event. The rule stays quiet if it is one that could match
// and does not, or nothing fires when its instant is done.
func (o *observer) event(e *event.Event, at int64, s *story) {
	o.frame.Time = qmp.Some(at)
	switch wanted, matches := o.prober.Event(e, &o.frame, o.hit); {
	case !wanted || o.quiet:
	case !matches:
		o.quiet = true
	case o.rule.Record != "":
		o.quiet = len(s.records(at, o.rule)) == 0
	default:
		o.quiet = len(s.alerts(at, o.rule.Name, alert.Firing)) == 0
	}
}

// coverage counts. A notice is never over in a way that a test could prove
// wrong, and a rule that asks nothing of an event cannot stay quiet at one.
func (o *observer) coverage() Coverage {
	c := Coverage{Rule: o.rule}
	point := func(pos diag.Pos, done bool, what string) {
		c.Total++
		if done {
			c.Covered++
		} else {
			c.Missing = append(c.Missing, Gap{pos, what})
		}
	}
	point(o.rule.Pos, o.fires, "never fires")
	if o.rule.Record == "" && (!o.rule.Notice() || o.rule.KeepGiven) {
		point(o.rule.Pos, o.resolves, "never resolves")
	}
	if o.canBeQuiet() {
		point(o.rule.Pos, o.quiet, "never stays quiet at an event that it waits for")
	}
	for i, b := range o.prober.Branches() {
		point(b.Pos, o.branches[i][1], b.Where+": `"+b.Source+"` is never true")
		point(b.Pos, o.branches[i][0], b.Where+": `"+b.Source+"` is never false")
	}
	return c
}

func (o *observer) canBeQuiet() bool {
	r := o.rule
	return r.Form != rules.FormMatch || r.For > 0 || r.Confirm != nil ||
		slices.ContainsFunc(o.prober.Branches(), func(b rules.Branch) bool { return b.Where == "expr" || strings.HasPrefix(b.Where, "exception") })
}
