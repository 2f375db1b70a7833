package rules

import (
	"strings"
	"unicode"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// MaxCount is the greatest `count`: as many matches a key keeps.
const MaxCount = 10000

// maxName bounds the names of groups and alerts, in bytes: they are headings of
// messages and labels.
const maxName = 200

// rule reads one rule. Findings of this phase carry its name, too.
func (p *fileParser) rule(n *yamldoc.Node, g *groupSpec) *spec {
	outer := p.found
	p.found = &diag.List{}
	s := &spec{Group: g, Pos: n.Pos, keys: n}
	p.checkKeys(n, ruleKeys, ruleWords)
	if alert := n.Get("alert"); alert != nil {
		s.Alert = p.name(alert, "an alert")
		s.Pos = alert.Pos
	} else if !s.wrote("record") {
		p.require(n, ruleKeys, ruleWords, "alert")
	}
	p.pattern(n, s)
	p.window(n, s)
	if r := n.Get("resolve"); r != nil {
		s.Resolve = p.resolve(r)
	}
	s.Labels = p.texts(n.Get("labels"))
	s.Annots = p.texts(n.Get("annotations"))
	s.Receivers = p.list(n, "receiver")
	for _, f := range *p.found {
		outer.Add(f.In(g.name(), s.name()))
	}
	p.found = outer
	return s
}

// pattern reads what a match is and what makes its key.
func (p *fileParser) pattern(n *yamldoc.Node, s *spec) {
	s.Event = p.list(n, "event")
	if !s.wrote("event", "sequence", "all_of") {
		p.require(n, ruleKeys, ruleWords, "event")
	}
	s.Expr = p.text(n.Get("expr"))
	if by := n.Get("by"); by != nil && (by.Kind != yamldoc.Sequence || len(by.Items) > 0) {
		s.By = p.list(n, "by")
	}
	if scope := p.text(n.Get("scope")); scope != nil {
		s.Scope = p.scope(scope)
	}
}

// window reads numbers and durations.
func (p *fileParser) window(n *yamldoc.Node, s *spec) {
	if c := n.Get("count"); c != nil {
		s.Count, s.count = p.count(c)
	}
	s.Within = p.span(n.Get("within"))
	if s.Within != nil && s.Within.d == 0 {
		p.found.Add(diag.New(diag.BadValue, s.Within.node.Pos, "`within` must be longer than 0").
			WithHint("leave out `within` and `count` to alert at every match"))
		s.Within = nil
	}
	s.For = p.span(n.Get("for"))
	s.Keep = p.span(n.Get("keep_firing_for"))
}

func (p *fileParser) count(n *yamldoc.Node) (*yamldoc.Node, int) {
	c, ok := n.AsInt(p.found)
	switch {
	case !ok:
		return nil, 0
	case c < 1:
		p.found.Add(diag.New(diag.BadValue, n.Pos, "`count` must be at least 1, not %d", c).
			WithHint("leave out `count` and `within` to alert at every match"))
		return nil, 0
	case c > MaxCount:
		p.found.Errorf(diag.BadValue, n.Pos, "`count` must be at most %d, not %d", MaxCount, c)
		return nil, 0
	}
	return n, c
}

func (p *fileParser) scope(n *yamldoc.Node) Scope {
	for i, name := range scopeNames {
		if n.Value == name {
			return Scope(i)
		}
	}
	hint := diag.DidYouMean(n.Value, scopeNames[:])
	if hint == "" {
		hint = "vm: each VM for itself; host: all VMs of a host together; fleet: all together"
	}
	p.found.Add(diag.New(diag.BadValue, n.Pos, "`scope` must be vm, host or fleet, not `%s`", n.Value).WithHint("%s", hint))
	return ScopeVM
}

// resolve reads a name, a pattern, or a list of these.
func (p *fileParser) resolve(n *yamldoc.Node) []resolveSpec {
	items := []*yamldoc.Node{n}
	if n.Kind == yamldoc.Sequence {
		items = n.Items
		if len(items) == 0 {
			p.found.Errorf(diag.BadValue, n.Pos, "`resolve` is an empty list")
		}
	}
	if len(items) > maxList {
		p.tooMany(n, "resolve")
		return nil
	}
	var patterns []resolveSpec
	for _, item := range items {
		if r, ok := p.resolvePattern(item); ok {
			patterns = append(patterns, r)
		}
	}
	return patterns
}

func (p *fileParser) resolvePattern(n *yamldoc.Node) (r resolveSpec, ok bool) {
	switch {
	case n.Kind == yamldoc.Broken:
		return r, false
	case n.Kind == yamldoc.Scalar && !n.IsNull():
		return resolveSpec{Event: []*yamldoc.Node{n}}, true
	case n.Kind != yamldoc.Mapping:
		p.found.Add(diag.New(diag.WrongType, n.Pos, "`resolve` must be an event, a pattern, or a list of these").
			WithHint("write `resolve: RESUME` or `resolve: {event: JOB_STATUS_CHANGE, expr: 'status == \"running\"'}`"))
		return r, false
	}
	p.checkKeys(n, resolveKeys, resolveWords)
	p.require(n, resolveKeys, resolveWords, "event")
	r.Event = p.list(n, "event")
	r.Expr = p.text(n.Get("expr"))
	if by := n.Get("by"); by != nil {
		r.By, r.badMap = p.byMap(by)
	}
	return r, len(r.Event) > 0
}

func (p *fileParser) byMap(n *yamldoc.Node) (pairs []yamldoc.Pair, bad bool) {
	if n.Kind == yamldoc.Scalar || n.Kind == yamldoc.Sequence {
		p.found.Add(diag.New(diag.WrongType, n.Pos, "`by` of a resolve pattern must be a mapping").
			WithHint("it says which member of this event stands for which member of the rule's `by`: `by: {device: id}`"))
		return nil, true
	}
	pairs = p.texts(n)
	return pairs, len(pairs) < len(n.Pairs)
}

// maxList bounds lists whose entries are compared with each other.
const maxList = 200

// list reads a text or a list of texts; an empty list is a finding.
func (p *fileParser) list(n *yamldoc.Node, key string) []*yamldoc.Node {
	v := n.Get(key)
	if v == nil {
		return nil
	}
	items, ok := v.AsScalarList(p.found)
	if ok && len(items) == 0 {
		p.found.Errorf(diag.BadValue, v.Pos, "`%s` is an empty list", key)
	}
	if len(items) > maxList {
		p.tooMany(v, key)
		return nil
	}
	good := items[:0:0]
	for _, item := range items {
		if item.Kind == yamldoc.Scalar && !item.IsNull() {
			good = append(good, item)
		}
	}
	return good
}

func (p *fileParser) tooMany(n *yamldoc.Node, key string) {
	p.found.Errorf(diag.TooLarge, n.Pos, "`%s` has more than %d entries", key, maxList)
}

func (p *fileParser) text(n *yamldoc.Node) *yamldoc.Node {
	if n == nil {
		return nil
	}
	if _, ok := n.AsString(p.found); !ok {
		return nil
	}
	return n
}

func (p *fileParser) span(n *yamldoc.Node) *span {
	if n == nil {
		return nil
	}
	d, ok := n.AsDuration(p.found)
	if !ok {
		return nil
	}
	return &span{n, d}
}

// name reads the name of a group or an alert: one line for people.
func (p *fileParser) name(n *yamldoc.Node, of string) *yamldoc.Node {
	v, ok := n.AsString(p.found)
	bad := ""
	switch {
	case !ok:
		return nil
	case strings.TrimSpace(v) == "":
		bad = "is empty"
	case len(v) > maxName:
		bad = "is longer than 200 bytes"
	case strings.Contains(v, "{{"):
		bad = "cannot have {{ }}: it is the same for every alert"
	case strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }):
		bad = "has characters that cannot be printed"
	default:
		return n
	}
	p.found.Errorf(diag.BadValue, n.Pos, "the name of %s %s", of, bad)
	return nil
}
