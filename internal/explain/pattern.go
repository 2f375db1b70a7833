package explain

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// maxNamed bounds how many events of a pattern get their own phrase.
const maxNamed = 4

// does says what happens in a pattern, with "one VM" or the like before it:
// "has a failed disk request where action is stop".
func does(p rules.PatternView) string {
	var all []string
	for i, name := range p.Events {
		switch {
		case i == maxNamed-1 && len(p.Events) > maxNamed:
			all = append(all, "sends one of "+enumerate(p.Events[i:], "and"))
		case i >= maxNamed && len(p.Events) > maxNamed:
		case strings.ContainsAny(name, "*?["):
			all = append(all, anyEvent(name))
		case phrases[name].does != "":
			all = append(all, phrases[name].does)
		default:
			all = append(all, "sends "+safe(name))
		}
	}
	text := enumerate(all, "or")
	if p.Expr != "" {
		text += " where " + condition(p.Expr)
	}
	return text
}

func anyEvent(glob string) string {
	if glob == "*" {
		return "sends any event of QEMU"
	}
	return "sends any event " + safe(glob)
}

// happens is a whole sentence about a subject and a pattern; events that are
// about no VM have one of their own.
func happens(subject string, p rules.PatternView) string {
	if len(p.Events) == 1 && p.Expr == "" {
		if text := withoutVM[p.Events[0]]; text != "" {
			return text
		}
	}
	return subject + " " + does(p)
}

// subject is what the windows and alerts of a rule are about.
func subject(r *rules.Rule) string {
	whole := map[rules.Scope]string{
		rules.ScopeVM:    "one VM",
		rules.ScopeHost:  "the VMs of one host",
		rules.ScopeFleet: "all VMs",
	}[r.Scope]
	switch {
	case len(r.By) == 0 && r.Scope == rules.ScopeVM:
		return whole
	case len(r.By) == 0:
		return "one of " + whole + ", taken together,"
	case r.Scope == rules.ScopeVM:
		return "one " + keyWords(r.By) + " of one VM"
	}
	return "one " + keyWords(r.By) + " of " + whole + ", taken together,"
}

func keyWords(by []string) string {
	if len(by) > 1 {
		return "combination of " + safe(enumerate(by, "and"))
	}
	return safe(by[0])
}

// ends says what a resolve or until pattern is about: the same key, or all the
// values of what its events lack.
func ends(r *rules.Rule, p rules.PatternView) string {
	var lacks []string
	for _, member := range r.By {
		path := member
		if mapped := p.By[member]; mapped != "" {
			path = mapped
		}
		for _, name := range p.Events {
			if d := qmp.Lookup(name); d != nil && d.Member(path) == nil && !slices.Contains(lacks, member) {
				lacks = append(lacks, member)
			}
		}
	}
	vm := map[rules.Scope]string{rules.ScopeVM: "the VM", rules.ScopeHost: "a VM of the host", rules.ScopeFleet: "any VM"}[r.Scope]
	switch {
	case len(r.By) == 0:
		return happens(vm, p)
	case len(lacks) == 0:
		return happens("the same "+keyWords(r.By), p)
	}
	return happens(vm, p) + " (for every " + safe(enumerate(lacks, "and")) + ")"
}

// endsOf joins what several patterns say.
func endsOf(r *rules.Rule, patterns []rules.PatternView) string {
	var all []string
	for _, p := range patterns {
		all = append(all, ends(r, p))
	}
	return enumerate(all, "or")
}
