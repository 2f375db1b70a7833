package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/term"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// lint warns of what is well-formed and will disappoint all the same, because
// QEMU does not behave as the rule supposes. Each lint says why, and how to mend
// it; one that would often be wrong is not worth having.
func (c *compiler) lint(r *Rule) {
	if c.opts.WantTests && len(c.spec.Tests) == 0 && !c.spec.wrote("tests") {
		c.add(diag.New(diag.RuleWithoutTest, c.spec.Pos, "the rule has no test").
			WithHint("add `tests` with one that fires and one that stays quiet; `qmpalert test` runs them"))
	}
	places := c.places(r)
	for i := range places {
		p := &places[i]
		if p.event == nil {
			continue
		}
		c.lintText(p)
		c.lintDevice(p)
		c.lintNodeName(p)
		c.lintNotSent(p)
		c.lintEventName(p)
		c.lintSuccess(p, places)
		c.lintGate(p)
		c.lintVersion(p, places)
	}
	c.lintScope(r, places)
	c.lintKey(r, places)
	c.lintCount(r, places)
	c.lintEmpty(r)
	c.lintResume(r, places)
	c.lintShutdown(r, places)
}

// textMembers are members whose text QEMU writes for people, by event.
var textMembers = map[string][]string{
	"BLOCK_IO_ERROR":        {"reason"},
	"BLOCK_IMAGE_CORRUPTED": {"msg"},
	"BLOCK_JOB_COMPLETED":   {"error"},
	"DUMP_COMPLETED":        {"error"},
	"GUEST_PANICKED":        {"info.message"},
	"MEM_UNPLUG_ERROR":      {"msg"},
	"QUORUM_REPORT_BAD":     {"error"},
}

// textInstead is what to ask instead of such a text.
var textInstead = map[string]string{
	"BLOCK_IO_ERROR":        "use `action`, `operation` and `nospace`, which is true when there is no space left",
	"BLOCK_IMAGE_CORRUPTED": "use `fatal`",
	"BLOCK_JOB_COMPLETED":   "`error != nil` says that the job failed",
	"DUMP_COMPLETED":        "`error != nil` says that the dump failed",
	"QUORUM_REPORT_BAD":     "`error != nil` says that the child could not be read; without it its data differ",
}

// lintText: the words are those of strerror or of one release, and may be
// translated.
func (c *compiler) lintText(p *place) {
	for _, d := range p.defs {
		for _, cmp := range p.cond.Comparisons() {
			for _, member := range textMembers[d.Name] {
				if !cmp.Value.Reads(member) {
					continue
				}
				hint := textInstead[d.Name]
				if hint == "" {
					hint = "show it in an annotation, and decide by another member"
				}
				c.add(diag.New(diag.TextForPeople, p.exprPos(last(member)),
					"`%s` of %s is text for people: QEMU may word it differently in another release, version of the C library or language", member, d.Name).
					WithHint("%s", hint))
				return
			}
		}
	}
}

// last is the last part of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// emptyDevice are the events whose `device` is the name of a -drive, and what
// names the disk otherwise.
var emptyDevice = map[string][]string{
	"BLOCK_IO_ERROR":        {"node-name", "qom-path"},
	"BLOCK_IMAGE_CORRUPTED": {"node-name"},
	"DEVICE_TRAY_MOVED":     {"id"},
}

// lintDevice: `device` is the name that -drive gave.
func (c *compiler) lintDevice(p *place) {
	for _, d := range p.defs {
		other := emptyDevice[d.Name]
		if other == nil {
			continue
		}
		for _, cmp := range p.cond.Comparisons() {
			// Something else that is read beside it covers the other kind of disk.
			if !cmp.Value.Reads("device") || readsAny(p.cond, other) {
				continue
			}
			c.add(diag.New(diag.EmptyDevice, p.exprPos("device"),
				"`device` of %s is empty for disks that are configured with -blockdev, as libvirt does", d.Name).
				WithHint("compare `%s` instead, or beside it: `%[1]s == \"…\" or device == \"…\"`", strings.ReplaceAll(other[0], "-", "_")))
			return
		}
		if p.part != partMatch && p.part != partStep {
			continue
		}
		for _, n := range c.spec.By {
			if n.Value != "device" || p.view.By["device"] != "" || c.hasBy(other...) {
				continue
			}
			c.add(diag.New(diag.EmptyDevice, n.Pos,
				"`device` of %s is empty for disks that are configured with -blockdev, as libvirt does: they all have one key", d.Name).
				WithHint("write `by: [%s]`, or `by: [device, %[1]s]` if some disks are configured with -drive", other[0]))
			return
		}
	}
}

func readsAny(t *term.Term, members []string) bool {
	return slices.ContainsFunc(members, func(m string) bool { return t.Reads(strings.ReplaceAll(m, "-", "_")) })
}

// hasBy reports whether one of the members is in the key.
func (c *compiler) hasBy(members ...string) bool {
	return slices.ContainsFunc(c.spec.By, func(n *yamldoc.Node) bool { return slices.Contains(members, n.Value) })
}

// lintNodeName: QEMU counts up the names of nodes that got none.
func (c *compiler) lintNodeName(p *place) {
	for _, cmp := range p.cond.Comparisons() {
		if cmp.Op != "==" && cmp.Op != "!=" && cmp.Op != "in" {
			continue
		}
		for _, name := range cmp.With {
			if digits, ok := strings.CutPrefix(name, "#block"); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
				c.add(diag.New(diag.GeneratedNodeName, p.exprPos(name), "QEMU made up the node name `%s`: the next start gives it to another disk, or to none", name).
					WithHint("give the node a name (`-blockdev node-name=…`), or compare `qom-path` or `device`"))
				return
			}
		}
	}
}

