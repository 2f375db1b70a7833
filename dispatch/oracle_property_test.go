package dispatch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/notifiers"
)

func pick[T any](t *rapid.T, what string, of ...T) T { return rapid.SampledFrom(of).Draw(t, what) }

func units(n int64) time.Duration { return time.Duration(n*unit) * time.Microsecond }

// drawRoute draws a route that inherits nothing.
func drawRoute(t *rapid.T, depth int) Route {
	r := Route{
		Receiver:      pick(t, "receiver", "ops", "ops", "oncall", "pager", "gone"),
		GroupWait:     units(pick(t, "wait", int64(0), 0, 1, 2)),
		GroupInterval: units(pick(t, "interval", int64(0), 1, 3)), RepeatInterval: units(pick(t, "repeat", int64(0), 0, 2, 5)),
		GroupByAll: pick(t, "all", false, false, true), GroupBy: pick(t, "by", nil, []string{"alertname"}, []string{"host", "alertname"}),
	}
	if pick(t, "escalates", false, false, true) {
		r.Escalate = &Escalation{After: units(pick(t, "after", int64(0), 1, 4)), Receiver: pick(t, "to", "managers", "managers", "oncall", "gone")}
	}
	if name := pick(t, "mute", "", "", "", "noon"); name != "" {
		r.MuteTimeIntervals = []string{name}
	}
	if name := pick(t, "active", "", "", "", "half"); name != "" {
		r.ActiveTimeIntervals = []string{name}
	}
	for range depth * pick(t, "children", 0, 1, 2) {
		child := drawRoute(t, depth-1)
		child.Matchers = []string{pick(t, "matcher", `alertname="A"`, `alertname=~"A|B"`, `vm="a"`, `severity="critical"`, `vm!=""`)}
		child.Continue = rapid.Bool().Draw(t, "continue")
		r.Routes = append(r.Routes, child)
	}
	return r
}

func drawTree(t *rapid.T) Config {
	c := Config{Route: drawRoute(t, 2), TimeIntervals: []TimeInterval{
		{Name: "noon", Intervals: []alertmanager.Interval{{Times: []alertmanager.TimeRange{{Start: "00:25", End: "00:55"}}}}},
		{Name: "half", Intervals: []alertmanager.Interval{{Times: []alertmanager.TimeRange{{Start: "00:00", End: "00:40"}, {Start: "01:00", End: "20:00"}}}}},
	}}
	for _, name := range []string{"ops", "oncall", "pager", "managers"} {
		if name == "ops" || rapid.IntRange(0, 3).Draw(t, "has "+name) > 0 {
			c.Receivers = append(c.Receivers, Receiver{Name: name, SendResolved: name != "pager"})
		}
	}
	if rapid.Bool().Draw(t, "inhibits") {
		c.InhibitRules = []InhibitRule{{
			SourceMatchers: []string{pick(t, "source", `severity="critical"`, `alertname="A"`, `vm="a"`)},
			TargetMatchers: []string{pick(t, "target", `severity="warning"`, `alertname=~"B|C"`, `alertname=~"A|B"`)},
			Equal:          pick(t, "equal", nil, []string{"host"}, []string{"host", "vm"}),
		}}
	}
	return unique(c)
}

// unique takes away brothers with the same matchers: the oracle does not number
// them.
func unique(c Config) Config {
	var walk func(r *Route)
	walk = func(r *Route) {
		seen := map[string]bool{}
		var kept []Route
		for i := range r.Routes {
			if m := r.Routes[i].Matchers[0]; !seen[m] {
				seen[m] = true
				walk(&r.Routes[i])
				kept = append(kept, r.Routes[i])
			}
		}
		r.Routes = kept
	}
	walk(&c.Route)
	return c
}

func drawChange(t *rapid.T) alert.Change {
	name := pick(t, "name", "A", "B", "C")
	labels := alert.Labels{{Name: "alertname", Value: name}, {Name: "host", Value: pick(t, "host", "h", "h", "i")}, {Name: "severity", Value: pick(t, "severity", "warning", "critical")}}
	if vm := pick(t, "vm", "", "a", "b"); vm != "" {
		labels = append(labels, alert.Label{Name: "vm", Value: vm})
	}
	return alert.Change{
		Name: name, Labels: labels, Fingerprint: labels.Fingerprint(), Shadow: rapid.IntRange(0, 19).Draw(t, "shadow") == 0,
		Status:    pick(t, "status", alert.Firing, alert.Firing, alert.Firing, alert.Resolved, alert.Pending),
		Reason:    pick(t, "reason", alert.ReasonResolve, alert.ReasonEnded, alert.ReasonResolve, alert.ReasonQuiet),
		StartsAt:  int64(pick(t, "life", 1, 1, 2)),
		Inhibits:  pick(t, "hides", nil, nil, []string{"A"}, []string{"B", "C"}),
		Receivers: pick(t, "named", nil, nil, nil, []string{"oncall"}, []string{"ops", "pager", "ops"}, []string{"gone"}),
	}
}

