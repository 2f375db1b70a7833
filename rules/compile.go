package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

const (
	// throttledLateness is how long a rule waits for events that QEMU may hold
	// back: one second, and one for the way.
	throttledLateness = 2 * time.Second
	// noticeFor is how long a notice stays after its last match.
	noticeFor = 5 * time.Minute
)

// compiler is the work on one rule.
type compiler struct {
	*loader
	spec *spec

	targets    []target   // kinds of events that can match; of steps those of all
	steps      [][]target // of each step
	textual    []target   // kinds of events that texts can be about
	aggregates *lang.Aggregates
	uses       []*madeRecord
	most       int // of what the rule makes, from one event
}

// add adds findings about the rule.
func (c *compiler) add(f diag.Finding) {
	c.found.Add(f.In(c.spec.Group.name(), c.spec.name()))
}

// distinct returns the first of each value, in order. A value that stands twice
// is a finding; its text is format with the value.
func (c *compiler) distinct(nodes []*yamldoc.Node, format string) []*yamldoc.Node {
	first := map[string]diag.Pos{}
	var all []*yamldoc.Node
	for _, n := range nodes {
		if before, twice := first[n.Value]; twice {
			c.add(diag.New(diag.BadValue, n.Pos, format, n.Value).
				WithHint("remove one of them").WithRelated(before, "first here"))
			continue
		}
		first[n.Value] = n.Pos
		all = append(all, n)
	}
	return all
}

// compile checks one rule and compiles it. The rule is of use only if nothing
// that was found is an error.
func (l *loader) compile(s *spec) *Rule {
	c := &compiler{loader: l, spec: s}
	before := len(l.found)
	r := &Rule{
		Group: s.Group.name(), Name: s.name(), Pos: s.Pos, Form: c.form(), Scope: s.Scope,
		Count: s.count, Within: s.Within.value(), AbsentFor: s.AbsentFor.value(), For: s.For.value(),
		Steps: len(s.Steps), HasUntil: len(s.Until) > 0, HasResolve: len(s.Resolve) > 0,
		KeepOnExit: s.KeepOnExit, Shadow: s.Shadow,
	}
	if s.Alert == nil && s.Record != nil {
		r.Record = s.Record.Value
	}
	if s.wrote("sequence", "all_of") {
		c.compileSteps(r)
	} else {
		c.match(r)
	}
	r.patterns.until = c.ends(r, s.Until, "until")
	r.patterns.resolve = c.ends(r, s.Resolve, "resolve")
	c.exceptions(r)
	c.having(r)
	c.levels(r)
	r.Lateness = c.lateness(r)
	r.KeepFiringFor, r.KeepGiven = keepFiringFor(r, s.Keep)
	c.record(r)
	c.confirm(r)
	c.attach(r)
	c.checkForm(r)
	c.checkTimes(r)
	c.checkRecord()
	c.checkReceivers(r)
	c.texts(r)
	c.warn(r)
	if !s.broken && !c.found[before:].HasErrors() {
		c.lint(r) // what is wrong anyway must not be improved as well
	}
	r.Meaning = meaning(r)
	return r
}

// forms are the keys that make a condition, in the order of Form.
var forms = [...]string{FormCount: "count", FormHaving: "having", FormSequence: "sequence", FormAllOf: "all_of", FormAbsent: "absent_for"}

// form is the first that is written.
func (c *compiler) form() Form {
	for form, key := range forms {
		if key != "" && c.spec.wrote(key) {
			return Form(form)
		}
	}
	return FormMatch
}

// match compiles `event`, `expr` and `by`.
func (c *compiler) match(r *Rule) {
	p := c.pattern(c.spec.Event, c.spec.Expr)
	c.targets = p.events.targets()
	c.textual = c.targets
	r.By = c.by(c.spec.By, c.targets, func(n *yamldoc.Node) bool { return c.keyMember(n, c.targets) })
	p.mapTo(r.By, c.targets)
	r.patterns.match = p
}

// pattern compiles what is the same in all patterns: events and condition.
func (c *compiler) pattern(events []*yamldoc.Node, expr *yamldoc.Node) pattern {
	p := pattern{events: c.selector(events)}
	for _, n := range events {
		p.written = insert(p.written, n.Value)
	}
	p.conds, p.canon = c.conditions(expr, p.events.targets())
	return p
}

// mapTo notes where the members of the key are.
func (p *pattern) mapTo(paths []string, targets []target) {
	p.paths = paths
	p.keys = plans(paths, targets)
}

// conditions compiles an expression for each event and returns its normal form.
// Without an expression there are none, which is not the same as no program.
func (c *compiler) conditions(expr *yamldoc.Node, targets []target) (conds []condition, canonical string) {
	if expr == nil {
		return nil, ""
	}
	conds = []condition{}
	c.eachTarget(expr, targets, asCondition, func(t target, out compiled) {
		conds = append(conds, condition{t.id(), out.prog})
		canonical = out.prog.Canonical()
	})
	return conds, canonical
}

// ends compiles the patterns of `resolve` or `until`.
func (c *compiler) ends(r *Rule, specs []patternSpec, key string) []pattern {
	var all []pattern
	for i := range specs {
		s := &specs[i]
		p := c.pattern(s.Event, s.Expr)
		targets := p.events.targets()
		p.mapTo(c.mapped(r, s, targets), targets)
		c.lacking(r, s, p.paths, targets, key)
		c.sameMap(all, specs, &p, key)
		all = append(all, p)
	}
	return all
}

