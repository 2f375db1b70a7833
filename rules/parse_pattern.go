package rules

import (
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// patterns reads the keys that hold patterns.
func (p *fileParser) patterns(n *yamldoc.Node, s *spec) {
	if v := n.Get("resolve"); v != nil {
		s.Resolve = p.patternList(v, &resolveForm)
	}
	if v := n.Get("until"); v != nil {
		s.Until = p.patternList(v, &untilForm)
	}
	for _, form := range []*patternForm{&sequenceForm, &allOfForm} {
		if v := n.Get(form.key); v != nil && s.Steps == nil {
			s.Steps = p.steps(v, form)
		}
	}
}

// patternForm says how a key with patterns is written.
type patternForm struct {
	key  string
	keys yamldoc.Keys
	hint string // an example
}

var (
	resolveForm = patternForm{"resolve", patternKeys("a resolve pattern"),
		"write `resolve: RESUME` or `resolve: {event: JOB_STATUS_CHANGE, expr: 'status == \"running\"'}`"}
	untilForm = patternForm{"until", patternKeys("an until pattern"),
		"write `until: RESUME` or `until: {event: JOB_STATUS_CHANGE, expr: 'status == \"running\"'}`"}
	sequenceForm = patternForm{"sequence", patternKeys("a step"),
		"write `sequence: [STOP, {event: RESET, expr: 'reason == \"guest-reset\"'}]`"}
	allOfForm = patternForm{"all_of", patternKeys("a pattern of all_of"),
		"write `all_of: [STOP, {event: RESET, expr: 'reason == \"guest-reset\"'}]`"}
)

func patternKeys(where string) yamldoc.Keys {
	return yamldoc.Keys{Where: where, Known: []string{"event", "expr", "by"}}
}

// patternList reads a name, a pattern, or a list of these.
func (p *fileParser) patternList(n *yamldoc.Node, form *patternForm) []patternSpec {
	items := []*yamldoc.Node{n}
	if n.Kind == yamldoc.Sequence {
		items = n.Items
		if len(items) == 0 {
			p.found.Errorf(diag.BadValue, n.Pos, "`%s` is an empty list", form.key)
		}
	}
	if len(items) > maxList {
		p.tooMany(n, form.key, maxList)
		return nil
	}
	var patterns []patternSpec
	for _, item := range items {
		if r, ok := p.onePattern(item, form); ok {
			patterns = append(patterns, r)
		}
	}
	return patterns
}

// steps reads the list of sequence or all_of.
func (p *fileParser) steps(n *yamldoc.Node, form *patternForm) []patternSpec {
	if n.Kind == yamldoc.Broken {
		return nil
	}
	if n.Kind != yamldoc.Sequence {
		p.found.Add(diag.New(diag.WrongType, n.Pos, "`%s` must be a list of events and patterns", form.key).WithHint("%s", form.hint))
		return nil
	}
	switch {
	case len(n.Items) > MaxSteps:
		p.tooMany(n, form.key, MaxSteps)
		return nil
	case len(n.Items) == 1:
		p.found.Add(diag.New(diag.BadValue, n.Pos, "`%s` has only one entry", form.key).
			WithHint("add what else must come, or write `event` instead"))
	}
	return p.patternList(n, form)
}

func (p *fileParser) onePattern(n *yamldoc.Node, form *patternForm) (r patternSpec, ok bool) {
	switch {
	case n.Kind == yamldoc.Broken:
		return r, false
	case n.Kind == yamldoc.Scalar && !n.IsNull():
		return patternSpec{Event: []*yamldoc.Node{n}}, true
	case n.Kind != yamldoc.Mapping:
		f := diag.New(diag.WrongType, n.Pos, "`%s` must be an event, a pattern, or a list of these", form.key)
		if form.key == "sequence" || form.key == "all_of" {
			f.Message = "an entry of `" + form.key + "` must be an event or a pattern"
		}
		p.found.Add(f.WithHint("%s", form.hint))
		return r, false
	}
	p.checkKeys(n, form.keys, patternWords(form.key))
	p.require(n, form.keys, patternWords(form.key), "event")
	r.Event = p.list(n, "event")
	r.Expr = p.text(n.Get("expr"))
	if n.Get("by") != nil {
		r.By, r.badMap = p.byMap(n)
	}
	return r, len(r.Event) > 0
}

func (p *fileParser) byMap(n *yamldoc.Node) (pairs []yamldoc.Pair, bad bool) {
	by := n.Get("by")
	if by.Kind == yamldoc.Scalar || by.Kind == yamldoc.Sequence {
		p.found.Add(diag.New(diag.WrongType, by.Pos, "`by` of a pattern must be a mapping").
			WithHint("it says which member of this event stands for which member of the rule's `by`: `by: {device: id}`"))
		return nil, true
	}
	pairs = p.texts(n, "by")
	return pairs, len(pairs) < len(by.Pairs)
}
