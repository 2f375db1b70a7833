package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/term"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// lintKey looks at what makes the key.
func (c *compiler) lintKey(r *Rule, places []place) {
	for i := range places {
		if p := &places[i]; p.event != nil && (p.part == partResolve || p.part == partUntil) {
			c.lintJob(p, places)
		}
	}
	if c.least(r) < 2 {
		return
	}
	match := matchOf(places)
	if match == nil {
		return
	}
	for _, n := range c.spec.By {
		if n.Value != "client.service" && n.Value != "client.port" {
			continue
		}
		for _, d := range match.defs {
			if d.Member(n.Value) != nil {
				c.add(diag.New(diag.NeverTwice, n.Pos, "every connection has a `%s` of its own: nothing is ever counted twice for one", n.Value).
					WithHint("count by `client.host`; `%s` tells the events of one connection apart, as in a `sequence`", n.Value))
				break
			}
		}
	}
}

func matchOf(places []place) *place {
	for i := range places {
		if places[i].part == partMatch && places[i].event != nil {
			return &places[i]
		}
	}
	return nil
}

// jobMember is what an event calls a job.
func jobMember(d *qmp.Def) string {
	switch {
	case d.Name == "JOB_STATUS_CHANGE" || d.Name == "BLOCK_JOB_PENDING":
		return "id"
	case strings.HasPrefix(d.Name, "BLOCK_JOB_"):
		return "device"
	}
	return ""
}

// lintJob: a pattern that calls the job differently ends the alerts of all jobs
// unless it is told.
func (c *compiler) lintJob(p *place, places []place) {
	for _, member := range []string{"device", "id"} {
		if !c.hasBy(member) || p.view.By[member] != "" {
			continue
		}
		ours := slices.ContainsFunc(places, func(q place) bool {
			return (q.part == partMatch || q.part == partStep) && slices.ContainsFunc(q.defs, func(d *qmp.Def) bool { return jobMember(d) == member })
		})
		for _, d := range p.defs {
			theirs := jobMember(d)
			if !ours || theirs == "" || theirs == member {
				continue
			}
			pos := p.eventPos(d.Name)
			// That the member is missing is said here, and better.
			c.found = slices.DeleteFunc(c.found, func(f diag.Finding) bool { return f.Code == diag.ResolveLacksMember && f.Pos == pos })
			key := "resolve"
			if p.part == partUntil {
				key = "until"
			}
			c.add(diag.New(diag.JobIdentity, pos, "%s calls the job `%s`, not `%s`: as it is, one job ends the alerts of all", d.Name, theirs, member).
				WithHint("write `%s: {event: %s, by: {%s: %s}}`", key, d.Name, member, theirs))
			return
		}
	}
}

// severalForOne are events of which one occurrence can send several: how many,
// and why.
var severalForOne = map[string]struct {
	most      int
	unless    string // a member that tells them apart
	why, hint string
}{
	"RESET": {3, "", "one reboot sends one to three RESETs, because firmware resets the machine again",
		"ask for more than 3, for reboots that are meant count twice as many"},
	"DEVICE_DELETED": {10, "device", "one unplug sends a DEVICE_DELETED for each part of the device",
		"add `expr: device != nil`: only the device itself has its id"},
	"SPICE_CONNECTED": {10, "", "one SPICE client opens several channels, each with its own events",
		"count SPICE_INITIALIZED with `expr: client.channel_type == 1`, the main channel"},
	"SPICE_DISCONNECTED": {10, "", "one SPICE client has several channels, each with its own events",
		"count SPICE_INITIALIZED with `expr: client.channel_type == 1`, the main channel"},
}

// comesOnce are events that are silent until somebody arms them again, and the
// members of which one value can send only one.
var comesOnce = map[string]struct {
	by  []string
	why string
}{
	"BLOCK_WRITE_THRESHOLD": {[]string{"node-name"},
		"a threshold is gone when it was passed, until `block-set-write-threshold` sets a new one"},
	"NIC_RX_FILTER_CHANGED": {[]string{"", "name", "path"},
		"QEMU sends no further one until somebody asks `query-rx-filter`"},
	"BLOCK_IMAGE_CORRUPTED": {[]string{"node-name"},
		"QEMU tells of a damaged image once for each time it is opened"},
}

// lintCount looks at how many of an event are asked for.
func (c *compiler) lintCount(r *Rule, places []place) {
	match, least := matchOf(places), c.least(r)
	if least < 2 || match == nil || len(match.defs) != 1 {
		return
	}
	d, pos := match.defs[0], c.countPos()
	// What is taken back within a moment has thought of it.
	settles := r.For > 0 && r.HasResolve && strings.HasPrefix(d.Name, "SPICE_")
	if s, ok := severalForOne[d.Name]; ok && !settles && least <= s.most && (s.unless == "" || !match.cond.Reads(s.unless) && !c.hasBy(s.unless)) {
		c.add(diag.New(diag.SeveralForOne, pos, "%d %s need not be %d occurrences: %s", least, d.Name, least, s.why).WithHint("%s", s.hint))
	}
	once, ok := comesOnce[d.Name]
	if !ok || r.Scope != ScopeVM {
		return
	}
	pinned := c.hasBy(once.by...) || len(c.spec.By) == 0 && once.by[0] == ""
	if pinned {
		c.add(diag.New(diag.ComesOnce, pos, "%d %s rarely come: %s", least, d.Name, once.why).
			WithHint("alert at the first one: leave out `count`, `having` and `within`"))
	}
}

// countPos is where the number stands.
func (c *compiler) countPos() diag.Pos {
	if c.spec.wrote("having") {
		return c.keyPos("having")
	}
	return c.keyPos("count")
}

