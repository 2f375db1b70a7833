package rules

import (
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// compileSteps compiles `sequence` or `all_of` and `by`.
func (c *compiler) compileSteps(r *Rule) {
	for i := range c.spec.Steps {
		s := &c.spec.Steps[i]
		p := c.pattern(s.Event, s.Expr)
		r.patterns.steps = append(r.patterns.steps, p)
		targets := p.events.targets()
		c.steps = append(c.steps, targets)
		c.targets = union(c.targets, targets)
	}
	// The event that completes a sequence is one of its last step.
	c.textual = c.targets
	if n := len(c.steps); n > 0 && r.Form == FormSequence {
		c.textual = c.steps[n-1]
	}
	r.By = c.by(c.spec.By, c.targets, c.stepMember)
	for i := range r.patterns.steps {
		r.patterns.steps[i].mapTo(c.mapped(r, &c.spec.Steps[i], c.steps[i]), c.steps[i])
	}
	if r.Form == FormAllOf {
		c.twice(r)
	}
}

// union adds the targets that are not there yet. One that was named stands for
// whatever else a glob matches, too: mistakes in it are no accident.
func union(all, more []target) []target {
	for _, t := range more {
		i := slices.IndexFunc(all, func(have target) bool { return have.id() == t.id() })
		switch {
		case i < 0:
			all = append(all, t)
		case all[i].optional():
			all[i] = t
		}
	}
	return all
}

// stepMember checks that each step has a member of the key, or maps it to one.
func (c *compiler) stepMember(n *yamldoc.Node) bool {
	var lack []int
	good, open := true, 0 // steps without a map
	for i, targets := range c.steps {
		s := &c.spec.Steps[i]
		if s.badMap || slices.ContainsFunc(s.By, func(p yamldoc.Pair) bool { return p.Key.Value == n.Value }) {
			continue
		}
		open++
		if !definedByAll(n.Value, targets) {
			lack = append(lack, i)
		} else {
			good = good && c.singleValues(n, targets)
		}
	}
	if len(lack) > 0 && len(lack) == open && open == len(c.steps) {
		return c.keyMember(n, c.targets) // a name that nobody knows: one mistake
	}
	for _, i := range lack {
		c.stepLacks(n, i)
	}
	return good && len(lack) == 0
}

// definedByAll reports whether every known event has the member.
func definedByAll(path string, targets []target) bool {
	return !slices.ContainsFunc(targets, func(t target) bool { return t.def != nil && exactMember(t.def, path) == nil })
}

// stepLacks complains about a step without a member of the key.
func (c *compiler) stepLacks(n *yamldoc.Node, step int) {
	var without []string
	mappable := false
	for _, t := range c.steps[step] {
		if t.def != nil && exactMember(t.def, n.Value) == nil {
			without = append(without, t.name)
			mappable = mappable || len(keyMembers([]target{t})) > 0
		}
	}
	event := c.spec.Steps[step].Event[0]
	f := diag.New(diag.KeyNotDefinedByAll, n.Pos, "`%s` is not a member of %s", n.Value, listEvents(without)).
		WithHint("every step must have the members of `by`: leave `%s` out", n.Value)
	if mappable {
		f = f.WithHint("if another member stands for it: `{event: %s, by: {%s: …}}`", event.Value, n.Value)
	}
	c.add(f.WithRelated(event.Pos, "in this step"))
}

// singleValues refuses objects as members of a key.
func (c *compiler) singleValues(n *yamldoc.Node, targets []target) bool {
	for _, t := range targets {
		if t.def == nil {
			continue
		}
		if m := exactMember(t.def, n.Value); m != nil && !c.singleValue(n, m, t) {
			return false
		}
	}
	return true
}

// twice complains about a pattern of all_of that another one says already.
func (c *compiler) twice(r *Rule) {
	for i := range r.patterns.steps {
		for j := range i {
			a, b := &r.patterns.steps[j], &r.patterns.steps[i]
			if patternMeaning(a) != patternMeaning(b) {
				continue
			}
			c.add(diag.New(diag.BadValue, c.spec.Steps[i].Event[0].Pos, "the same pattern stands twice in `all_of`").
				WithHint("an event counts for every pattern that it matches; for more of one kind write `count`").
				WithRelated(c.spec.Steps[j].Event[0].Pos, "first here"))
			break
		}
	}
}
