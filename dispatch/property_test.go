package dispatch

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

var names = []string{"ops", "oncall", "pager", "gone"}

// stream draws changes that need not make sense: any order of statuses over
// few alerts and few lives.
func stream(t *rapid.T) []alert.Change {
	one := rapid.Custom(func(t *rapid.T) alert.Change {
		name := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "name")
		labels := alert.Labels{{Name: "alertname", Value: name}, {Name: "host", Value: rapid.SampledFrom([]string{"h", "h", "i"}).Draw(t, "host")}}
		if vm := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "vm"); vm != "" {
			labels = append(labels, alert.Label{Name: "vm", Value: vm})
		}
		return alert.Change{
			Name:        name,
			Shadow:      rapid.IntRange(0, 9).Draw(t, "shadow") == 0,
			Inhibits:    rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"A", "B", "C"}), 0, 2, rapid.ID).Draw(t, "inhibits"),
			At:          rapid.Int64Range(0, 9).Draw(t, "at"),
			Status:      rapid.SampledFrom([]alert.Status{alert.Pending, alert.Firing, alert.Firing, alert.Resolved, alert.Resolved, alert.Inactive}).Draw(t, "status"),
			Reason:      rapid.SampledFrom([]alert.Reason{alert.ReasonResolve, alert.ReasonEnded, alert.ReasonQuiet}).Draw(t, "reason"),
			Labels:      labels,
			Fingerprint: labels.Fingerprint(),
			StartsAt:    rapid.Int64Range(1, 2).Draw(t, "startsAt"),
			Receivers:   rapid.SliceOfN(rapid.SampledFrom(names), 0, 3).Draw(t, "receivers"),
		}
	})
	return rapid.SliceOfN(one, 0, 60).Draw(t, "changes")
}

func drawConfig(t *rapid.T) Config {
	c := Config{Route: Route{Receiver: rapid.SampledFrom([]string{"ops", "oncall", "missing", ""}).Draw(t, "default"), GroupByAll: true}}
	for _, name := range names[:3] {
		if rapid.Bool().Draw(t, "has "+name) {
			c.Receivers = append(c.Receivers, Receiver{Name: name, SendResolved: rapid.Bool().Draw(t, "send_resolved")})
		}
	}
	return c
}

func find(c Config, name string) (Receiver, bool) {
	i := slices.IndexFunc(c.Receivers, func(r Receiver) bool { return r.Name == name })
	if i < 0 {
		return Receiver{}, false
	}
	return c.Receivers[i], true
}

func restore(t interface{ Fatal(...any) }, cfg Config, s Snapshot) *Planner {
	p, err := Restore(cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestResolveFollowsFiring: whatever the changes, a resolved notification has
// had its firing to the same receiver, or says both; there is at most one for
// each, and only receivers that exist and want it are told.
func TestResolveFollowsFiring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		p := plan(t, c)
		open, over := map[string]bool{}, map[string]bool{}
		ids := map[string]string{}
		for i, ch := range stream(t) {
			if rapid.IntRange(0, 9).Draw(t, "swap") == 0 {
				c = drawConfig(t)
				if err := p.Swap(c, 0); err != nil {
					t.Fatal(err)
				}
			}
			for _, n := range step(p, ch) {
				r, ok := find(c, n.Receiver)
				if !ok {
					t.Fatalf("change %d told %q, which does not exist", i, n.Receiver)
				}
				of := n.Alerts[0] // ch, or one that it silenced
				key := fmt.Sprint(n.Receiver, of.Fingerprint, of.StartsAt)
				switch n.Status {
				case alert.Firing:
					open[key] = true
				case alert.Resolved:
					owed := open[key] || !over[key] && saysBoth(&n)
					if !owed || !r.SendResolved || ch.Reason == alert.ReasonQuiet {
						t.Fatalf("change %d: resolved to %q, which is not owed one", i, n.Receiver)
					}
					delete(open, key)
					over[key] = true
				default:
					t.Fatalf("change %d told somebody that it is %s", i, n.Status)
				}
				what := key + string(n.Status)
				if had, ok := ids[n.ID]; ok && had != what {
					t.Fatalf("ID %s means %q and %q", n.ID, had, what)
				}
				ids[n.ID] = what
			}
		}
	})
}

// saysBoth says that a message tells of a beginning and of the end.
func saysBoth(n *notifiers.Notification) bool {
	k := len(n.Timeline)
	return k >= 2 && n.Timeline[k-1].What == notifiers.Ended &&
		(n.Timeline[k-2].What == notifiers.Fired || n.Timeline[k-2].What == notifiers.Joined) && n.Timeline[k-2].At == n.Timeline[k-1].At
}

// TestFiringIsTold: an alert that begins to fire is told to somebody as long
// as the route's receiver exists.
func TestFiringIsTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		if _, ok := find(c, c.Route.Receiver); !ok {
			c.Route.Receiver = "other"
			c.Receivers = append(c.Receivers, Receiver{Name: "other"})
		}
		ch := change(alert.Firing, 1, rapid.SliceOf(rapid.SampledFrom(names)).Draw(t, "named")...)
		if len(step(plan(t, c), ch)) == 0 {
			t.Fatalf("nobody was told; receivers %q, config %+v", ch.Receivers, c)
		}
	})
}

// TestRestoreChangesNothing: a Planner that goes through a snapshot, and
// through its JSON, at any point says what one without says.
func TestRestoreChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		changes := stream(t)
		cut := rapid.IntRange(0, len(changes)).Draw(t, "cut")
		whole, parts := plan(t, c), plan(t, c)
		for i, ch := range changes {
			if i == cut {
				line, err := json.Marshal(parts.Snapshot())
				if err != nil {
					t.Fatal(err)
				}
				var s Snapshot
				if err := json.Unmarshal(line, &s); err != nil {
					t.Fatal(err)
				}
				parts = restore(t, c, s)
			}
			want, got := step(whole, ch), step(parts, ch)
			if d := cmp.Diff(want, got); d != "" {
				t.Fatal(d)
			}
		}
		if d := cmp.Diff(whole.Snapshot(), parts.Snapshot()); d != "" {
			t.Fatal(d)
		}
	})
}

// TestSnapshotIsACopy: what a caller does to a snapshot reaches no Planner.
func TestSnapshotIsACopy(t *testing.T) {
	p := plan(t, cfg)
	step(p, change(alert.Firing, 1, "ops", "oncall"))
	s := p.Snapshot()
	q := restore(t, cfg, s)
	s.Lives[0].Members[0].Told, s.Groups[0].Timeline[0].Names[0] = false, "x"
	for _, planner := range []*Planner{p, q} {
		got := step(planner, change(alert.Resolved, 1))
		if want := []string{"ops resolved", "oncall resolved"}; !slices.Equal(told(got), want) {
			t.Errorf("got %q, want %q", told(got), want)
		}
	}
}
