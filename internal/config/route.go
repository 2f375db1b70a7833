package config

import (
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// defaultGroupBy is how alerts are grouped when nothing says it.
var defaultGroupBy = []string{"host", "alertname"}

var routeKeys = yamldoc.Keys{
	Where: "a route",
	Known: []string{"receiver", "matchers", "continue", "group_by", "group_wait", "group_interval", "repeat_interval",
		"mute_time_intervals", "active_time_intervals", "escalate", "routes"},
	Unsupported: []string{"match", "match_re", "labels"},
	Instead: func(key string, value *yamldoc.Node) string {
		if key == "labels" {
			return "rules and their groups have `labels`"
		}
		return oldMatchers(key, value)
	},
}

// rootRoute reads the tree, and without one finds who is told: the only
// receiver.
func (r *reader) rootRoute(root *yamldoc.Node, c *Config) {
	c.Route = Route{
		GroupBy: defaultGroupBy, GroupWait: DefaultGroupWait, GroupInterval: DefaultGroupInterval, RepeatInterval: DefaultRepeatInterval,
		Pos: diag.Pos{File: c.File},
	}
	if key := root.Key("receivers"); key != nil {
		c.Route.Pos = key.Pos
	}
	if len(c.Receivers) == 1 {
		c.Route.Receiver = c.Receivers[0].Name
	}
	t := treeReader{r, c}
	n := root.Get("route")
	if n != nil && n.AsMapping(r.list) {
		for _, key := range []string{"matchers", "continue", "mute_time_intervals", "active_time_intervals"} {
			if k := n.Key(key); k != nil {
				r.list.Add(diag.New(diag.KeyCombination, k.Pos, "the route at the top takes every alert: it cannot have `%s`", key).
					WithHint("put it into a route under `routes:`"))
			}
		}
		c.Route = t.route(n, c.Route)
	}
	if !r.list.HasErrors() {
		t.lint(&c.Route)
	}
	if c.Route.Receiver == "" && len(c.Receivers) > 1 && (n == nil || n.Kind == yamldoc.Mapping && n.Get("receiver") == nil) {
		r.list.Add(diag.New(diag.NoReceiver, c.Route.Pos, "there are %d receivers, and nothing says which one is told", len(c.Receivers)).
			WithHint("add `route: {receiver: %s}`", c.Receivers[0].Name))
	}
}

// treeReader reads routes; receivers and time intervals are known already.
type treeReader struct {
	*reader
	c *Config
}

// route reads a route below above, whose settings it takes over as in
// Alertmanager: all but matchers, continue and time intervals.
func (t treeReader) route(n *yamldoc.Node, above Route) Route {
	n.CheckKeys(t.list, routeKeys)
	out := above
	out.Routes, out.Pos = nil, n.Pos
	if name := t.receiverName(n, "receiver"); name != "" {
		out.Receiver, out.Pos = name, n.Get("receiver").Pos
	}
	out.Matchers = t.matchers(n, "matchers")
	out.Continue = t.boolean(n, "continue", false)
	if v := n.Get("group_by"); v != nil {
		t.groupBy(v, &out)
	}
	out.GroupWait = t.duration(n, "group_wait", above.GroupWait, 0)
	out.GroupInterval = t.duration(n, "group_interval", above.GroupInterval, time.Second)
	out.RepeatInterval = t.repeat(n, above.RepeatInterval)
	out.MuteTimeIntervals = t.intervals(n, "mute_time_intervals")
	out.ActiveTimeIntervals = t.intervals(n, "active_time_intervals")
	if v := n.Get("escalate"); v != nil {
		out.Escalate = t.escalation(v)
	}
	t.each(n, "routes", func(v *yamldoc.Node) { out.Routes = append(out.Routes, t.route(v, out)) })
	t.escalatesToItself(n, &out) // last: the routes below may tell somebody else
	return out
}

// repeat reads repeat_interval: 0 is never, and little more would be a flood.
func (t treeReader) repeat(n *yamldoc.Node, above time.Duration) time.Duration {
	d := t.duration(n, "repeat_interval", above, 0)
	if d == 0 || d >= time.Minute {
		return d
	}
	t.list.Add(diag.New(diag.BadValue, n.Get("repeat_interval").Pos, "`repeat_interval` must be at least 1m").
		WithHint("write 0 to tell nobody twice"))
	return above
}

// receiverName reads the name of a receiver that there is.
func (t treeReader) receiverName(n *yamldoc.Node, key string) string {
	name, ok := t.text(n, key)
	if !ok || t.c.Receiver(name) != nil {
		return name
	}
	names := t.c.ReceiverNames()
	f := diag.New(diag.UnknownReceiver, n.Get(key).Pos, "there is no receiver `%s`", name)
	switch f.Hint = diag.DidYouMean(name, names); {
	case len(names) == 0:
		f.Hint = "add it under `receivers:`"
	case f.Hint == "":
		f.Hint = "the receivers are " + strings.Join(names, ", ")
	}
	t.list.Add(f)
	return name
}

func (t treeReader) groupBy(v *yamldoc.Node, out *Route) {
	names := t.labelNames(v, "...")
	out.GroupBy, out.GroupByAll = names, false
	if slices.Contains(names, "...") {
		out.GroupBy, out.GroupByAll = nil, true
		if len(names) > 1 {
			t.list.Add(diag.New(diag.KeyCombination, v.Pos, "`...` means all labels: it stands alone").WithHint("write group_by: ['...']"))
		}
	}
}

// intervals reads names of time intervals that there are.
func (t treeReader) intervals(n *yamldoc.Node, key string) []string {
	v := n.Get(key)
	if v == nil {
		return nil
	}
	nodes, _ := v.AsScalarList(t.list)
	known := make([]string, len(t.c.TimeIntervals))
	for i := range known {
		known[i] = t.c.TimeIntervals[i].Name
	}
	var out []string
	for _, node := range nodes {
		if node.Kind != yamldoc.Scalar || node.IsNull() {
			continue // reported
		}
		out = append(out, node.Value)
		if slices.Contains(known, node.Value) {
			continue
		}
		f := diag.New(diag.UnknownInterval, node.Pos, "there is no time interval `%s`", node.Value)
		switch f.Hint = diag.DidYouMean(node.Value, known); {
		case len(known) == 0:
			f.Hint = "add it under `time_intervals:` at the top of the file"
		case f.Hint == "":
			f.Hint = "the time intervals are " + strings.Join(known, ", ")
		}
		t.list.Add(f)
	}
	return out
}

var escalateKeys = yamldoc.Keys{
	Where: "escalate",
	Known: []string{"after", "receiver"},
}

// escalation reads {after, receiver}, or none: what the route above has is not
// taken over.
func (t treeReader) escalation(v *yamldoc.Node) *Escalation {
	if v.Kind == yamldoc.Scalar && v.Value == "none" || !v.AsMapping(t.list) {
		return nil
	}
	v.CheckKeys(t.list, escalateKeys)
	out := &Escalation{Pos: v.Pos}
	if v.Require(t.list, "escalate", "after") != nil {
		out.After = t.duration(v, "after", 0, time.Second)
	}
	if v.Require(t.list, "escalate", "receiver") != nil {
		out.Receiver = t.receiverName(v, "receiver")
	}
	if at := v.Get("receiver"); at != nil {
		out.Pos = at.Pos
	}
	return out
}

// escalatesToItself takes away an escalation to those who were told already:
// with a warning where it is written, silently where it was only taken over.
func (t treeReader) escalatesToItself(n *yamldoc.Node, out *Route) {
	if out.Escalate == nil || out.Escalate.Receiver != out.Receiver || out.Receiver == "" {
		return
	}
	if n.Get("escalate") != nil {
		t.list.Add(diag.New(diag.NoEffect, out.Escalate.Pos, "`%s` was told already: to escalate to the same receiver does nothing", out.Receiver).
			WithHint("name somebody else, or remove `escalate`"))
	}
	out.Escalate = nil
}
