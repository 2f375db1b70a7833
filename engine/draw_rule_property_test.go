package engine_test

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/engine/oracle"
)

// midnight is when the exceptions that expire do: on the time line of half of
// the streams (see drawStream).
const midnight = 1_700_006_400_000_000

// ruleDrawer draws the rules of a world.
type ruleDrawer struct {
	*rapid.T
	shape
	kinds  vocabulary // what the rules are about
	words  vocabulary // all that there is
	places []oracle.Place
	asked  []any // fingerprints of alerts that wait for confirm

	scopesOf map[string]oracle.Scope // of the records
	widened  bool                    // a rule uses records of a narrower scope
}

func (d *ruleDrawer) rule(i int) drawnRule {
	var r drawnRule
	r.Name = string(rune('A' + i))
	// The first ones are records, so that there is somebody to use them.
	if d.records && sample(d.T, "record", i < 2, false, i == 0) {
		// Their names say nothing about who uses whom.
		r.Record, r.Name = true, "REC_"+sample(d.T, "name", r.Name, string(rune('Z'-i)))
	}
	r.Form = sample(d.T, "form", d.forms...)
	r.Scope = sample(d.T, "scope", d.scopes...)
	switch r.Form {
	case oracle.FormSequence, oracle.FormAllOf:
		d.steps(&r)
	default:
		d.match(&r)
	}
	d.condition(&r)
	if !r.Record {
		d.life(&r)
	}
	if sample(d.T, "lateness given", false, false, false, true) && !d.heldBack {
		r.LatenessGiven, r.Lateness = true, sample(d.T, "lateness", time.Second, 3*time.Second, 0)
	}
	r.KeepOnExit = r.Scope == oracle.VM && sample(d.T, "on_vm_exit", false, false, false, true)
	if d.exceptions && sample(d.T, "exception", true, false) {
		d.exception(&r)
	}
	if d.heldBack && r.Scope == oracle.VM && !slices.ContainsFunc(r.names(), d.words.throttled) {
		r.LatenessGiven, r.Lateness = true, 2*time.Second
	}
	if d.confirm && !r.Record && sample(d.T, "confirm", true, false) {
		d.confirmed(&r)
	}
	for _, n := range r.names() {
		if of, isRecord := d.scopesOf[n]; isRecord && of < r.Scope {
			d.widened = true
		}
	}
	if r.Record {
		d.scopesOf[r.Name] = r.Scope
		k := d.recordKind(r)
		d.words = append(d.words, k)
		// Often, so that those that follow do use it.
		d.kinds = append(d.kinds, k, k, k)
	}
	return r
}

// match draws the pattern of a rule that has one, and the key.
func (d *ruleDrawer) match(r *drawnRule) {
	r.Match = d.pattern(d.kinds)
	if len(r.Match.Conds) == 0 && r.Form != oracle.FormHaving && !r.Record && sample(d.T, "glob", false, false, false, true) {
		r.event = sample(d.T, "event", "*", "BLOCK_*", "BLOCK_JOB_*")
		r.Match.Events = globbed(r.event)
	}
	for _, m := range d.words.shared(r.Match.Events) {
		if r.event == "" && isKey(m) && sample(d.T, "by "+m.path, false, false, true) {
			r.By = append(r.By, m.path)
		}
	}
	slices.Sort(r.By)
}

// isKey says that the values are texts, which are in a key as they are.
func isKey(m member) bool {
	for _, v := range m.values {
		if _, isText := v.(string); v != nil && !isText {
			return false
		}
	}
	return true
}

// steps draws the patterns of a sequence or all_of and of its until, and the
// key: members of the first, to which the others may map theirs.
func (d *ruleDrawer) steps(r *drawnRule) {
	first := d.pattern(d.kinds)
	for _, m := range d.words.shared(first.Events) {
		if isKey(m) && sample(d.T, "by "+m.path, false, false, true) {
			r.By = append(r.By, m.path)
		}
	}
	slices.Sort(r.By)
	r.Steps = []oracle.Pattern{first}
	for range sample(d.T, "steps", 1, 1, 2, 3) {
		p, ok := d.mapped(d.pattern(d.kinds), r.By, true)
		if again := slices.ContainsFunc(r.Steps, func(q oracle.Pattern) bool { return samePattern(p, q) }); ok && !(again && r.Form == oracle.FormAllOf) {
			r.Steps = append(r.Steps, p)
		}
	}
	if len(r.Steps) == 1 {
		// A step of the same events, so that it has the key; not the same twice.
		again := oracle.Pattern{Events: first.Events}
		if len(first.Conds) == 0 {
			again.Conds = []oracle.Cond{{Member: "vm.name", Op: "==", Value: "a"}}
		}
		r.Steps = append(r.Steps, again)
	}
	r.Until = d.ends(sample(d.T, "untils", 0, 0, 0, 1, 2), r.By)
}

