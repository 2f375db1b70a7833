package rules

import (
	"strings"
	"time"
	"unicode"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// MaxLateness bounds `lateness`: all events of a VM wait for so long in memory.
const MaxLateness = time.Hour

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
	p.names(n, s)
	p.match(n, s)
	p.window(n, s)
	p.patterns(n, s)
	p.extras(n, s)
	s.Labels = p.texts(n, "labels")
	s.Annots = p.texts(n, "annotations")
	s.Receivers = p.list(n, "receiver")
	s.Tests = p.tests(n.Get("tests"), false)
	s.broken = p.found.HasErrors()
	for _, f := range *p.found {
		outer.Add(f.In(g.name(), s.name()))
	}
	p.found = outer
	return s
}

// names reads what the rule makes: an alert or a record.
func (p *fileParser) names(n *yamldoc.Node, s *spec) {
	alert, record := n.Get("alert"), n.Get("record")
	if alert != nil {
		s.Alert = p.name(alert, "an alert")
		s.Pos = alert.Pos
	}
	switch {
	case alert != nil && record != nil:
		p.found.Add(diag.New(diag.KeyCombination, n.Key("record").Pos, "`record` beside `alert`: a rule makes one of them").
			WithHint("make the record with a rule of its own, and name it in the `event` of this one"))
	case record != nil:
		s.Record = p.recordName(record)
		s.Pos = record.Pos
	case alert == nil && !s.wrote("record"):
		p.require(n, ruleKeys, ruleWords, "alert")
	}
}

// match reads what a match is and what makes its key.
func (p *fileParser) match(n *yamldoc.Node, s *spec) {
	s.Event = p.list(n, "event")
	if !s.wrote("event", "sequence", "all_of") {
		before := len(*p.found)
		if p.require(n, ruleKeys, ruleWords, "event"); len(*p.found) > before {
			(*p.found)[before].Hint = "say which event it is about: `qmpalert events` lists what QEMU sends"
		}
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
	s.Having = p.text(n.Get("having"))
	s.Within = p.positive(n, "within", "leave out `within` and `count` to alert at every match")
	s.AbsentFor = p.positive(n, "absent_for", "say how long nothing must come, such as `absent_for: 5m`")
	s.For = p.span(n.Get("for"))
	s.Keep = p.span(n.Get("keep_firing_for"))
	s.Lateness = p.span(n.Get("lateness"))
	if s.Lateness != nil && s.Lateness.d > MaxLateness {
		p.found.Add(diag.New(diag.BadValue, s.Lateness.node.Pos, "`lateness` must be at most %s", duration.Format(MaxLateness)).
			WithHint("every event waits so long for those that QEMU may still send: 2s is enough for all of them"))
		s.Lateness = nil
	}
}

// positive reads a duration that is longer than 0.
func (p *fileParser) positive(n *yamldoc.Node, key, hint string) *span {
	s := p.span(n.Get(key))
	if s == nil || s.d > 0 {
		return s
	}
	p.found.Add(diag.New(diag.BadValue, s.node.Pos, "`%s` must be longer than 0", key).WithHint("%s", hint))
	return nil
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
		p.tooMany(v, key, maxList)
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

func (p *fileParser) tooMany(n *yamldoc.Node, key string, most int) {
	p.found.Errorf(diag.TooLarge, n.Pos, "`%s` has more than %d entries", key, most)
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

// recordName reads the name of a record, which is that of an event.
func (p *fileParser) recordName(n *yamldoc.Node) *yamldoc.Node {
	if n = p.name(n, "a record"); n == nil {
		return nil
	}
	bad := func(format string, args ...any) *yamldoc.Node {
		f := diag.New(diag.BadRecordName, n.Pos, format, args...).
			WithHint("a record is an event that qmpalert makes: choose a name of its own, such as QUORUM_SICK")
		if upper := recordChars.Replace(strings.ToUpper(n.Value)); isRecordName(upper) && upper != n.Value && qmp.Lookup(upper) == nil {
			f = f.WithHint("write `%s`", upper)
		}
		p.found.Add(f)
		return nil
	}
	switch {
	case !isRecordName(n.Value):
		return bad("the name of a record has capital letters, digits and _, and begins with a letter")
	case strings.HasPrefix(n.Value, ownPrefix):
		return bad("names that begin with %s belong to qmpalert itself", ownPrefix)
	case qmp.Lookup(n.Value) != nil:
		return bad("`%s` is an event of QEMU", n.Value)
	}
	return n
}

var recordChars = strings.NewReplacer("-", "_", " ", "_", ".", "_")

func isRecordName(s string) bool {
	for i, r := range s {
		letter := r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return s != ""
}
