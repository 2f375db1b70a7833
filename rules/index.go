package rules

import (
	"slices"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	// maxNames bounds the memory of which rules want an event that the table of
	// events does not have.
	maxNames = 1_000
	// fewRules is up to where asking each rule is faster than a look into a map.
	fewRules = 4
)

// Index finds the rules to which an event may be something, without asking each
// rule: of ten thousand that are tied to one value by `member == "text"` or
// `member in ["text", …]` in the outermost `and` of each expression, only those
// that have the value of the event. It is exact, because such a term is false
// for a member that was not sent, and for resolve patterns as for matches.
//
// It is for one goroutine. Rules are known by their place in the list.
type Index struct {
	rules  []*Rule
	byKind [256]*eventIndex
	byName map[string]*eventIndex // of events that the table does not have
}

// eventIndex has the rules that want one event. A rule stands in plain, or in
// the tables, at most once for each text.
type eventIndex struct {
	wanted bool
	plain  []int // in order
	tables []table
}

// table has the rules that want one of a few texts of one name, in order.
type table struct {
	key   lang.Equality // as one of the programs has it
	rules map[string][]int
}

// NewIndex returns the index of rules, which it keeps.
func NewIndex(rules []*Rule) *Index {
	x := &Index{rules: rules, byName: make(map[string]*eventIndex)}
	for _, d := range qmp.Defs() {
		x.byKind[d.Kind] = x.build(d.Kind, d.Name)
	}
	return x
}

// Wanted reports whether the event is of a type that some rule names.
func (x *Index) Wanted(e *event.Event) bool { return x.of(e).wanted }

// Candidates returns the rules to which the event may be something, in order.
// It uses scratch where it needs room, sets f.Event and allocates nothing once
// scratch is large enough. The caller must not change the result.
func (x *Index) Candidates(e *event.Event, f *lang.Frame, scratch *[]int) []int {
	ix := x.of(e)
	f.Event = e
	found, several := ix.plain, false
	for i := range ix.tables {
		t := &ix.tables[i]
		text, ok := t.key.Text(f)
		if !ok {
			continue
		}
		switch more := t.rules[text]; {
		case len(more) == 0:
		case len(found) == 0:
			found = more
		case !several:
			several = true
			found = append(append((*scratch)[:0], found...), more...)
		default:
			found = append(found, more...)
		}
	}
	if several {
		slices.Sort(found)
		found = slices.Compact(found)
		*scratch = found
	}
	return found
}

func (x *Index) of(e *event.Event) *eventIndex {
	if e.Kind != qmp.Unknown {
		return x.byKind[e.Kind]
	}
	if ix, ok := x.byName[e.Name]; ok {
		return ix
	}
	if len(x.byName) >= maxNames {
		clear(x.byName)
	}
	name := string(append([]byte(nil), e.Name...)) // not the event's memory
	ix := x.build(e.Kind, name)
	x.byName[name] = ix
	return ix
}

// build makes the index for one event.
func (x *Index) build(kind qmp.Kind, name string) *eventIndex {
	ix := &eventIndex{}
	terms := make(map[int][][]lang.Equality) // by rule, for each pattern
	texts := make(map[string]map[string]bool)
	for i, r := range x.rules {
		if !r.Wants(kind, name) {
			continue
		}
		ix.wanted = true
		all, indexable := r.equalities(kind, name)
		if !indexable {
			ix.plain = append(ix.plain, i)
			continue
		}
		terms[i] = all
		count(texts, all)
	}
	for i := range x.rules {
		for _, pattern := range terms[i] {
			ix.put(i, mostTelling(pattern, texts))
		}
	}
	ix.tidy()
	return ix
}

// count notes the texts of all terms by name.
func count(texts map[string]map[string]bool, patterns [][]lang.Equality) {
	for _, p := range patterns {
		for _, q := range p {
			if texts[q.Name] == nil {
				texts[q.Name] = make(map[string]bool)
			}
			for _, t := range q.Texts {
				texts[q.Name][t] = true
			}
		}
	}
}

// mostTelling is the term whose name has the most different texts in all rules:
// node_name of ten thousand rest, not the action that they have in common.
func mostTelling(terms []lang.Equality, texts map[string]map[string]bool) *lang.Equality {
	best := &terms[0]
	for i := range terms[1:] {
		q := &terms[i+1]
		if d := len(texts[q.Name]) - len(texts[best.Name]); d > 0 || d == 0 && len(q.Texts) < len(best.Texts) {
			best = q
		}
	}
	return best
}

// put adds a rule to the table of a term.
func (ix *eventIndex) put(rule int, q *lang.Equality) {
	i := slices.IndexFunc(ix.tables, func(t table) bool { return t.key.Name == q.Name })
	if i < 0 {
		i = len(ix.tables)
		ix.tables = append(ix.tables, table{key: *q, rules: make(map[string][]int)})
	}
	for _, text := range q.Texts {
		if list := ix.tables[i].rules[text]; len(list) == 0 || list[len(list)-1] != rule {
			ix.tables[i].rules[text] = append(list, rule)
		}
	}
}

// tidy gives up tables that are not worth their place.
func (ix *eventIndex) tidy() {
	ix.tables = slices.DeleteFunc(ix.tables, func(t table) bool {
		n := 0
		for _, list := range t.rules {
			n += len(list)
		}
		if n > fewRules {
			return false
		}
		for _, list := range t.rules {
			ix.plain = append(ix.plain, list...)
		}
		return true
	})
	slices.Sort(ix.plain)
	ix.plain = slices.Compact(ix.plain)
}

// equalities returns the terms of each pattern of the rule that this event may
// be in; indexable is false if one of them has none.
func (r *Rule) equalities(kind qmp.Kind, name string) (all [][]lang.Equality, indexable bool) {
	e := &event.Event{Event: qmp.Event{Kind: kind, Name: name}}
	indexable = r.patterns.each(func(p *pattern) bool {
		if !p.events.has(kind, name) {
			return true
		}
		if p.conds == nil {
			return false
		}
		for i := range p.conds {
			if p.conds[i].is(e) {
				terms := p.conds[i].prog.Equalities()
				all = append(all, terms)
				return len(terms) > 0
			}
		}
		return true // no program: it never matches
	})
	return all, indexable
}