// exceptions compiles the exceptions for every event that can match.
func (c *compiler) exceptions(r *Rule) {
	for _, s := range c.spec.Exceptions {
		x := exception{until: s.until}
		if s.Name != nil {
			x.name = s.Name.Value
		}
		if s.Expires != nil {
			x.expires = s.Expires.Value
		}
		x.conds, x.canon = c.conditions(s.Expr, c.targets)
		r.patterns.exceptions = append(r.patterns.exceptions, x)
		if c.opts.Now > 0 && s.until > 0 && s.until <= c.opts.Now {
			c.add(diag.New(diag.ExpiredException, s.Expires.Pos, "the exception expired at the end of %s (UTC)", x.expires).
				WithHint("remove it, or give it another date"))
		}
	}
}

// having compiles the condition on the window. Whatever the event, it is about
// the same aggregates, so one of the programs stands for all.
func (c *compiler) having(r *Rule) {
	if c.spec.Having == nil {
		return
	}
	c.aggregates = &lang.Aggregates{}
	r.aggregates = c.aggregates
	c.eachTarget(c.spec.Having, c.targets, asHaving, func(_ target, out compiled) {
		if r.having == nil {
			r.having = out.prog
		}
	})
}

// record defines what texts and users of a record can know without an event.
func (c *compiler) record(r *Rule) {
	if r.Form != FormAbsent && r.Record == "" {
		return
	}
	sources := []keySource{{c.targets, r.patterns.match.paths}}
	if len(c.steps) > 0 {
		sources = nil
		for i, targets := range c.steps {
			sources = append(sources, keySource{targets, r.patterns.steps[i].paths})
		}
	}
	r.keyDef = keyDef(r, sources)
	makers := c.textual
	if r.Form == FormAbsent {
		makers = nil
		c.textual = []target{{def: r.keyDef, name: theKey}}
	}
	if r.Record != "" && c.specs[r.Record] == c.spec {
		c.records.made[r.Record] = &madeRecord{r, recordDef(r, makers), c.most}
	}
}

// mapped returns, for each member of By, the member of the events of a pattern
// that stands for it.
func (c *compiler) mapped(r *Rule, s *patternSpec, targets []target) []string {
	paths := slices.Clone(r.By)
	for _, pair := range s.By {
		i := slices.Index(r.By, pair.Key.Value)
		if i < 0 {
			s.badMap = true
			if written := values(c.spec.By); !slices.Contains(written, pair.Key.Value) {
				c.add(diag.New(diag.BadValue, pair.Key.Pos, "`%s` is not in the `by` of the rule", pair.Key.Value).
					WithHint("%s", mapHint(pair, written)))
			}
			continue
		}
		if c.keyMember(pair.Value, targets) {
			paths[i] = pair.Value.Value
		} else {
			s.badMap = true
		}
	}
	return paths
}

// values are the texts of some nodes.
func values(nodes []*yamldoc.Node) []string {
	all := make([]string, len(nodes))
	for i, n := range nodes {
		all[i] = n.Value
	}
	return all
}

// mapHint knows the map that was written the wrong way round.
func mapHint(pair yamldoc.Pair, by []string) string {
	if slices.Contains(by, pair.Value.Value) {
		return "the member of the rule's key stands first: `" + pair.Value.Value + ": " + pair.Key.Value + "`"
	}
	if hint := diag.DidYouMean(pair.Key.Value, by); hint != "" {
		return hint
	}
	if len(by) == 0 {
		return "the rule has no `by`: nothing needs a map"
	}
	return "the rule's key has " + listed(by)
}

// sameMap makes sure that an event says the same about the key in whatever
// pattern of the list it stands.
func (c *compiler) sameMap(all []pattern, specs []patternSpec, p *pattern, key string) {
	for j := range all {
		before := &all[j]
		if slices.Equal(before.paths, p.paths) {
			continue
		}
		for _, t := range p.events.targets() {
			if !t.optional() && before.events.has(t.id().kind, t.name) {
				c.add(diag.New(diag.KeyCombination, specs[len(all)].Event[0].Pos, "%s stands in two patterns of `%s` that map `by` differently", t.name, key).
					WithHint("give both the same `by`").WithRelated(specs[j].Event[0].Pos, "the other one"))
				return
			}
		}
	}
}

// lateness is 0 only where QEMU sends in order whatever the rule sees, and no
// other VM has to be waited for; and never less than that of a record that the
// rule uses.
func (c *compiler) lateness(r *Rule) time.Duration {
	var least time.Duration
	for _, m := range c.uses {
		least = max(least, m.rule.Lateness)
	}
	own := c.ownLateness(r)
	if given := c.spec.Lateness; given != nil {
		c.shortLateness(r, given, own, least)
		own = given.d
	}
	return max(own, least)
}

func (c *compiler) ownLateness(r *Rule) time.Duration {
	if r.Scope != ScopeVM {
		return throttledLateness
	}
	throttled := !r.patterns.each(func(p *pattern) bool {
		for _, d := range p.events.kinds.all() {
			if d.Throttle != nil {
				return false
			}
		}
		return true
	})
	if throttled {
		return throttledLateness
	}
	return 0
}

// keepFiringFor is what was written, or the default of the kind of rule.
func keepFiringFor(r *Rule, given *span) (d time.Duration, isGiven bool) {
	switch {
	case given != nil:
		return given.d, true
	case r.Notice():
		return noticeFor, false
	case r.Form == FormCount:
		return r.Within, false
	}
	return 0, false
}

// labelName makes a label of a member: node_name, client_host.
func labelName(path string) string { return labelChars.Replace(path) }

var labelChars = strings.NewReplacer("-", "_", ".", "_")

// validLabelName is Prometheus' rule.
func validLabelName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
