package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// records are the events that rules make, as other rules see them.
type records struct {
	specs map[string]*spec
	// recordNames and sortedRecords are their names.
	recordNames   map[string]bool
	sortedRecords []string
	made          map[string]*madeRecord // those that are compiled
}

// madeRecord is what users of a record know about it.
type madeRecord struct {
	rule *Rule
	def  *qmp.Def // nil: nothing is known about its members
	most int      // how many of it one event can make, at most
}

// findRecords notes which records there are. Of two with one name the first
// counts; the second is a finding already.
func (l *loader) findRecords(specs []*spec) {
	l.specs, l.recordNames, l.made = map[string]*spec{}, map[string]bool{}, map[string]*madeRecord{}
	for _, s := range specs {
		if s.Record == nil || s.Alert != nil || l.specs[s.Record.Value] != nil {
			continue
		}
		l.specs[s.Record.Value] = s
		l.recordNames[s.Record.Value] = true
		l.sortedRecords = append(l.sortedRecords, s.Record.Value)
	}
	slices.Sort(l.sortedRecords)
}

// inOrder returns the numbers of the specs so that each record comes before the
// rules that use it, and complains about circles.
func (l *loader) inOrder(specs []*spec) []int {
	w := &walk{loader: l, number: make(map[*spec]int, len(specs)), state: make([]walkState, len(specs))}
	for i, s := range specs {
		w.number[s] = i
	}
	for i, s := range specs {
		if w.state[i] == unseen {
			w.visit(s)
		}
	}
	return w.order
}

type walkState uint8

const (
	unseen walkState = iota
	onPath
	done
)

// walk goes from rules to the records that they use, depth first.
type walk struct {
	*loader
	number map[*spec]int
	state  []walkState
	path   []*spec
	order  []int
}

func (w *walk) visit(s *spec) {
	i := w.number[s]
	w.state[i] = onPath
	w.path = append(w.path, s)
	told := map[*spec]bool{}
	s.eachEvent(func(n *yamldoc.Node) {
		used := w.specs[n.Value]
		if used == nil || told[used] {
			return
		}
		switch w.state[w.number[used]] {
		case unseen:
			w.visit(used)
		case onPath:
			told[used] = true
			w.circle(n, used)
		}
	})
	w.path = w.path[:len(w.path)-1]
	w.state[i] = done
	w.order = append(w.order, i)
}

// maxCircle bounds how many records a message names.
const maxCircle = 6

// circle complains about records that are made from each other; the event in n
// closes the circle.
func (w *walk) circle(n *yamldoc.Node, first *spec) {
	circle := w.path[slices.Index(w.path, first):]
	var names []string
	for _, s := range circle {
		names = append(names, s.Record.Value)
	}
	if len(names) > maxCircle {
		names = append(names[:maxCircle], "…")
	}
	names = append(names, first.Record.Value)
	f := diag.New(diag.RecordCycle, n.Pos, "the record `%s` is made from itself: %s", first.Record.Value, strings.Join(names, " ← ")).
		WithHint("a record must end in events of QEMU, or of qmpalert: take one of them out")
	last := circle[len(circle)-1]
	w.found.Add(f.WithRelated(first.Record.Pos, "the record").In(last.Group.name(), last.name()))
}

// use notes that the rule uses a record and returns what is known about its
// members.
func (c *compiler) use(name string) *qmp.Def {
	m := c.made[name]
	if m == nil {
		return nil // one of a circle, or the rule itself
	}
	if !slices.Contains(c.uses, m) {
		c.uses = append(c.uses, m)
	}
	return m.def
}

// The bounds of what one event can set off: how many times records are made from
// records, and how many of one record come of it. Two records that are each made
// from the two before would be a thousand after ten levels.
const (
	maxLevel   = 16
	maxRecords = 100
)

// levels sets what the records that a rule uses decide. A record that is made
// from one without a VM has none either, whatever its own scope.
func (c *compiler) levels(r *Rule) {
	c.most = 0
	c.spec.eachEvent(func(n *yamldoc.Node) {
		if !c.recordNames[n.Value] {
			c.most = 1
		}
	})
	for _, m := range c.uses {
		r.Level = max(r.Level, m.rule.Level+1)
		r.WideRecords = max(r.WideRecords, m.rule.Scope, m.rule.WideRecords)
		c.most += m.most
	}
	if r.Form == FormHaving {
		c.most *= 2 // it can begin once more when the match leaves the window
	}
	if r.Record != "" {
		c.boundRecords(r)
	}
}

// boundRecords complains about a record of which one event could make too many,
// once and not for each that is made from it.
func (c *compiler) boundRecords(r *Rule) {
	what := ""
	switch {
	case r.Level > maxLevel:
		what = fmt.Sprintf("is more than %d records away from the events that it is made from", maxLevel)
	case c.most > maxRecords:
		what = fmt.Sprintf("can be made %d times by one event, and at most %d are taken", c.most, maxRecords)
	default:
		return
	}
	c.add(diag.New(diag.TooLarge, c.spec.Record.Pos, "the record `%s` %s", r.Record, what).
		WithHint("make it from events of QEMU, or from fewer records"))
	r.Level, c.most = 0, 1
}