// ends draws patterns of resolve or until. An event that stands in two of them
// must have one map.
func (d *ruleDrawer) ends(n int, by []string) []oracle.Pattern {
	var all []oracle.Pattern
	for range n {
		p, _ := d.mapped(d.pattern(d.kinds), by, false)
		if !slices.ContainsFunc(all, func(q oracle.Pattern) bool {
			return slices.ContainsFunc(p.Events, func(e string) bool { return slices.Contains(q.Events, e) }) && !maps.Equal(p.By, q.By)
		}) {
			all = append(all, p)
		}
	}
	return all
}

func samePattern(p, q oracle.Pattern) bool {
	return slices.Equal(p.Events, q.Events) && slices.Equal(p.Conds, q.Conds) && maps.Equal(p.By, q.By)
}

// mapped gives the pattern a map of its own for the members of by, where it
// needs one (all: each must be there) and sometimes where it does not; false if
// there is nothing to map to.
func (d *ruleDrawer) mapped(p oracle.Pattern, by []string, all bool) (oracle.Pattern, bool) {
	var texts []string
	for _, m := range d.words.shared(p.Events) {
		if isKey(m) {
			texts = append(texts, m.path)
		}
	}
	for _, member := range by {
		has := !slices.ContainsFunc(p.Events, func(e string) bool { return !d.words.defines(e, member) })
		if len(texts) == 0 || has && sample(d.T, "map", false, false, false, true) == false {
			if all && !has {
				return p, false
			}
			continue
		}
		if !all && sample(d.T, "map", false, true) == false {
			continue
		}
		if p.By == nil {
			p.By = map[string]string{}
		}
		if p.By[member] = sample(d.T, "to", texts...); p.By[member] == member {
			delete(p.By, member)
		}
	}
	return p, true
}

// condition draws the numbers of a form.
func (d *ruleDrawer) condition(r *drawnRule) {
	if r.Form != oracle.FormMatch && r.Form != oracle.FormAbsent {
		r.Within = sample(d.T, "within", time.Second, 2*time.Second, 3*time.Second, 10*time.Second)
	}
	switch r.Form {
	case oracle.FormCount:
		r.Count = sample(d.T, "count", 2, 2, 3, 4, 1, 12)
	case oracle.FormAbsent:
		r.AbsentFor = sample(d.T, "absent_for", time.Second, 2*time.Second, 5*time.Second, time.Minute)
	case oracle.FormHaving:
		h := havingDrawer{ruleDrawer: d, events: r.Match.Events, members: d.words.shared(r.Match.Events)}
		r.Having = h.having(2)
		if !r.Record {
			for range 2 {
				if a := h.any(); a.Func != "count" { // count there is that of the change
					r.Shown = append(r.Shown, a)
				}
			}
		}
	}
}

// life draws what becomes of the condition.
func (d *ruleDrawer) life(r *drawnRule) {
	windowless := r.Form == oracle.FormMatch || r.Form == oracle.FormSequence || r.Form == oracle.FormAllOf
	if sample(d.T, "resolve", false, windowless, true) {
		r.Resolve = d.ends(sample(d.T, "resolves", 1, 1, 2), r.By)
	}
	if len(r.Resolve) > 0 || !windowless {
		r.For = sample(d.T, "for", 0, 0, 500*time.Millisecond, time.Second, 5*time.Second)
	}
	if sample(d.T, "keep given", false, true) {
		r.KeepGiven, r.Keep = true, sample(d.T, "keep", time.Second, 2*time.Second, 10*time.Second)
		if r.Form == oracle.FormCount && sample(d.T, "keep nothing", false, false, true) {
			r.Keep = 0 // elsewhere it does nothing, which the loader refuses
		}
	}
}

// exception draws one or two, about members that all events of the rule have.
func (d *ruleDrawer) exception(r *drawnRule) {
	var events []string
	for _, p := range append([]oracle.Pattern{r.Match}, r.Steps...) {
		events = append(events, p.Events...)
	}
	for range sample(d.T, "exceptions", 1, 1, 2) {
		x := oracle.Exception{Until: sample[int64](d.T, "expires", oracle.NoTime, midnight, midnight)}
		if r.event == "" { // a glob reaches events that these tests do not know
			x.Conds = d.conds(events)
		}
		if len(x.Conds) == 0 || sample(d.T, "of a VM", false, true) {
			x.Conds = append(x.Conds, oracle.Cond{Member: "vm.name", Op: sample(d.T, "op", "==", "!="), Value: "a"})
		}
		r.Exceptions = append(r.Exceptions, x)
	}
}

