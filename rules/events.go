package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// selector resolves the names and globs of `event`; what cannot be resolved is
// a finding and left out.
func (c *compiler) selector(nodes []*yamldoc.Node) selector {
	s := selector{derived: c.recordNames}
	for _, n := range c.distinct(nodes, "the event `%s` stands twice in the list") {
		if isGlob(n.Value) {
			c.glob(&s, n)
		} else {
			c.event(&s, n)
		}
	}
	return s
}

func (c *compiler) event(s *selector, n *yamldoc.Node) {
	name := n.Value
	d := qmp.Lookup(name)
	switch {
	case d != nil:
		s.kinds.add(d.Kind)
		c.neverSent(n, d)
	case strings.HasPrefix(name, vendorPrefix) && isEventName(name):
		s.names = insert(s.names, name)
	case c.recordNames[name]:
		s.addRecord(recordRef{name, c.use(name)})
	default:
		hint := diag.DidYouMean(name, slices.Concat(eventNames(), c.sortedRecords))
		if hint == "" {
			hint = "`qmpalert events` lists the known events; a record must be in a file that is loaded with this one"
		}
		c.add(diag.New(diag.UnknownEvent, n.Pos, "unknown event `%s`", name).WithHint("%s", hint))
	}
}

func (c *compiler) glob(s *selector, n *yamldoc.Node) {
	glob := n.Value
	_, err := path.Match(glob, "")
	switch {
	case err != nil || strings.Contains(glob, `\`):
		c.add(diag.New(diag.BadGlob, n.Pos, "`%s` is not a well-formed glob", glob).
			WithHint("* stands for any characters, ? for one, [AB] for one of them"))
	case strings.HasPrefix(glob, ownPrefix):
		c.add(diag.New(diag.BadGlob, n.Pos, "a glob matches the events of QEMU only, never %s…", ownPrefix).
			WithHint("write the names out: %s", strings.Join(ownNames(), ", ")))
	case s.addGlob(glob) > 0 || strings.HasPrefix(glob, vendorPrefix):
	case slices.ContainsFunc(c.sortedRecords, func(name string) bool { return globMatches(glob, name) }):
		c.add(diag.New(diag.BadGlob, n.Pos, "a glob matches the events of QEMU only, never records").
			WithHint("write the names of the records out"))
	default:
		c.add(diag.New(diag.BadGlob, n.Pos, "no event matches `%s`", glob).WithHint("%s", globHint(glob)))
	}
}

// globHint finds what was probably meant by a glob that matches nothing.
func globHint(glob string) string {
	upper := strings.ToUpper(glob)
	var heads []string
	for _, name := range eventNames() {
		if globMatches(upper, name) {
			return "the names of events are in upper case: `" + upper + "`"
		}
		for i := range len(name) {
			if name[i] == '_' && !strings.HasPrefix(name, ownPrefix) {
				heads = append(heads, name[:i+1]+"*")
			}
		}
	}
	if hint := diag.DidYouMean(glob, heads); hint != "" {
		return hint
	}
	return "`qmpalert events` lists the known events"
}

// neverSent warns of an event that QEMU gave up.
func (c *compiler) neverSent(n *yamldoc.Node, d *qmp.Def) {
	if d.Removed == "" {
		return
	}
	f := diag.New(diag.EventNeverSent, n.Pos, "QEMU %s and later do not send %s any more", d.Removed, d.Name)
	if next := successor(d); next != "" {
		f = f.WithHint("since QEMU %s there is `%s`", qmp.Lookup(next).Since, next)
	}
	c.add(f)
}

// successor is the event that the table says is sent instead of d, or "".
func successor(d *qmp.Def) string {
	for _, f := range d.Follows {
		word, _, _ := strings.Cut(f.Then, " ")
		if qmp.Lookup(word) != nil {
			return word
		}
	}
	return ""
}

// isEventName says whether QAPI allows the name.
func isEventName(s string) bool {
	for _, r := range s {
		if !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("_-.", r)) {
			return false
		}
	}
	return len(s) <= maxName
}

func eventNames() []string {
	names := make([]string, len(qmp.Defs()))
	for i, d := range qmp.Defs() {
		names[i] = d.Name
	}
	return names
}

func ownNames() []string {
	var names []string
	for _, d := range qmp.Defs() {
		if d.Own {
			names = append(names, d.Name)
		}
	}
	return names
}
