package dispatch

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// about makes a change of an alert: "HostDown kvm07" or "Paused kvm07 db1".
func about(status alert.Status, at int64, name, host, vm string, inhibits ...string) alert.Change {
	labels := alert.Labels{{Name: "alertname", Value: name}}
	for _, l := range []alert.Label{{Name: "host", Value: host}, {Name: "vm", Value: vm}} {
		if l.Value != "" {
			labels = append(labels, l)
		}
	}
	return alert.Change{
		At: at, Status: status, Name: name, Labels: labels, Fingerprint: labels.Fingerprint(),
		ActiveAt: 1, StartsAt: 1, EndsAt: qmp.NoTime, Reason: alert.ReasonResolve, Inhibits: inhibits,
	}
}

func TestInhibits(t *testing.T) {
	down := about(alert.Firing, 10, "HostDown", "kvm07", "", "Paused")
	up := about(alert.Resolved, 20, "HostDown", "kvm07", "", "Paused")
	full := about(alert.Firing, 10, "DiskFull", "kvm07", "db1", "Paused")
	paused, resumed := about(alert.Firing, 11, "Paused", "kvm07", "db1"), about(alert.Resolved, 12, "Paused", "kvm07", "db1")
	shadow := down
	shadow.Shadow = true
	tests := []struct {
		name  string
		steps []alert.Change
		want  []string
	}{
		{"silent while the other fires", []alert.Change{down, paused}, []string{"10 HostDown firing"}},
		{"told when it ends", []alert.Change{down, paused, up}, []string{"10 HostDown firing", "20 HostDown resolved", "20 Paused firing"}},
		{"over before: never told", []alert.Change{down, paused, resumed, up}, []string{"10 HostDown firing", "20 HostDown resolved"}},
		{"told before: stays told, and of its end", []alert.Change{paused, down, resumed}, []string{"11 Paused firing", "11 HostDown firing", "12 Paused resolved"}},
		{"another host", []alert.Change{down, about(alert.Firing, 11, "Paused", "kvm08", "db1")}, []string{"10 HostDown firing", "11 Paused firing"}},
		{"another VM", []alert.Change{full, about(alert.Firing, 11, "Paused", "kvm07", "db2")}, []string{"10 DiskFull firing", "11 Paused firing"}},
		{"the same VM", []alert.Change{full, paused}, []string{"10 DiskFull firing"}},
		{"an alert of the host is on the VM's host", []alert.Change{full, about(alert.Firing, 11, "Paused", "kvm07", "")}, []string{"10 DiskFull firing"}},
		{"another name", []alert.Change{down, about(alert.Firing, 11, "Panicked", "kvm07", "db1")}, []string{"10 HostDown firing", "11 Panicked firing"}},
		{"two inhibitors: the last one counts", []alert.Change{down, full, paused, up}, []string{"10 HostDown firing", "10 DiskFull firing", "20 HostDown resolved"}},
		{"a shadow silences nothing", []alert.Change{shadow, paused}, []string{"11 Paused firing"}},
		{"not itself", []alert.Change{about(alert.Firing, 1, "A", "h", "v", "A")}, []string{"1 A firing"}},
		{"a silenced one silences", []alert.Change{
			about(alert.Firing, 1, "A", "h", "v", "B"), about(alert.Firing, 2, "B", "h", "v", "C"), about(alert.Firing, 3, "C", "h", "v"),
			about(alert.Resolved, 4, "A", "h", "v", "B"),
		}, []string{"1 A firing", "4 A resolved", "4 B firing"}},
		{"each other: the first one is told", []alert.Change{
			about(alert.Firing, 1, "A", "h", "v", "B"), about(alert.Firing, 2, "B", "h", "v", "A"), about(alert.Resolved, 3, "A", "h", "v", "B"),
		}, []string{"1 A firing", "3 A resolved", "3 B firing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plan(t, cfg)
			got := []string{}
			for _, c := range tt.steps {
				for _, n := range step(p, c) {
					got = append(got, fmt.Sprintf("%d %s %s", n.At, n.Alerts[0].Name, n.Status))
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestShadow(t *testing.T) {
	p := plan(t, cfg)
	firing, resolved := change(alert.Firing, 1), change(alert.Resolved, 1)
	firing.Shadow, resolved.Shadow = true, true
	if got := append(step(p, firing), step(p, resolved)...); got != nil {
		t.Errorf("a shadow told %q", told(got))
	}
	step(p, change(alert.Firing, 1))
	if got, want := told(step(p, resolved)), []string{"ops resolved"}; !slices.Equal(got, want) {
		t.Errorf("told before the rule went into shadow: got %q, want %q", got, want)
	}
}

// naive is a Planner that looks at everything each time.
type naive struct {
	told, held map[alert.Fingerprint]alert.Change
	inhibitors map[alert.Fingerprint]alert.Change
}

func (n *naive) silenced(c alert.Change) bool {
	for f, in := range n.inhibitors {
		if f == c.Fingerprint || !slices.Contains(in.Inhibits, c.Name) || in.Labels.Get("host") != c.Labels.Get("host") {
			continue
		}
		if a, b := in.Labels.Get("vm"), c.Labels.Get("vm"); a == "" || b == "" || a == b {
			return true
		}
	}
	return false
}

// step returns what is said, in no order.
func (n *naive) step(c alert.Change) (said []string) {
	f := c.Fingerprint
	say := func(c alert.Change) { said = append(said, fmt.Sprint(c.Fingerprint, c.StartsAt, c.Status)) }
	switch {
	case c.Status == alert.Firing && !c.Shadow:
		if old, ok := n.told[f]; ok && old.StartsAt == c.StartsAt {
			return nil
		}
		if old, ok := n.held[f]; ok && old.StartsAt == c.StartsAt {
			return nil
		}
		delete(n.told, f)
		delete(n.held, f)
		n.inhibitors[f] = c
		if n.silenced(c) {
			n.held[f] = c
		} else {
			n.told[f] = c
			say(c)
		}
		n.release(say)
	case c.Status == alert.Resolved:
		if old, ok := n.told[f]; ok && old.StartsAt == c.StartsAt {
			delete(n.told, f)
			if c.Reason != alert.ReasonQuiet {
				say(c)
			}
		}
		if old, ok := n.held[f]; ok && old.StartsAt == c.StartsAt {
			delete(n.held, f)
		}
		if old, ok := n.inhibitors[f]; ok && old.StartsAt == c.StartsAt {
			delete(n.inhibitors, f)
			n.release(say)
		}
	}
	return said
}

// release tells of what nothing silences any more. Whoever is told then
// silences as before.
func (n *naive) release(say func(alert.Change)) {
	for f, h := range n.held {
		if !n.silenced(h) {
			delete(n.held, f)
			n.told[f] = h
			say(h)
		}
	}
}

// TestInhibitsAsTheNaiveOne compares with a Planner that is plainly right, with
// snapshots on the way, and in the end nothing may be left behind.
func TestInhibitsAsTheNaiveOne(t *testing.T) {
	c := Config{Route: Route{Receiver: "ops", GroupByAll: true}, Receivers: []Receiver{{Name: "ops", SendResolved: true}}}
	rapid.Check(t, func(t *rapid.T) {
		p := plan(t, c)
		n := &naive{map[alert.Fingerprint]alert.Change{}, map[alert.Fingerprint]alert.Change{}, map[alert.Fingerprint]alert.Change{}}
		changes := stream(t)
		for _, ch := range changes {
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				p = restore(t, c, p.Snapshot())
			}
			var got []string
			for _, m := range step(p, ch) {
				got = append(got, fmt.Sprint(m.Alerts[0].Fingerprint, m.Alerts[0].StartsAt, m.Status))
			}
			want := n.step(ch)
			slices.Sort(got)
			slices.Sort(want)
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("at %+v: %s", ch, d)
			}
		}
		for _, ch := range changes {
			for life := range int64(4) {
				ch.Status, ch.StartsAt = alert.Resolved, life
				step(p, ch)
			}
		}
		p.Advance(99)
		if s := p.Snapshot(); len(s.Lives)+len(s.Groups)+len(p.inhibition.sources)+len(p.inhibition.targets)+len(p.agenda) > 0 {
			t.Fatalf("all is over, but this is left: %+v, %+v", s, p.inhibition)
		}
	})
}

// TestHeldEvidenceIsKept: what a silenced alert is told with later is what it
// fired with.
func TestHeldEvidenceIsKept(t *testing.T) {
	e, err := event.Parse([]byte(`{"timestamp":{"seconds":5,"microseconds":6},"event":"STOP","host":"kvm07","vm":{"name":"db1"}}`))
	if err != nil {
		t.Fatal(err)
	}
	paused := about(alert.Firing, 11, "Paused", "kvm07", "db1")
	paused.Evidence = alert.Evidence{Events: []*event.Event{e}, Omitted: 3, Bounded: 2, Note: "n"}
	paused.Annotations = alert.Labels{{Name: "summary", Value: "s"}}
	p := plan(t, cfg)
	step(p, about(alert.Firing, 10, "HostDown", "kvm07", "", "Paused"))
	step(p, paused)
	p = restore(t, cfg, p.Snapshot())
	got := step(p, about(alert.Resolved, 20, "HostDown", "kvm07", "", "Paused"))
	if len(got) != 2 || got[1].At != 20 {
		t.Fatalf("%+v", got)
	}
	if d := cmp.Diff(paused, got[1].Alerts[0]); d != "" {
		t.Error(d)
	}
}
