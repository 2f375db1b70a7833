package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/term"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// part is what a pattern is to its rule.
type part uint8

const (
	partMatch part = iota
	partStep
	partUntil
	partResolve
)

// place is a pattern of a rule as the lints look at it: what it means, and
// where it stands.
type place struct {
	part part
	defs []*qmp.Def // that it matches; records and vendors' events are not among them
	cond *term.Term // nil: every event
	view PatternView

	event *yamldoc.Node // name, or list of names and globs
	expr  *yamldoc.Node // nil: none
}

// places lists the patterns of a rule. The view of a rule and the file have
// them in the same order; where the file was not understood, the rest is left.
func (c *compiler) places(r *Rule) []place {
	v := r.View()
	keys := c.spec.keys
	var all []place
	add := func(part part, views []PatternView, node *yamldoc.Node) {
		if node == nil {
			return
		}
		nodes := []*yamldoc.Node{node}
		if node.Kind == yamldoc.Sequence {
			nodes = node.Items
		}
		for i, n := range nodes {
			if i >= len(views) {
				return
			}
			p := newPlace(part, views[i])
			p.event = n
			if n.Kind == yamldoc.Mapping {
				p.event, p.expr = n.Get("event"), n.Get("expr")
			}
			all = append(all, p)
		}
	}
	if event := keys.Get("event"); event != nil {
		p := newPlace(partMatch, v.Match)
		p.event, p.expr = event, keys.Get("expr")
		all = append(all, p)
	}
	for _, key := range []string{"sequence", "all_of"} {
		add(partStep, v.Steps, keys.Get(key))
	}
	add(partUntil, v.Until, keys.Get("until"))
	add(partResolve, v.Resolve, keys.Get("resolve"))
	return all
}

func newPlace(part part, v PatternView) place {
	p := place{part: part, view: v, cond: term.Parse(v.Expr)}
	for _, name := range v.Events {
		if d := qmp.Lookup(name); d != nil {
			p.defs = append(p.defs, d)
			continue
		}
		if !isGlob(name) {
			continue
		}
		for _, d := range qmp.Defs() {
			if globMatches(name, d.Name) {
				p.defs = append(p.defs, d)
			}
		}
	}
	return p
}

// matches reports whether the pattern is about one of the events.
func (p *place) matches(names ...string) bool { return len(p.among(names...)) > 0 }

// among lists those of the events that the pattern is about.
func (p *place) among(names ...string) []string {
	var found []string
	for _, d := range p.defs {
		for _, name := range names {
			if d.Name == name {
				found = append(found, name)
			}
		}
	}
	return found
}

// only reports whether the pattern is about nothing but these events.
func (p *place) only(names ...string) bool {
	return len(p.defs) > 0 && len(p.among(names...)) == len(p.defs) && len(p.defs) >= len(p.view.Events)
}

// names reports whether the event is written out, and not only reached by a
// glob.
func (p *place) names(event string) bool {
	for _, name := range p.view.Events {
		if name == event {
			return true
		}
	}
	return false
}

// globbed reports whether a glob of the pattern reaches an event of that name,
// whether there is one or not.
func (p *place) globbed(event string) bool {
	return slices.ContainsFunc(p.view.Events, func(glob string) bool { return isGlob(glob) && globMatches(glob, event) })
}

// known are the names that the pattern is about, without those that nobody knows
// before they come.
func (p *place) known() []string {
	all := slices.Clone(p.view.Events)
	for _, d := range p.defs {
		all = append(all, d.Name)
	}
	return all
}

// eventPos is where an event is named, or the glob that reaches it.
func (p *place) eventPos(name string) diag.Pos {
	nodes := []*yamldoc.Node{p.event}
	if p.event.Kind == yamldoc.Sequence {
		nodes = p.event.Items
	}
	for _, n := range nodes {
		if n.Value == name {
			return n.Pos
		}
	}
	for _, n := range nodes {
		if isGlob(n.Value) && globMatches(n.Value, name) {
			return n.Pos
		}
	}
	return p.event.Pos
}

// exprPos is where a word stands in the condition; the whole condition if the
// word comes from a macro or list.
func (p *place) exprPos(word string) diag.Pos { return wordPos(p.expr, p.event, word) }

func wordPos(expr, otherwise *yamldoc.Node, word string) diag.Pos {
	if expr == nil {
		return otherwise.Pos
	}
	for from := 0; ; {
		i := strings.Index(expr.Value[from:], word)
		if i < 0 {
			return expr.Pos
		}
		i += from
		end := i + len(word)
		if !(i > 0 && wordByte(expr.Value[i-1])) && !(end < len(expr.Value) && wordByte(expr.Value[end])) {
			return expr.Range(i, end)
		}
		from = end
	}
}

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
