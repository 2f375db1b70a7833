package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
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

	targets  []target   // kinds of events that can match
	resolves [][]target // the same for each pattern of resolve
	canon    string     // of expr
	canons   []string   // of the expr of each resolve pattern
	maps     [][]string // for each resolve pattern, what stands for each member of By
}

// add adds findings about the rule.
func (c *compiler) add(f diag.Finding) {
	c.found.Add(f.In(c.spec.Group.name(), c.spec.name()))
}

// compile checks one rule and compiles it. The rule is of use only if nothing
// that was found is an error.
func (l *loader) compile(s *spec) *Rule {
	c := &compiler{loader: l, spec: s}
	r := &Rule{
		Group: s.Group.name(), Name: s.name(), Pos: s.Pos, Scope: s.Scope,
		Count: s.count, Within: s.Within.value(), For: s.For.value(),
		HasResolve: len(s.Resolve) > 0,
	}
	if r.Count > 0 {
		r.Form = FormCount
	}
	c.match(r)
	c.resolve(r)
	r.Lateness = c.lateness(r)
	r.KeepFiringFor, r.KeepGiven = keepFiringFor(r, s.Keep)
	c.checkWindow(r)
	c.checkReceivers(r)
	c.texts(r)
	c.warn(r)
	c.lint(r)
	r.Meaning = c.meaning(r)
	return r
}

// match compiles `event`, `expr` and `by`.
func (c *compiler) match(r *Rule) {
	p := &r.patterns.match
	p.events = c.selector(c.spec.Event)
	c.targets = p.events.targets()
	c.canon = c.conditions(p, c.spec.Expr, c.targets)
	r.By = c.by(c.spec.By, c.targets)
	p.keys = plans(r.By, c.targets)
}

// conditions compiles an expression for each event and returns its normal form.
func (c *compiler) conditions(p *pattern, expr *yamldoc.Node, targets []target) (canonical string) {
	if expr == nil {
		return ""
	}
	p.conds = []condition{}
	c.eachTarget(expr, targets, asCondition, func(t target, out compiled) {
		p.conds = append(p.conds, condition{t.kind(), out.prog})
		canonical = out.prog.Canonical()
	})
	return canonical
}

// resolve compiles the patterns of `resolve`.
func (c *compiler) resolve(r *Rule) {
	for i := range c.spec.Resolve {
		s := &c.spec.Resolve[i]
		p := pattern{events: c.selector(s.Event)}
		targets := p.events.targets()
		c.resolves = append(c.resolves, targets)
		c.canons = append(c.canons, c.conditions(&p, s.Expr, targets))
		paths := c.resolveMap(r, s, targets)
		c.maps = append(c.maps, paths)
		p.keys = plans(paths, targets)
		c.lacking(r, s, paths, targets)
		c.sameMap(r, i, &p, paths)
		r.patterns.resolve = append(r.patterns.resolve, p)
	}
}

// resolveMap returns, for each member of By, the member of the resolve event
// that stands for it.
func (c *compiler) resolveMap(r *Rule, s *resolveSpec, targets []target) []string {
	paths := slices.Clone(r.By)
	for _, pair := range s.By {
		i := slices.Index(r.By, pair.Key.Value)
		if i < 0 {
			s.badMap = true
			if !slices.ContainsFunc(c.spec.By, func(n *yamldoc.Node) bool { return n.Value == pair.Key.Value }) {
				c.add(diag.New(diag.BadValue, pair.Key.Pos, "`%s` is not in the `by` of the rule", pair.Key.Value).
					WithHint("%s", mapHint(pair, r.By)))
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
// pattern it stands.
func (c *compiler) sameMap(r *Rule, i int, p *pattern, paths []string) {
	for j := range r.patterns.resolve {
		before := &r.patterns.resolve[j]
		if slices.Equal(c.maps[j], paths) {
			continue
		}
		for _, t := range p.events.targets() {
			if !t.optional() && before.events.has(t.kind(), t.name) {
				c.add(diag.New(diag.KeyCombination, c.spec.Resolve[i].Event[0].Pos, "%s stands in two patterns of `resolve` that map `by` differently", t.name).
					WithHint("give both the same `by`").WithRelated(c.spec.Resolve[j].Event[0].Pos, "the other one"))
				return
			}
		}
	}
}

// lateness is 0 only where QEMU sends in order whatever the rule sees, and no
// other VM has to be waited for.
func (c *compiler) lateness(r *Rule) time.Duration {
	if r.Scope != ScopeVM {
		return throttledLateness
	}
	for _, targets := range append([][]target{c.targets}, c.resolves...) {
		for _, t := range targets {
			if t.def != nil && t.def.Throttle != nil {
				return throttledLateness
			}
		}
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
	case r.Count > 0:
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
