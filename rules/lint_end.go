package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/term"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

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

// lintScope: a record about a whole host has no VM, so it meets nothing that is
// about one.
func (c *compiler) lintScope(r *Rule, places []place) {
	for i := range places {
		p := &places[i]
		wide := c.scopeOf(p)
		if p.event == nil || wide <= r.Scope || !c.waitsFor(r, p, places) {
			continue
		}
		c.add(diag.New(diag.UnrelatedEnd, p.eventPos(p.view.Events[0]), "the record `%s` is about %s, and the rule about %s: they never meet",
			p.view.Events[0], scopeWords[wide], scopeWords[r.Scope]).
			WithHint("give the rule `scope: %s`, or the record the scope of the rule", wide))
	}
}

// waitsFor reports whether a pattern matters only where something narrower is: as
// the end of it, as another step, or where each VM is waited for. Of own events
// some have a VM, and some not.
func (c *compiler) waitsFor(r *Rule, p *place, places []place) bool {
	if p.part == partMatch {
		return r.Form == FormAbsent && len(r.By) == 0
	}
	return slices.ContainsFunc(places, func(q place) bool {
		own := slices.ContainsFunc(q.view.Events, func(name string) bool { return strings.HasPrefix(name, ownPrefix) })
		return (q.part == partMatch || q.part == partStep) && !own && c.scopeOf(&q) <= r.Scope
	})
}

var scopeWords = map[Scope]string{ScopeVM: "one VM", ScopeHost: "a whole host", ScopeFleet: "the whole fleet"}

// scopeOf is the narrowest scope of the events of a pattern.
func (c *compiler) scopeOf(p *place) Scope {
	least := ScopeFleet
	for _, name := range p.view.Events {
		m := c.records.made[name]
		if m == nil {
			return ScopeVM
		}
		least = min(least, max(m.rule.Scope, m.rule.WideRecords))
	}
	return least
}
