package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// keyPos is where a key of the rule stands.
func (c *compiler) keyPos(key string) diag.Pos {
	if k := c.spec.keys.Key(key); k != nil {
		return k.Pos
	}
	return c.spec.Pos
}

// checkForm checks that there is one condition, and what it needs.
func (c *compiler) checkForm(r *Rule) {
	s := c.spec
	var written []string // in the order of the file
	s.keys.Each(func(key, _ *yamldoc.Node) {
		if slices.Contains(forms[:], key.Value) {
			written = append(written, key.Value)
		}
	})
	for i := 1; i < len(written); i++ {
		hint := "make a record of one of them and name it in the other rule, or write two rules"
		if s.wrote("count") && s.wrote("having") && len(written) == 2 {
			hint = "say both in one: `having: count >= 3 and …`"
		}
		c.add(diag.New(diag.TooManyOfForms, c.keyPos(written[i]), "`%s` beside `%s`: a rule has one condition", written[i], written[0]).
			WithHint("%s", hint).
			WithRelated(c.keyPos(written[0]), "the other condition"))
	}
	windowed := s.wrote("count", "having", "sequence", "all_of")
	switch {
	case windowed && !s.wrote("within"):
		key := written[slices.IndexFunc(written, func(k string) bool { return k != "absent_for" })]
		c.add(diag.New(diag.KeyCombination, c.keyPos(key), "`%s` needs `within`", key).
			WithHint("say how long the window is, such as `within: 5m`"))
	case s.wrote("within") && !windowed && s.wrote("absent_for"):
		c.add(diag.New(diag.KeyCombination, c.keyPos("within"), "`within` does nothing beside `absent_for`").
			WithHint("remove it: how long nothing must come is `absent_for`"))
	case s.wrote("within") && !windowed:
		c.add(diag.New(diag.KeyCombination, c.keyPos("within"), "`within` does nothing without `count`, `having`, `sequence` or `all_of`").
			WithHint("say how many matches the window must have, such as `count: 3`"))
	}
	c.checkSteps()
}

// checkSteps checks what does not go with sequence and all_of, or not without.
func (c *compiler) checkSteps() {
	s := c.spec
	key := "sequence"
	if !s.wrote(key) {
		key = "all_of"
	}
	if !s.wrote(key) {
		if s.wrote("until") {
			c.add(diag.New(diag.KeyCombination, c.keyPos("until"), "`until` does nothing without `sequence` or `all_of`").
				WithHint("what ends a condition is `resolve`"))
		}
		return
	}
	if s.wrote("event") {
		c.add(diag.New(diag.KeyCombination, c.keyPos("event"), "`event` beside `%s`: the steps name the events", key).
			WithHint("make it a step, or leave it out"))
	}
	if s.wrote("expr") {
		c.add(diag.New(diag.KeyCombination, c.keyPos("expr"), "`expr` beside `%s`: each step has its own", key).
			WithHint("write it into the steps: `{event: …, expr: …}`"))
	}
}

// checkTimes checks what for and keep_firing_for need.
func (c *compiler) checkTimes(r *Rule) {
	s := c.spec
	if c.isRecord() {
		return // neither is allowed there
	}
	if r.For > 0 && !s.wrote("resolve", "count", "having", "absent_for") {
		f := diag.New(diag.KeyCombination, c.keyPos("for"), "`for` waits for a condition that nothing can end").
			WithHint("add a `resolve` event, or `count` and `within`; without them the first match alerts at once")
		if s.wrote("sequence", "all_of") {
			f = f.WithHint("add a `resolve` event; without it the alert fires when the last event has come")
		}
		c.add(f)
	}
	if s.Keep == nil || r.KeepFiringFor > 0 || s.wrote("count") {
		return
	}
	switch {
	case s.wrote("having", "absent_for"):
		c.add(diag.New(diag.KeyCombination, c.keyPos("keep_firing_for"), "`keep_firing_for: 0s` does nothing here").
			WithHint("the alert resolves as soon as the condition ends anyway: remove it"))
	case s.wrote("resolve"):
		c.add(diag.New(diag.KeyCombination, c.keyPos("keep_firing_for"), "`keep_firing_for: 0s` does nothing here").
			WithHint("a rule with `resolve` and without a window resolves at once anyway: remove it"))
	}
}

