package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
)

// keyPos is where a key of the rule stands.
func (c *compiler) keyPos(key string) diag.Pos {
	if k := c.spec.keys.Key(key); k != nil {
		return k.Pos
	}
	return c.spec.Pos
}

// checkWindow checks what count, within, for and keep_firing_for need from each
// other.
func (c *compiler) checkWindow(r *Rule) {
	s := c.spec
	count, within := s.wrote("count"), s.wrote("within")
	other := s.wrote("having", "sequence", "all_of") // refused already, and has a window
	switch {
	case count && !within && !other:
		c.add(diag.New(diag.KeyCombination, c.keyPos("count"), "`count` needs `within`").
			WithHint("say how long the window is, such as `within: 5m`"))
	case within && !count && !other:
		c.add(diag.New(diag.KeyCombination, c.keyPos("within"), "`within` does nothing without `count`").
			WithHint("say how many matches the window must have, such as `count: 3`"))
	}
	condition := count || s.wrote("resolve", "absent_for") || other
	if r.For > 0 && !condition {
		c.add(diag.New(diag.KeyCombination, c.keyPos("for"), "`for` waits for a condition that nothing can end").
			WithHint("add a `resolve` event, or `count` and `within`; without them the first match alerts at once"))
	}
	if s.Keep != nil && r.KeepFiringFor == 0 && s.wrote("resolve") && !count && !other {
		c.add(diag.New(diag.KeyCombination, c.keyPos("keep_firing_for"), "`keep_firing_for: 0s` does nothing here").
			WithHint("a rule with `resolve` and without a window resolves at once anyway: remove it"))
	}
}

// checkReceivers takes the receivers over and looks them up.
func (c *compiler) checkReceivers(r *Rule) {
	first := map[string]diag.Pos{}
	for _, n := range c.spec.Receivers {
		name := n.Value
		if before, twice := first[name]; twice {
			c.add(diag.New(diag.BadValue, n.Pos, "the receiver `%s` stands twice", name).
				WithHint("remove one of them").WithRelated(before, "first here"))
			continue
		}
		first[name] = n.Pos
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

// lacking tells of members of the key that a resolve event does not know: it
// ends the alerts of all their values, which is often meant and sometimes not.
func (c *compiler) lacking(r *Rule, s *resolveSpec, paths []string, targets []target) {
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
	f := diag.New(diag.ResolveLacksMember, s.Event[0].Pos, "%s %s %s and so ends the alerts of %s of the %s",
		listEvents(events), verb, listed(members), every, scopeWord[r.Scope])
	if len(events) > 1 {
		f.Message = strings.Replace(f.Message, "and so ends", "and so end", 1)
	}
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
	if r.For > 0 && r.For < r.Lateness {
		why := "an event that QEMU may hold back"
		if r.Scope != ScopeVM {
			why = "the events of other VMs"
		}
		c.add(diag.New(diag.ForBelowLateness, c.keyPos("for"), "`for: %s` is shorter than the %s that this rule waits for %s anyway",
			duration.Format(r.For), duration.Format(r.Lateness), why).
			WithHint("make it longer, or leave it out"))
	}
	if r.Count > 0 && r.Count <= smallCount && r.Within > 0 && r.For >= r.Within {
		c.add(diag.New(diag.ForNotBelowWithin, c.keyPos("for"), "`for: %s` is not shorter than `within: %s`: matches leave the window before the alert can fire, unless more come all the time",
			duration.Format(r.For), duration.Format(r.Within)).
			WithHint("make `for` shorter, or leave it out: %d matches within %s are a condition already", r.Count, duration.Format(r.Within)))
	}
}