// drawKnown draws an alert that fires, if one does.
func drawKnown(t *rapid.T, o *oracle) alert.Change {
	if len(o.alerts) == 0 {
		return drawChange(t)
	}
	return pick(t, "known alert", o.alerts...).c
}

// lines are messages as the oracle says them.
func lines(ns []notifiers.Notification) []string {
	var out []string
	for _, n := range ns {
		out = append(out, line(n.At, n.GroupKey, n.Kind, n.Status, n.Alerts))
	}
	return out
}

// TestAsTheOracleSays does the same to both, with restarts on the way.
func TestAsTheOracleSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawTree(t)
		p, o := plan(t, cfg), newOracle(cfg)
		p.Advance(0)
		o.look(false)
		at := int64(0)
		var story []string
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			at += unit * pick(t, "passes", int64(0), 0, 0, 1, 1, 2, 7)
			did := doBoth(t, p, o, at, &cfg)
			story = append(story, fmt.Sprintf("%d: %s", at/unit, did))
			if rapid.IntRange(0, 5).Draw(t, "restart") == 0 {
				text, err := json.Marshal(p.Snapshot())
				if err != nil {
					t.Fatal(err)
				}
				var s Snapshot
				if err := json.Unmarshal(text, &s); err != nil {
					t.Fatal(err)
				}
				p = restore(t, cfg, s)
			}
			if rapid.IntRange(0, 2).Draw(t, "advance") == 0 {
				continue
			}
			want, got := o.advance(at), lines(p.Advance(at).Notifications)
			story = append(story, got...)
			if d := cmp.Diff(want, got); d != "" {
				config, _ := json.MarshalIndent(cfg, "", " ")
				t.Fatalf("%s\n%s\nthe oracle wants otherwise:\n%s", config, strings.Join(story, "\n"), d)
			}
		}
	})
}

func doBoth(t *rapid.T, p *Planner, o *oracle, at int64, cfg *Config) string {
	same := func(err error, ok bool, what string) string {
		if (err == nil) != ok {
			t.Fatalf("%s: %v, the oracle says %v", what, err, ok)
		}
		return fmt.Sprintf("%s %v", what, ok)
	}
	switch rapid.IntRange(0, 14).Draw(t, "what") {
	case 0:
		return "nothing"
	case 1:
		s := Silence{
			ID: pick(t, "id", "s1", "s2"), Matchers: []string{pick(t, "matcher", `alertname="A"`, `vm=~"a|b"`, `host="h"`)},
			StartsAt: at + unit*pick(t, "from", int64(-3), 0, 0, 2), CreatedBy: "me",
		}
		s.EndsAt = s.StartsAt + unit*pick(t, "long", int64(1), 3, 12, 15, 0)
		_, err := p.SetSilence(s, at)
		return same(err, o.silence(s, at), fmt.Sprintf("silence %+v", s))
	case 2:
		id := pick(t, "id", "s1", "s2")
		return same(p.ExpireSilence(id, "me", at), o.expire(id, at), "expire "+id)
	case 3, 4:
		c := drawKnown(t, o)
		return same(p.Ack(c.Fingerprint, notifiers.Ack{By: "me"}, at), o.ack(c.Fingerprint, at), "ack "+title(&c))
	case 5:
		o.enter(at)
		key := "none"
		if len(o.groups) > 0 {
			key = pick(t, "group", o.groups...).key
		}
		return same(p.AckGroup(key, "me", "", at), o.ackGroup(key, at), "ack group "+key)
	case 6:
		*cfg = drawTree(t)
		o.swap(*cfg, at)
		return same(p.Swap(*cfg, at), true, "swap")
	}
	c := drawChange(t)
	if pick(t, "known", true, false, false) {
		c = drawKnown(t, o)
		c.Status, c.Reason = alert.Resolved, pick(t, "reason", alert.ReasonResolve, alert.ReasonResolve, alert.ReasonQuiet)
	}
	c.At = at
	p.Step(c, at)
	o.step(c, at)
	return fmt.Sprintf("%s %s life %d %s to %q, inhibits %q shadow %v", title(&c), c.Status, c.StartsAt, c.Reason, c.Receivers, c.Inhibits, c.Shadow)
}