func (c *compiler) isRecord() bool { return c.spec.wrote("record") && !c.spec.wrote("alert") }

// notInRecord are the keys that are about an alert, with what to do instead.
var notInRecord = []struct{ key, hint string }{
	{"for", "a record is made when the condition begins: write `for` in the rule that uses it"},
	{"keep_firing_for", "a record has no duration: write it in the rule that uses it"},
	{"resolve", "a record has no end: write `resolve` in the rule that uses it"},
	{"labels", "a record has members: those of its event and of `by`; labels belong to the alert"},
	{"annotations", "nobody reads a record: annotations belong to the alert"},
	{"receiver", "nobody is told of a record: a receiver belongs to the alert"},
	{"inhibits", "a record silences nothing: write it in the rule that uses it"},
	{"confirm", "write it in the rule that uses the record"},
	{"attach", "write it in the rule that uses the record"},
	{"mode", "nobody is told of a record anyway: remove it"},
}

// checkRecord refuses what means nothing in a record.
func (c *compiler) checkRecord() {
	if !c.isRecord() {
		return
	}
	for _, k := range notInRecord {
		if c.spec.wrote(k.key) {
			c.add(diag.New(diag.NotInRecord, c.keyPos(k.key), "a record has no `%s`", k.key).WithHint("%s", k.hint))
		}
	}
}

// inhibits returns the alerts that the rule silences, sorted. alerts are all
// that there are, names the same in order.
func (c *compiler) inhibits(alerts map[string]bool, names []string) []string {
	var good []string
	for _, n := range c.distinct(c.spec.Inhibits, "the alert `%s` stands twice in `inhibits`") {
		name := n.Value
		switch {
		case c.spec.Alert != nil && name == c.spec.Alert.Value:
			c.add(diag.New(diag.BadValue, n.Pos, "an alert cannot silence itself").
				WithHint("to evaluate without notifying write `mode: shadow`"))
		case alerts[name]:
			good = append(good, name)
		case c.recordNames[name]:
			c.add(diag.New(diag.UnknownAlert, n.Pos, "`%s` is a record, and nobody is told of it anyway", name).
				WithHint("name the alerts that are made from it"))
		default:
			hint := diag.DidYouMean(name, names)
			if hint == "" {
				hint = "its rule must be in a file that is loaded with this one"
			}
			c.add(diag.New(diag.UnknownAlert, n.Pos, "no rule makes the alert `%s`", name).WithHint("%s", hint))
		}
	}
	slices.Sort(good)
	return good
}

// shortLateness warns of a lateness that lets late events show in the outcome,
// and of one that a record makes longer anyway.
func (c *compiler) shortLateness(r *Rule, given *span, own, least time.Duration) {
	switch {
	case given.d < least:
		c.add(diag.New(diag.LatenessTooShort, given.node.Pos, "the rule waits %s anyway, as long as a record that it uses", duration.Format(least)).
			WithHint("remove `lateness`"))
	case given.d < own:
		why := "QEMU may hold back an event of this rule for a second"
		if r.Scope != ScopeVM {
			why = "the events of other VMs may come later"
		}
		c.add(diag.New(diag.LatenessTooShort, given.node.Pos, "%s: with less than %s its order is lost", why, duration.Format(own)).
			WithHint("remove `lateness`, unless to be early is worth that"))
	}
}

