package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// by checks the members of `by` and returns those that are good, sorted: the
// order in which they are written means nothing.
// isMember asks whether the events of the rule have a member.
func (c *compiler) by(nodes []*yamldoc.Node, targets []target, isMember func(*yamldoc.Node) bool) []string {
	labels := map[string]string{}
	var good []string
	for _, n := range c.distinct(nodes, "`%s` stands twice in `by`") {
		path := n.Value
		if c.noMember(n, targets) || !isMember(n) {
			continue
		}
		label := labelName(path)
		if other, taken := labels[label]; taken || slices.Contains(builtinLabels, label) || label == severityLabel {
			what := "which every alert has"
			if taken {
				what = "as `" + other + "` does"
			}
			c.add(diag.New(diag.LabelCollision, n.Pos, "`%s` makes the label `%s`, %s", path, label, what))
			continue
		}
		if !validLabelName(label) {
			c.add(diag.New(diag.BadValue, n.Pos, "`%s` cannot be made a label", path).
				WithHint("names have letters, digits, - and _, and do not begin with a digit"))
			continue
		}
		labels[label] = path
		good = append(good, path)
	}
	slices.Sort(good)
	return good
}

// builtinLabels are those that alerts have by themselves; severity, the fourth,
// may be set.
var builtinLabels = []string{"alertname", "host", "vm"}

// noMember complains about what is in the key by itself.
func (c *compiler) noMember(n *yamldoc.Node, targets []target) bool {
	path := n.Value
	hint := notMembers[path]
	if hint == "" || memberOfAny(targets, path) != nil {
		return false
	}
	if nested := nestedHint(path, targets); nested != "" {
		hint = nested
	}
	c.add(diag.New(diag.UnknownMember, n.Pos, "`%s` is not a member of an event", path).WithHint("%s", hint))
	return true
}

// keyMember checks that every event that can match has the member, and that it
// is a single value there.
func (c *compiler) keyMember(n *yamldoc.Node, targets []target) bool {
	path := n.Value
	var without []string
	for _, t := range targets {
		if t.def == nil {
			continue
		}
		m := exactMember(t.def, path)
		if m == nil {
			without = append(without, t.name)
			continue
		}
		if !c.singleValue(n, m, t) {
			return false
		}
	}
	known := knownTargets(targets)
	switch {
	case len(without) == 0:
		return true
	case known == 1:
		c.add(diag.New(diag.UnknownMember, n.Pos, "`%s` is not a member of %s", path, without[0]).
			WithHint("%s", memberHint(path, targets)))
	case len(without) == known:
		c.add(diag.New(diag.KeyNotDefinedByAll, n.Pos, "`%s` is not a member of any of the events", path).
			WithHint("%s", memberHint(path, targets)))
	default:
		c.add(diag.New(diag.KeyNotDefinedByAll, n.Pos, "`%s` is not a member of %s", path, listEvents(without)).
			WithHint("every event of the rule must have the members of `by`: make it two rules, or leave `%s` out", path))
	}
	return false
}

// notMembers are words that people put into `by` for what `scope` does.
var notMembers = map[string]string{
	"vm":        "host and VM are in the key already: see `scope`",
	"vm.name":   "host and VM are in the key already: see `scope`",
	"vm.uuid":   "host and VM are in the key already: see `scope`",
	"host":      "host and VM are in the key already: see `scope`",
	"event":     "make one rule for each event",
	"alertname": "every rule has a key of its own already",
}

// singleValue refuses what has no canonical text to tell keys apart.
func (c *compiler) singleValue(n *yamldoc.Node, m *qmp.Member, t target) bool {
	switch m.JSON {
	case qmp.JSONObject:
		f := diag.New(diag.BadValue, n.Pos, "`%s` of %s is an object and cannot be in a key", m.Path, t.name)
		if parts := scalars(m); len(parts) > 0 {
			f = f.WithHint("take one of its members: %s", strings.Join(parts, ", "))
		}
		c.add(f)
		return false
	case qmp.JSONAny:
		c.add(diag.New(diag.BadValue, n.Pos, "`%s` of %s can be anything, also an object, and cannot be in a key", m.Path, t.name))
		return false
	}
	return true
}

func scalars(m *qmp.Member) []string {
	var parts []string
	for _, sub := range m.Members {
		if sub.JSON != qmp.JSONObject && sub.JSON != qmp.JSONAny {
			parts = append(parts, sub.Path)
		}
	}
	return parts
}

// exactMember is the member that QMP spells so.
func exactMember(d *qmp.Def, path string) *qmp.Member {
	if m := d.Member(path); m != nil && m.Path == path {
		return m
	}
	return nil
}

func knownTargets(targets []target) int {
	n := 0
	for _, t := range targets {
		if t.def != nil {
			n++
		}
	}
	return n
}

// memberHint suggests a member of the events, or lists those of a single one.
func memberHint(path string, targets []target) string {
	if hint := nestedHint(path, targets); hint != "" {
		return hint
	}
	all := keyMembers(targets)
	switch hint := diag.DidYouMean(path, all); {
	case hint != "":
		return hint
	case len(all) == 0 && knownTargets(targets) == 1:
		return targets[0].name + " has no members: leave out `by`"
	case len(all) == 0:
		return "the events have no members: leave out `by`"
	case knownTargets(targets) == 1:
		return fmt.Sprintf("%s has %s", targets[0].name, strings.Join(all[:min(len(all), 16)], ", "))
	}
	return "`qmpalert events NAME` lists the members of an event"
}

// nestedHint suggests client.host to somebody who wrote host; "" if there is no
// such member.
func nestedHint(path string, targets []target) string {
	var nested []string
	for _, p := range keyMembers(targets) {
		if strings.HasSuffix(p, "."+path) {
			nested = append(nested, "`"+p+"`")
		}
	}
	if len(nested) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(nested, " or ") + "?"
}

// keyMembers lists what can be in a key of one of the events.
func keyMembers(targets []target) []string {
	var all []string
	for _, t := range targets {
		if t.def == nil {
			continue
		}
		for _, m := range t.def.Slots {
			if m.JSON != qmp.JSONObject && m.JSON != qmp.JSONAny && !slices.Contains(all, m.Path) {
				all = append(all, m.Path)
			}
		}
	}
	return all
}

// plans says where the members of by are in each event; paths are those in the
// event, the same as by but for a map of `resolve`.
func plans(paths []string, targets []target) []keyPlan {
	if len(paths) == 0 {
		return nil
	}
	all := make([]keyPlan, 0, len(targets))
	for _, t := range targets {
		p := keyPlan{kindID: t.id(), paths: paths}
		if t.def == nil {
			all = append(all, p)
			continue
		}
		p.slots = make([]int, len(paths))
		for i, path := range paths {
			p.slots[i] = noSlot
			if m := exactMember(t.def, path); m != nil {
				p.slots[i] = m.Slot
			}
		}
		all = append(all, p)
	}
	return all
}