// lintNotSent: the enum of the member has values that this event never carries.
func (c *compiler) lintNotSent(p *place) {
	for _, d := range p.defs {
		for _, cmp := range p.cond.Comparisons() {
			m := enumMember(d, cmp.Value)
			if m == nil {
				continue
			}
			for _, v := range m.Enum.Values {
				if v.NotSent == "" || !slices.Contains(cmp.With, v.Value) {
					continue
				}
				c.add(diag.New(diag.NotSentInEvents, p.exprPos(v.Value), "`%s` of %s is never %q (%s)", m.IdentPath, d.Name, v.Value, v.NotSent).
					WithHint("`qmpalert events %s` lists what it can be", d.Name))
			}
		}
	}
}

// lintEventName: `event` is compared with a name that the pattern never meets. What
// a macro says is left alone: it may be for several rules. So is what a glob may
// meet from a newer QEMU, unless it is nearly the name of a known event.
func (c *compiler) lintEventName(p *place) {
	for _, cmp := range p.cond.Comparisons() {
		if p.expr == nil || cmp.Value.Head != "event" || !slices.Contains([]string{"==", "!=", "in", "not in"}, cmp.Op) {
			continue
		}
		for _, name := range cmp.With {
			if p.names(name) || len(p.among(name)) > 0 || !strings.Contains(p.expr.Value, name) {
				continue
			}
			hint := diag.DidYouMean(name, p.known())
			if slices.ContainsFunc(p.defs, func(d *qmp.Def) bool { return d.Member("event") != nil }) {
				hint = `the member of that name is data["event"]`
			}
			if hint == "" && p.globbed(name) {
				continue
			}
			if hint == "" {
				hint = "the pattern is about " + strings.Join(p.view.Events, ", ")
			}
			c.add(diag.New(diag.NotSentInEvents, p.exprPos(name), "`event` is never %q here", name).WithHint("%s", hint))
		}
	}
}

// enumMember is the member with an enum that a term reads, or nil.
func enumMember(d *qmp.Def, t *term.Term) *qmp.Member {
	if path := t.Path(); path != "" {
		if m := d.Member(path); m != nil && m.Enum != nil {
			return m
		}
	}
	return nil
}

// endsOfWork are events that end a piece of work whether it was done or not,
// and how to tell.
var endsOfWork = map[string]struct {
	tell []string
	expr string
}{
	"BLOCK_JOB_COMPLETED": {[]string{"error", "offset"}, "error == nil"},
	"DUMP_COMPLETED":      {[]string{"error", "result.status"}, "error == nil"},
}

// lintSuccess: the event says that the work ended, its `error` how.
func (c *compiler) lintSuccess(p *place, all []place) {
	for _, d := range p.defs {
		end, known := endsOfWork[d.Name]
		if !known || !p.names(d.Name) {
			continue
		}
		if slices.ContainsFunc(end.tell, p.cond.Reads) {
			continue
		}
		failed := slices.ContainsFunc(all, func(q place) bool { return q.part != partResolve && q.matches("BLOCK_JOB_ERROR") })
		if p.part == partUntil || p.part == partResolve && !failed || p.part == partMatch && !c.spec.wrote("absent_for") && c.tells("error") {
			continue
		}
		f := diag.New(diag.FailureAsSuccess, p.eventPos(d.Name), "%s comes for work that failed, too: then it has `error`", d.Name)
		switch {
		case p.part == partResolve:
			f.Hint = "write `resolve: {event: " + d.Name + ", expr: '" + end.expr + "'}`, or the failure ends the alert"
		case p.part == partMatch && !c.spec.wrote("absent_for"):
			f.Hint = "ask for `error != nil` or `" + end.expr + "` in `expr`, or show `error` in an annotation"
		default:
			f.Hint = "if success is meant, ask for `" + end.expr + "` in `expr`"
		}
		c.add(f)
	}
}

// tells reports whether a text of the rule shows the member.
func (c *compiler) tells(member string) bool {
	for _, pairs := range [][]yamldoc.Pair{c.spec.Labels, c.spec.Annots} {
		for _, pair := range pairs {
			if _, inside, ok := strings.Cut(pair.Value.Value, "{{"); ok && strings.Contains(inside, member) {
				return true
			}
		}
	}
	return false
}

// lintGate tells once a file of each thing that must be switched on.
func (c *compiler) lintGate(p *place) {
	for _, d := range p.defs {
		file := p.event.Pos.File
		if d.Gate == "" || !p.names(d.Name) || c.gates[gateKey{file, d.Gate}] {
			continue
		}
		c.gates[gateKey{file, d.Gate}] = true
		hint := "switch it on for each VM that the rule is about; without it the rule is silent"
		if strings.HasPrefix(d.Gate, "migration capability") {
			hint = "libvirt switches it on; otherwise send `migrate-set-capabilities` before each migration: without it only STOP and RESUME are seen"
		}
		c.add(diag.New(diag.NeedsSwitch, p.eventPos(d.Name), "QEMU sends %s only with the %s", d.Name, d.Gate).WithHint("%s", hint))
	}
}

type gateKey struct{ file, gate string }
