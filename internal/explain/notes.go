package explain

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// notes are the sentences after the first.
func notes(r *rules.Rule, v rules.View) []string {
	var all []string
	add := func(text string) { all = append(all, sentence(text)) }
	if names := both(v); len(names) > 0 {
		add("a " + safe(enumerate(names, "or")) + " that ends it is not one that begins it")
	}
	if r.Form == rules.FormAbsent && len(r.By) > 0 {
		add("a " + safe(enumerate(r.By, "and")) + " is waited for from the first time on: one for which it never happened is not missed")
	}
	for _, x := range v.Exceptions {
		text := "does not count where " + safe(x.Words()) + " (" + safe(x.Name)
		if x.Expires != "" {
			text += ", until the end of " + x.Expires + " UTC"
		}
		add(text + ")")
	}
	if r.Confirm != nil {
		add("before it fires, QEMU is asked " + safe(r.Confirm.Query) + ": it fires only if " + safe(v.ConfirmWords()) + ", or if no answer comes within 5 seconds, and then says so")
	}
	if len(r.Inhibits) > 0 {
		where := map[rules.Scope]string{rules.ScopeVM: " about the same VM or its host", rules.ScopeHost: " about the same host or a VM on it", rules.ScopeFleet: " about the whole fleet"}[r.Scope]
		add("while it fires, nobody is told of " + safe(enumerate(r.Inhibits, "and")) + where)
	}
	if r.Shadow {
		add("it is in shadow mode: what it finds is recorded, and nobody is told")
	}
	if r.KeepOnExit {
		add("it outlives its VM: when that goes away, the alert stays")
	}
	if len(r.Receivers) > 0 {
		add("tells " + safe(enumerate(r.Receivers, "and")))
	}
	if len(r.Attach) > 0 {
		add("adds to the evidence " + attached(r.Attach))
	}
	for _, text := range aboutEvents(v) {
		add(text)
	}
	if r.Lateness > 0 {
		add("it decides " + span(r.Lateness) + " late, so that events which come late are in order")
	}
	return all
}

func attached(names []string) string {
	var all []string
	for _, name := range names {
		if name == "screendump" {
			all = append(all, "a picture of the screen")
		} else {
			all = append(all, "the answer to "+safe(name))
		}
	}
	return enumerate(all, "and")
}

// aboutEvents says how QEMU limits the events of a rule, and what must be
// switched on.
func aboutEvents(v rules.View) []string {
	var all, gates []string
	gated := map[string][]string{}
	seen := map[string]bool{}
	for _, patterns := range [][]rules.PatternView{{v.Match}, v.Steps, v.Until, v.Resolve} {
		for _, p := range patterns {
			for _, name := range p.Events {
				d := qmp.Lookup(name)
				if d == nil || seen[name] {
					continue
				}
				seen[name] = true
				if d.Throttle != nil {
					all = append(all, limited(d))
				}
				if d.Gate != "" {
					if gated[d.Gate] == nil {
						gates = append(gates, d.Gate)
					}
					gated[d.Gate] = append(gated[d.Gate], name)
				}
			}
		}
	}
	for _, gate := range gates {
		are := " is"
		if len(gated[gate]) > 1 {
			are = " are"
		}
		all = append(all, enumerate(gated[gate], "and")+are+" sent only with the "+gate)
	}
	return all
}

// both lists the events that can begin an alert and end it.
func both(v rules.View) []string {
	var all []string
	for _, begins := range append([]rules.PatternView{v.Match}, v.Steps...) {
		for _, name := range begins.Events {
			for _, ends := range v.Resolve {
				if slices.Contains(ends.Events, name) && !slices.Contains(all, name) {
					all = append(all, name)
				}
			}
		}
	}
	return all
}

// limited says how QEMU limits an event. Since when matters only if releases
// without it are still in use.
func limited(d *qmp.Def) string {
	what := phrases[d.Name].plural
	if what == "" {
		what = d.Name + " events"
	}
	per := "per VM"
	if len(d.Throttle.Key) > 0 {
		per = "per " + enumerate(d.Throttle.Key, "and")
	}
	since := ""
	if major, _, _ := strings.Cut(d.Throttle.Since, "."); d.Throttle.Since != d.Since && len(major) > 1 || major >= "7" {
		since = " (since " + d.Throttle.Since + ")"
	}
	return what + " are limited by QEMU" + since + " to one a second " + per
}