// least is how many matches a window needs at least, as far as that can be
// seen: `count: N`, or `count >= N` and `rate > X` in `having`. 0: no window.
func (c *compiler) least(r *Rule) int {
	switch r.Form {
	case FormCount:
		return r.Count
	case FormHaving:
		return leastOf(term.Parse(r.View().Having), r.Within)
	}
	return 0
}

// leastOf reads the greatest number that count must reach for t to hold. A rate
// is count per second of the window.
func leastOf(t *term.Term, within time.Duration) int {
	least := 0
	for _, cond := range t.Conjuncts() {
		if len(cond.Args) != 2 {
			continue
		}
		a, b, op := cond.Args[0], cond.Args[1], cond.Head
		if what := b.Path(); what == "count" || what == "rate" {
			a, b, op = b, a, map[string]string{"<=": ">=", "<": ">", "==": "=="}[op]
		}
		x, err := strconv.ParseFloat(strings.TrimSuffix(b.Lit, "f"), 64)
		switch {
		case err != nil || b.Lit == "":
			continue
		case a.Path() == "rate":
			x *= within.Seconds()
		case a.Path() != "count":
			continue
		}
		switch op {
		case ">":
			least = max(least, atMost(math.Floor(x))+1)
		case ">=", "==":
			least = max(least, atMost(math.Ceil(x)))
		}
	}
	return least
}

// atMost keeps a number small enough to calculate with.
func atMost(x float64) int {
	return int(min(max(x, 0), 1e9))
}

// lintResume looks at alerts that RESUME ends.
func (c *compiler) lintResume(r *Rule, places []place) {
	match := matchOf(places)
	if match == nil || r.Form != FormMatch || r.Record != "" {
		return
	}
	var resume *place
	others := 0
	for i := range places {
		switch p := &places[i]; {
		case p.part != partResolve || p.event == nil:
		case p.matches("RESUME") && p.cond == nil:
			resume = p
			if len(p.defs) > 1 {
				others++
			}
		default:
			others++
		}
	}
	if resume == nil {
		return
	}
	pos := resume.eventPos("RESUME")
	switch {
	case others == 0 && match.only("BLOCK_JOB_ERROR"):
		c.add(diag.New(diag.UnrelatedEnd, pos, "RESUME is about the VM, and BLOCK_JOB_ERROR about a job: `action` stop pauses the job, the VM runs on").
			WithHint("write `resolve: {event: JOB_STATUS_CHANGE, expr: 'status == \"running\"', by: {device: id}}` with `by: device`"))
	case others == 0 && match.only("BLOCK_IO_ERROR") && goesOn(match.cond):
		c.add(diag.New(diag.UnrelatedEnd, pos, "the VM runs on after these errors, so no RESUME follows that could end the alert").
			WithHint("remove `resolve`, or ask for `action == \"stop\"`"))
	case match.matches("BLOCK_IO_ERROR") && !goesOn(match.cond) && r.For == 0 && (!r.KeepGiven || r.KeepFiringFor == 0):
		c.add(diag.New(diag.ResumeFlaps, pos, "RESUME comes also when the VM fails again at once: on a bad disk RESUME, BLOCK_IO_ERROR and STOP are a millisecond apart, and the alert ends and begins anew each time").
			WithHint("add `keep_firing_for: 1m`: an alert that begins again within it goes on"))
	}
}

// goesOn reports whether a condition admits only errors after which the VM runs
// on.
func goesOn(t *term.Term) bool {
	return slices.ContainsFunc(t.Conjuncts(), func(cond *term.Term) bool {
		for _, cmp := range cond.Comparisons() {
			if cmp.Value.Path() != "action" {
				continue
			}
			stop := slices.Contains(cmp.With, "stop")
			if cond.Head == "!=" && stop || (cond.Head == "==" || cond.Head == "in") && !stop {
				return true
			}
			if cond.Head == "not" && len(cond.Args) == 1 && (cond.Args[0].Head == "==" || cond.Args[0].Head == "in") && stop {
				return true
			}
		}
		return false
	})
}

// lintShutdown: QEMU can end without SHUTDOWN.
func (c *compiler) lintShutdown(r *Rule, places []place) {
	const without = "a killed QEMU, or the watchdog action poweroff, ends without SHUTDOWN"
	if r.KeepOnExit && r.HasResolve {
		if n := onlyShutdown(places); n != nil {
			c.add(diag.New(diag.ShutdownNotLast, n.Pos, "%s: with `on_vm_exit: keep` the alert then never ends", without).
				WithHint("add `{event: QMPALERT_DISCONNECTED, expr: gone}` to `resolve`"))
		}
	}
	watchdog := false
	for i := range places {
		p := &places[i]
		if p.part != partStep || p.event == nil {
			continue
		}
		if watchdog && p.only("SHUTDOWN") {
			c.add(diag.New(diag.ShutdownNotLast, p.eventPos("SHUTDOWN"), "%s; after the watchdog action shutdown POWERDOWN comes, and SHUTDOWN only if the guest obeys", without).
				WithHint("alert at WATCHDOG with an `expr` on `action`, or end the sequence with [SHUTDOWN, POWERDOWN, QMPALERT_DISCONNECTED]"))
			return
		}
		watchdog = watchdog || p.matches("WATCHDOG")
	}
}

// onlyShutdown is where SHUTDOWN stands if nothing else resolves.
func onlyShutdown(places []place) *yamldoc.Node {
	var at *yamldoc.Node
	for i := range places {
		if places[i].part != partResolve {
			continue
		}
		if !places[i].only("SHUTDOWN") {
			return nil
		}
		at = places[i].event
	}
	return at
}
