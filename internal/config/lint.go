package config

import (
	"regexp"
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// This file finds what can be loaded and is probably not what was meant.

// lint looks at the whole tree.
func (t treeReader) lint(root *Route) {
	t.unreachable(root, nil)
	used := map[string]bool{}
	intervalsOf(root, used)
	for _, i := range t.c.TimeIntervals {
		if i.Name != "" && !used[i.Name] {
			t.list.Add(diag.New(diag.UnusedName, i.Pos, "no route names the time interval `%s`", i.Name).
				WithHint("name it in a route under `mute_time_intervals` or `active_time_intervals`, or remove it"))
		}
	}
}

func intervalsOf(r *Route, used map[string]bool) {
	for _, name := range append(slices.Clone(r.MuteTimeIntervals), r.ActiveTimeIntervals...) {
		used[name] = true
	}
	for i := range r.Routes {
		intervalsOf(&r.Routes[i], used)
	}
}

// unreachable reports routes below r that no alert can come to. conditions are
// what every alert fulfils that comes to r.
func (t treeReader) unreachable(r *Route, conditions []string) {
	for i := range r.Routes {
		route := &r.Routes[i]
		all := append(slices.Clone(conditions), route.Matchers...)
		if a, b, ok := contradiction(all); ok {
			t.list.Add(diag.New(diag.UnreachableRoute, route.Pos, "no alert comes here: it would have to match both %s and %s", a, b).
				WithHint("a route takes only alerts that match the routes above it, too"))
			continue
		}
		if first := slices.IndexFunc(r.Routes[:i], func(earlier Route) bool {
			return !earlier.Continue && !slices.ContainsFunc(earlier.Matchers, func(m string) bool { return !slices.Contains(all, m) })
		}); first >= 0 {
			t.list.Add(diag.New(diag.UnreachableRoute, route.Pos, "no alert comes here: an earlier route takes all of them").
				WithHint("put the narrower route first, or give the earlier one `continue: true`").
				WithRelated(r.Routes[first].Pos, "the earlier route"))
			continue
		}
		t.unreachable(route, all)
	}
}

// equality is a condition that a label has one value.
var equality = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)="`)

// contradiction finds two conditions that want different values of one label.
func contradiction(conditions []string) (a, b string, ok bool) {
	wanted := map[string]string{}
	for _, c := range conditions {
		m := equality.FindStringSubmatch(c)
		if m == nil {
			continue
		}
		if before, known := wanted[m[1]]; known && before != c {
			return before, c, true
		}
		wanted[m[1]] = c
	}
	return "", "", false
}

// Named is what the rules say that a configuration belongs to.
type Named struct {
	Receivers []string // that rules tell themselves
	Alerts    []string // that there are; empty when no rules were read
}

// CheckRules reports receivers that neither routes nor rules name, and matchers
// for alerts that no rule has.
func (c *Config) CheckRules(rules Named) diag.List {
	var list diag.List
	used := map[string]bool{}
	for _, name := range rules.Receivers {
		used[name] = true
	}
	receiversOf(&c.Route, used)
	for _, r := range c.Receivers {
		if !used[r.Name] {
			list.Add(diag.New(diag.UnusedName, r.Pos, "no route and no rule names the receiver `%s`: it is never told", r.Name).
				WithHint("name it in a route or in a rule, or remove it"))
		}
	}
	if len(rules.Alerts) > 0 {
		for _, w := range c.wanted {
			w.check(rules.Alerts, &list)
		}
	}
	list = c.ignores.Obey(list, func(diag.Code) bool { return false })
	// What is wrong with the comments themselves Load has said.
	return slices.DeleteFunc(list, func(f diag.Finding) bool { return f.Code == diag.BadIgnore })
}

func receiversOf(r *Route, used map[string]bool) {
	used[r.Receiver] = true
	if r.Escalate != nil {
		used[r.Escalate.Receiver] = true
	}
	for i := range r.Routes {
		receiversOf(&r.Routes[i], used)
	}
}

// wantedAlert is the name of an alert in a matcher.
type wantedAlert struct {
	name string
	pos  diag.Pos
}

// check reports an alert that there is not.
func (w wantedAlert) check(known []string, list *diag.List) {
	if slices.Contains(known, w.name) {
		return
	}
	f := diag.New(diag.MatchesNoAlert, w.pos, "no rule makes an alert `%s`", w.name).WithHint("%s", diag.DidYouMean(w.name, known))
	if f.Hint == "" {
		f.Hint = "the names stand behind `alert:` in the rules"
	}
	list.Add(f)
}
