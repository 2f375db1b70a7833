package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/term"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// version is a release of QEMU: 7.2 is {7, 2}.
type version [2]int

// parseVersion reads "7.2" and "7.2.22"; of "2.1 or earlier" it takes 2.1.
func parseVersion(s string) (v version, ok bool) {
	s, _, _ = strings.Cut(s, " ")
	parts := strings.Split(s, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return v, false
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || len(part) > 3 {
			return version{}, false
		}
		if i < len(v) {
			v[i] = n
		}
	}
	return v, true
}

func (v version) before(w version) bool { return v[0] < w[0] || v[0] == w[0] && v[1] < w[1] }

// ValidQEMU reports whether s can be the QEMU of Options: "7.2" or "7.2.22".
func ValidQEMU(s string) bool {
	_, ok := parseVersion(s)
	return ok && !strings.Contains(s, " ")
}

// younger reports whether something came after the oldest QEMU that the user
// has.
func (c *compiler) younger(d *qmp.Def, since string) bool {
	oldest, ok := parseVersion(c.opts.QEMU)
	if !ok || d.Own {
		return false
	}
	v, ok := parseVersion(since)
	return ok && oldest.before(v)
}

// lintVersion looks for events, members and values that the oldest QEMU does
// not send. Beside an event that it does send a younger one is no mistake: that
// is how a rule covers both.
func (c *compiler) lintVersion(p *place, all []place) {
	if c.opts.QEMU == "" {
		return
	}
	covered := slices.ContainsFunc(all, func(q place) bool {
		return (q.part == p.part && p.part != partStep || q.event == p.event) && c.sends(&q)
	})
	for _, d := range p.defs {
		switch {
		case !c.younger(d, d.Since):
			c.lintMembers(p, d)
		case !covered && p.names(d.Name):
			c.tooYoung(p.eventPos(d.Name), d.Name+" exists", d.Since, "there it never comes")
		}
	}
}

// sends reports whether the oldest QEMU sends one of the events.
func (c *compiler) sends(p *place) bool {
	return slices.ContainsFunc(p.defs, func(d *qmp.Def) bool { return !c.younger(d, d.Since) })
}

// careless reports whether a condition reads a member at a place that does not
// say what holds without it: not before ??, not beside == nil.
func careless(t *term.Term, path string) bool {
	if t == nil {
		return false
	}
	if t.Path() == path {
		return true
	}
	careful := func(i int) bool {
		switch t.Head {
		case "??":
			return i == 0 && t.Args[0].Path() == path
		case "==", "!=":
			return len(t.Args) == 2 && t.Args[1-i].Lit == "null"
		}
		return false
	}
	for i, a := range t.Args {
		if !careful(i) && careless(a, path) {
			return true
		}
	}
	return false
}

func (c *compiler) lintMembers(p *place, d *qmp.Def) {
	for _, m := range d.Slots {
		if !c.younger(d, m.Since) {
			continue
		}
		if careless(p.cond, m.IdentPath) {
			c.tooYoung(p.exprPos(last(m.IdentPath)), fmt.Sprintf("`%s` of %s exists", m.IdentPath, d.Name), m.Since, "there it is nil")
		}
		for _, n := range c.keyNodes(p) {
			if n.Value == m.Path {
				c.tooYoung(n.Pos, fmt.Sprintf("`%s` of %s exists", m.Path, d.Name), m.Since, "there all have the same empty value")
			}
		}
	}
	for _, cmp := range p.cond.Comparisons() {
		m := enumMember(d, cmp.Value)
		if m == nil {
			continue
		}
		for _, v := range m.Enum.Values {
			if slices.Contains(cmp.With, v.Value) && c.younger(d, v.Since) && !c.younger(d, m.Since) {
				c.tooYoung(p.exprPos(v.Value), fmt.Sprintf("%q of `%s` exists", v.Value, m.IdentPath), v.Since, "there it never comes")
			}
		}
	}
}

// keyNodes are the members of the key as this pattern finds them.
func (c *compiler) keyNodes(p *place) []*yamldoc.Node {
	if p.part == partResolve || p.part == partUntil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.spec.By), func(n *yamldoc.Node) bool { return p.view.By[n.Value] != "" })
}

func (c *compiler) tooYoung(pos diag.Pos, what, since, there string) {
	f := diag.New(diag.YoungerThanQEMU, pos, "%s since QEMU %s, and your oldest is %s: %s", what, since, c.opts.QEMU, there).
		WithHint("leave those VMs to another rule, or say which QEMU is the oldest with --qemu")
	for _, have := range c.found {
		if have.Pos == f.Pos && have.Code == f.Code && have.Message == f.Message {
			return
		}
	}
	c.add(f)
}