// confirmed draws the question, and notes which answers may be wanted. A record
// of a host has no VM that could be asked.
func (d *ruleDrawer) confirmed(r *drawnRule) {
	ofRecords := slices.ContainsFunc(r.names(), func(n string) bool { return d.words.of(n).record })
	if len(r.By) > 1 || ofRecords || r.Form == oracle.FormAbsent && r.Scope != oracle.VM {
		return
	}
	fingerprint := func(labels string) string { return fingerprintOf(r.Name, labels) }
	r.Confirm = &oracle.Confirm{Query: "query-status", Fingerprint: fingerprint}
	values := []any{nil}
	if len(r.By) == 1 {
		values = d.words.of(firstEvent(*r)).member(r.By[0]).values
	}
	for _, p := range d.places {
		for _, v := range values {
			var labels []string
			add := func(on bool, name string, value any) {
				if on && value != nil && value != "" {
					labels = append(labels, fmt.Sprintf("%s=%s", name, value))
				}
			}
			add(r.Scope != oracle.Fleet, "host", p.Host)
			add(r.Scope == oracle.VM, "vm", p.VM)
			if len(r.By) == 1 {
				add(true, strings.NewReplacer("-", "_", ".", "_").Replace(r.By[0]), v)
			}
			slices.Sort(labels)
			if f := any(fingerprint(strings.Join(labels, ","))); !slices.Contains(d.asked, f) {
				d.asked = append(d.asked, f)
			}
		}
	}
}

func firstEvent(r drawnRule) string {
	if len(r.Steps) > 0 {
		return r.Steps[0].Events[0]
	}
	return r.Match.Events[0]
}

// fingerprintOf is rule 19's, of an alert with these labels ("host=h1,vm=a").
func fingerprintOf(name, labels string) string {
	all := []string{"alertname=" + name}
	if labels != "" {
		all = append(all, strings.Split(labels, ",")...)
	}
	slices.Sort(all)
	h := fnv.New64a()
	for _, l := range all {
		name, value, _ := strings.Cut(l, "=")
		h.Write([]byte(name + "\xff" + value + "\xff"))
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// recordKind is what rules can say of the record that a rule makes.
func (d *ruleDrawer) recordKind(r drawnRule) kindOfEvent {
	k := kindOfEvent{name: r.Name, record: true}
	patterns := []oracle.Pattern{r.Match}
	switch r.Form {
	case oracle.FormSequence: // the last event makes it
		patterns = r.Steps[len(r.Steps)-1:]
	case oracle.FormAllOf:
		patterns = r.Steps
	case oracle.FormAbsent: // no event makes it
		patterns = nil
	}
	add := func(path string, values []any) {
		have := k.member(path)
		if have == nil {
			k.members = append(k.members, member{path, values})
			return
		}
		// The word must be one of the enum whichever event made it.
		have.values = slices.DeleteFunc(slices.Clone(have.values), func(v any) bool { return !slices.Contains(values, v) })
	}
	for _, p := range append([]oracle.Pattern{r.Match}, r.Steps...) {
		for _, e := range p.Events {
			for _, by := range r.By {
				own := cmp.Or(p.By[by], by)
				add(by, d.words.of(e).member(own).values)
			}
		}
	}
	for _, p := range patterns {
		for _, e := range p.Events {
			for _, m := range d.words.of(e).members {
				add(m.path, m.values)
			}
		}
	}
	k.members = slices.DeleteFunc(k.members, func(m member) bool { return len(m.values) == 0 || m.path == "match_count" })
	k.members = append(k.members, member{"match_count", []any{int64(0), int64(1), int64(2)}})
	return k
}

func (r drawnRule) names() []string {
	var names []string
	for _, ps := range [][]oracle.Pattern{{r.Match}, r.Steps, r.Until, r.Resolve} {
		for _, p := range ps {
			names = append(names, p.Events...)
		}
	}
	return names
}

func (d *ruleDrawer) pattern(kinds vocabulary) oracle.Pattern {
	var p oracle.Pattern
	for range sample(d.T, "names", 1, 1, 2) {
		if n := sample(d.T, "name", kinds...).name; !slices.Contains(p.Events, n) {
			p.Events = append(p.Events, n)
		}
	}
	slices.Sort(p.Events)
	p.Conds = d.conds(p.Events)
	return p
}

// conds draws conditions on members that all of the events have.
func (d *ruleDrawer) conds(events []string) []oracle.Cond {
	events = slices.DeleteFunc(slices.Clone(events), func(e string) bool { return e == "" })
	var cs []oracle.Cond
	for _, m := range d.words.shared(events) {
		if sample(d.T, "condition on "+m.path, false, false, false, false, true) {
			v := sample(d.T, "value", m.values...)
			if v != nil && v != "" && d.words.allTake(events, m.path, v) {
				cs = append(cs, oracle.Cond{Member: m.path, Op: sample(d.T, "op", "==", "!="), Value: v})
			}
		}
	}
	return cs
}
