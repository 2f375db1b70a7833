package rules

import (
	"fmt"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// target is a kind of event that an expression or text can meet. Types and
// slots differ from one to the next, so each source is compiled for each.
type target struct {
	def    *qmp.Def // nil: nothing is known about its members
	name   string   // "" for whatever else a glob matches
	record string   // its name, if it is a record
}

// id is what programs for the target are found by. The kind of the definition
// of a record is qmp.Unknown, too.
func (t target) id() kindID {
	if t.def == nil || t.record != "" {
		return kindID{record: t.record}
	}
	return kindID{kind: t.def.Kind}
}

// optional says that nobody named the event: it exists only if a QEMU newer
// than the table has one that a glob matches. What cannot be compiled for it is
// no mistake; it just does not match.
func (t target) optional() bool { return t.def == nil && t.name == "" }

// targets lists the kinds of events in a selector, known ones in order of name,
// then records. Whatever else is not in the table is the same to a program: the
// first name stands for all.
func (s *selector) targets() []target {
	var all []target
	for _, d := range s.kinds.all() {
		all = append(all, target{def: d, name: d.Name})
	}
	for _, r := range s.records {
		all = append(all, target{r.def, r.name, r.name})
	}
	switch {
	case len(s.names) > 0:
		all = append(all, target{name: s.names[0]})
	case len(s.globs) > 0:
		all = append(all, target{})
	}
	return all
}

// use says what a source is for; it decides what names mean.
type use uint8

const (
	asCondition  use = iota
	asLabel          // made once, from the event and the key
	asAnnotation     // made at every change: count, first_time and last_time, too
	asHaving         // about the aggregates of the window
	asAnswer         // about the answer of a query
)

var (
	windowVars = lang.WindowVars()
	answerVars = []lang.Var{{Name: "answer", Type: lang.AnyType, Get: wholeAnswer}}
)

func (u use) vars() []lang.Var {
	switch u {
	case asAnnotation:
		return windowVars
	case asAnswer:
		return answerVars
	}
	return nil
}

func (u use) want() lang.Want {
	if u == asHaving {
		return lang.Having
	}
	return lang.Condition
}

// compiled is the outcome for one source and one target: a program for a
// condition, a text for labels and annotations, or what is wrong.
type compiled struct {
	prog     *lang.Program
	text     *lang.Text
	problems []lang.Problem
}

// programCache shares programs between rules: a thousand generated rules have a
// handful of different texts.
type programCache struct{ all map[cacheKey]compiled }

type cacheKey struct {
	src  string
	name string
	def  *qmp.Def
	defs *lang.Definitions
	use  use
}

func newProgramCache() *programCache { return &programCache{map[cacheKey]compiled{}} }

// source compiles src for an event; name is what messages call it.
func (c *compiler) source(src string, t target, name string, u use) (out compiled) {
	env := lang.Env{Event: t.def, Name: name, Vars: u.vars(), Defs: c.spec.Group.File.defs}
	// Aggregates have a number in their rule: nothing to share with others.
	if c.aggregates != nil && (u == asHaving || u == asAnnotation) {
		env.Aggregates = c.aggregates
	} else {
		key := cacheKey{src, name, t.def, env.Defs, u}
		if out, ok := c.cache.all[key]; ok {
			return out
		}
		defer func() { c.cache.all[key] = out }()
	}
	if u == asLabel || u == asAnnotation {
		out.text, out.problems = lang.CompileText(src, env)
	} else {
		out.prog, out.problems = lang.Compile(src, env, u.want())
	}
	return out
}

// eachTarget compiles the source in a node for every target, hands over what
// could be compiled, and folds the complaints.
func (c *compiler) eachTarget(n *yamldoc.Node, targets []target, u use, take func(target, compiled)) {
	var folded complaints
	checked := 0
	for _, t := range targets {
		name := t.name
		if len(targets) > 1 {
			name = "the event" // complaints that differ only in it are one
		}
		out := c.source(n.Value, t, name, u)
		if t.optional() {
			if len(out.problems) == 0 {
				take(t, out)
			}
			continue
		}
		checked++
		for _, p := range out.problems {
			folded.add(p, t)
		}
		if len(out.problems) == 0 {
			take(t, out)
		}
	}
	for _, p := range folded {
		f := p.finding(n, targets, checked, u)
		if at := c.spec.Group.File.macros[p.Macro]; at != nil {
			f = p.inMacro(at, f)
			if c.told[f.Pos] {
				continue
			}
			c.told[f.Pos] = true
		}
		c.add(f)
	}
}

// inMacro moves a complaint about what a macro says to where it says it.
func (p *complaint) inMacro(at *yamldoc.Node, f diag.Finding) diag.Finding {
	used := f.Pos
	f.Pos = at.Range(p.MacroOffset, p.MacroEnd)
	return f.WithRelated(used, "where `"+p.Macro+"` is used")
}

// complaint is a problem of one source and the events that have it.
type complaint struct {
	lang.Problem
	events []string
	mixed  bool // the hints of the events differ
}

type complaints []*complaint

func (all *complaints) add(p lang.Problem, t target) {
	for _, c := range *all {
		if c.Offset == p.Offset && c.End == p.End && c.MacroOffset == p.MacroOffset && c.Code == p.Code && c.Message == p.Message {
			c.events = append(c.events, t.name)
			c.mixed = c.mixed || c.Hint != p.Hint
			return
		}
	}
	*all = append(*all, &complaint{Problem: p, events: []string{t.name}})
}

// finding words the complaint. checked is the number of events that were asked.
func (p *complaint) finding(n *yamldoc.Node, targets []target, checked int, u use) diag.Finding {
	f := diag.New(p.Code, n.Range(p.Offset, p.End), "%s", p.Message)
	if !p.mixed {
		f.Hint = p.Hint
	}
	if p.Code == diag.ExprSyntax || p.Code == diag.ExprRefused {
		return f // the same for every event
	}
	if checked > 1 {
		f.Message = "for " + listEvents(p.events) + ": " + p.Message
	}
	if p.Code == diag.UnknownMember && f.Hint == "" && checked > 1 {
		f.Hint = "`qmpalert events NAME` lists the members of an event"
	}
	word := between(n.Value, p.Offset, p.End)
	if p.Macro != "" {
		word = "" // it is not in this source
	}
	if p.Code == diag.UnknownMember && len(p.events) < checked {
		if m := memberOfAny(targets, word); m != nil {
			f.Hint = fmt.Sprintf("with several events a member must be in each; data[%q] is nil where it is not", m.Path)
			if strings.Contains(m.Path, ".") {
				f.Hint = "with several events a member must be in each: make it two rules"
			}
		}
	}
	if p.Code == diag.UnknownMember && targets[0].name == theKey {
		f.Hint = "with `absent_for` there is no event to tell of: texts know the members of `by`, vm.name and host"
	}
	if u == asLabel && strings.HasPrefix(p.Hint, "an aggregate ") {
		f.Hint = "labels are made once, when the condition begins: use aggregates in annotations"
	}
	if u == asLabel && (word == "count" || word == "first_time" || word == "last_time") {
		f.Hint = fmt.Sprintf("labels are made once, when the condition begins: use `%s` in annotations", word)
	}
	return f
}

// between is the part of s that a problem is about.
func between(s string, from, to int) string {
	if from < 0 || to > len(s) || from > to {
		return ""
	}
	return s[from:to]
}

func memberOfAny(targets []target, ident string) *qmp.Member {
	for _, t := range targets {
		if t.def == nil {
			continue
		}
		if m := t.def.Member(ident); m != nil {
			return m
		}
	}
	return nil
}

// maxNamed bounds how many events a message names.
const maxNamed = 3

// listEvents names events in a sentence: A, A and B, A, B, C and 4 more.
func listEvents(names []string) string {
	if len(names) > maxNamed+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
	}
	return listed(names)
}

func listed(names []string) string {
	last := len(names) - 1
	if last <= 0 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