// checkReceivers takes the receivers over and looks them up.
func (c *compiler) checkReceivers(r *Rule) {
	for _, n := range c.distinct(c.spec.Receivers, "the receiver `%s` stands twice") {
		name := n.Value
		if name == "" {
			c.add(diag.New(diag.BadValue, n.Pos, "the name of a receiver is empty").
				WithHint("leave `receiver` out to let the routes decide"))
			continue
		}
		r.Receivers = append(r.Receivers, name)
		if c.opts.Receivers == nil || slices.Contains(c.opts.Receivers, name) {
			continue
		}
		hint := diag.DidYouMean(name, c.opts.Receivers)
		switch {
		case hint != "":
		case len(c.opts.Receivers) == 0:
			hint = "the configuration has no receivers"
		default:
			known := slices.Sorted(slices.Values(c.opts.Receivers))
			hint = "the configuration has " + strings.Join(known, ", ")
		}
		c.add(diag.New(diag.UnknownReceiver, n.Pos, "unknown receiver `%s`", name).WithHint("%s", hint))
	}
}

// lacking tells of members of the key that a resolve or until event does not
// know: it is about all their values, which is often meant and sometimes not.
func (c *compiler) lacking(r *Rule, s *patternSpec, paths []string, targets []target, key string) {
	if s.badMap {
		return
	}
	var members, events []string
	mappable := false
	for i, member := range r.By {
		for _, t := range targets {
			if t.def == nil || exactMember(t.def, paths[i]) != nil {
				continue
			}
			if !slices.Contains(members, "`"+member+"`") {
				members = append(members, "`"+member+"`")
			}
			if !slices.Contains(events, t.name) {
				events = append(events, t.name)
			}
			mappable = mappable || len(t.def.Members) > 0
		}
	}
	if len(members) == 0 {
		return
	}
	verb, every := "lacks", "all values of "+listed(members)
	if len(events) > 1 {
		verb = "lack"
	}
	if len(members) == 1 {
		every = "every " + strings.Trim(members[0], "`")
	}
	does := "ends the alerts"
	if key == "until" {
		does = "drops the attempts"
	}
	if len(events) > 1 {
		first, rest, _ := strings.Cut(does, "s ") // end, drop
		does = first + " " + rest
	}
	f := diag.New(diag.ResolveLacksMember, s.Event[0].Pos, "%s %s %s and so %s of %s of the %s",
		listEvents(events), verb, listed(members), does, every, scopeWord[r.Scope])
	if mappable {
		f.Hint = "if another member stands for it: `{event: …, by: {" + strings.Trim(members[0], "`") + ": …}}`"
	}
	c.add(f)
}

var scopeWord = [...]string{ScopeVM: "VM", ScopeHost: "host", ScopeFleet: "fleet"}

// smallCount is up to where matches come too seldom to hold a window that long
// by themselves.
const smallCount = 10

// warn finds what is allowed and will probably disappoint.
func (c *compiler) warn(r *Rule) {
	c.unreachable(r)
	c.takenAway(r)
	c.neverCompletes(r)
	if r.KeepOnExit && r.Scope != ScopeVM {
		c.add(diag.New(diag.NoEffect, c.keyPos("on_vm_exit"), "`on_vm_exit: keep` does nothing with `scope: %s`: no VM takes its alerts along", r.Scope).
			WithHint("remove it"))
	}
	if r.For > 0 && r.For < r.Lateness {
		why := "an event that QEMU may hold back"
		if r.Scope != ScopeVM {
			why = "the events of other VMs"
		}
		c.add(diag.New(diag.ForBelowLateness, c.keyPos("for"), "`for: %s` is shorter than the %s that this rule waits for %s anyway",
			duration.Format(r.For), duration.Format(r.Lateness), why).
			WithHint("make it longer, or leave it out"))
	}
	if n := c.least(r); n > 0 && n <= smallCount && r.Within > 0 && r.For >= r.Within {
		c.add(diag.New(diag.ForNotBelowWithin, c.keyPos("for"), "`for: %s` is not shorter than `within: %s`: matches leave the window before the alert can fire, unless more come all the time",
			duration.Format(r.For), duration.Format(r.Within)).
			WithHint("make `for` shorter, or leave it out: %d matches within %s are a condition already", n, duration.Format(r.Within)))
	}
}
