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
		case strings.HasPrefix(name, "__"):
			all = append(all, "sends "+safe(name))
		default:
			all = append(all, "makes the record "+safe(name))
		}
	}
	text := enumerate(all, "or")
	if p.Expr != "" {
		text += " where " + safe(p.Words())
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
	one := "a VM"
	if len(r.By) > 0 {
		one = "one " + keyWords(r.By)
	}
	switch {
	case r.Scope == rules.ScopeHost:
		return "among all VMs of one host taken together, " + one
	case r.Scope == rules.ScopeFleet:
		return "among all VMs taken together, " + one
	case len(r.By) == 0:
		return "one VM"
	}
	return one + " of one VM"
}

func keyWords(by []string) string {
	if len(by) > 1 {
		return "combination of " + safe(enumerate(by, "and"))
	}
	return safe(by[0])
}

// ends says what a resolve or until pattern is about: the same key, or all the
// values of what its events lack.
func ends(r *rules.Rule, p rules.PatternView) (who, about string) {
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
		return vm, ""
	case len(lacks) == 0:
		return "the same " + keyWords(r.By), ""
	}
	return vm, " (for every " + safe(enumerate(lacks, "and")) + ")"
}

// endsOf joins what several patterns say: the VM resumes or is reset.
func endsOf(r *rules.Rule, patterns []rules.PatternView) string {
	var all []string
	var who, about string
	for i, p := range patterns {
		w, a := ends(r, p)
		text := happens(w, p)
		if i > 0 && w == who && strings.HasPrefix(text, w+" ") {
			text = strings.TrimPrefix(text, w+" ")
		}
		if i > 0 && a != about {
			all[i-1] += about
		}
		all, who, about = append(all, text), w, a
	}
	return enumerate(all, "or") + about
}
