package dispatch

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

const second = int64(1_000_000)

// TestStale: what is due is asked for, and every ten seconds all that was told;
// such a tick is to be kept although it decides nothing.
func TestStale(t *testing.T) {
	p := plan(t, grouped("vm")())
	c := guest(1, alert.Firing, second)
	f := c.Fingerprint
	p.Step(c, second)
	asked := func(at int64, want ...alert.Fingerprint) {
		t.Helper()
		if got := p.Stale(at); !slices.Equal(got, want) {
			t.Errorf("at %ds: asked for %v, want %v", at/second, got, want)
		}
	}
	asked(second)
	asked(2*second, f) // its message is due
	if d := p.Advance(2 * second); len(d.Notifications) != 1 || d.Keep {
		t.Fatalf("%+v", d)
	}
	asked(9 * second)
	if d := p.Advance(9 * second); !d.Empty() {
		t.Errorf("%+v", d)
	}
	asked(10*second, f) // a round
	if d := p.Advance(10 * second); !d.Keep || d.Empty() || len(d.Notifications)+len(d.Notes) > 0 {
		t.Errorf("%+v", d)
	}
	asked(11 * second)
	c.Count = 7
	p.Refresh(c)
	if d := p.Advance(11 * second); !d.Empty() {
		t.Errorf("an update after nine seconds: %+v", d)
	}
	d := p.Advance(12 * second)
	if len(d.Notifications) != 1 || d.Notifications[0].Kind != notifiers.KindUpdate || d.Notifications[0].Alerts[0].Count != 7 || len(d.Notes) > 0 {
		t.Errorf("%+v", d)
	}
	asked(4*3600*second+1, f)
	over := guest(1, alert.Resolved, second)
	p.Step(over, 13*second)
	p.Advance(13 * second)
	if d := p.Advance(60 * second); d.Keep {
		t.Error("a round of nothing")
	}
}

// TestStaleAtOnce: the message of an alert that is told at once shows by what it
// fired; one that waits is asked for when it is due.
func TestStaleAtOnce(t *testing.T) {
	p := plan(t, cfg)
	p.Step(change(alert.Firing, 1), second)
	p = restore(t, cfg, p.Snapshot())
	if got := p.Stale(second); len(got) > 0 {
		t.Errorf("asked for %v, which fires just now", got)
	}
	p.Advance(second)
	if got := p.Stale(10 * second); len(got) != 1 {
		t.Errorf("asked for %v in the next round", got)
	}
	late := plan(t, cfg)
	late.Step(change(alert.Firing, 1), second)
	if got := late.Stale(second + 1); len(got) != 1 {
		t.Errorf("asked for %v a moment later", got)
	}
}

// TestSnapshotOfVersion1, which knew nothing of what is over, is read.
func TestSnapshotOfVersion1(t *testing.T) {
	p := plan(t, cfg)
	step(p, change(alert.Firing, 1))
	s := p.Snapshot()
	s.Version, s.Lives[0].Began = 1, 0
	if got := told(step(restore(t, cfg, s), change(alert.Resolved, 1))); !slices.Equal(got, []string{"ops resolved"}) {
		t.Errorf("got %q", got)
	}
	s.Version = SnapshotVersion + 1
	if _, err := Restore(cfg, s); err == nil {
		t.Error("a snapshot of the future is read")
	}
}

// TestRefreshOfAnotherLife, or of what is no alert, changes nothing.
func TestRefreshOfAnotherLife(t *testing.T) {
	p := plan(t, cfg)
	step(p, change(alert.Firing, 1))
	before := p.Snapshot()
	for _, c := range []alert.Change{change(alert.Firing, 2), change(alert.Resolved, 1), about(alert.Firing, 1, "B", "h", "v")} {
		c.Count = 9
		p.Refresh(c)
	}
	if d := cmp.Diff(before, p.Snapshot()); d != "" {
		t.Error(d)
	}
}

// TestSeverityChanges: the same alert, but now it hides others.
func TestSeverityChanges(t *testing.T) {
	c := cfg
	c.InhibitRules = []InhibitRule{{SourceMatchers: []string{`severity="critical"`}, TargetMatchers: []string{`severity="warning"`}}}
	with := func(name, severity string) alert.Change {
		one := about(alert.Firing, 1, name, "kvm07", "db1")
		one.Labels = slices.Insert(slices.Clone(one.Labels), 2, alert.Label{Name: "severity", Value: severity})
		return one
	}
	p := plan(t, c)
	step(p, with("A", "warning"))
	step(p, with("B", "warning"))
	p.Refresh(with("A", "critical"))
	p = restore(t, c, p.Snapshot())
	d := p.Advance(5 * second)
	if len(d.Notes) != 1 || d.Notes[0].What != Muted || d.Notes[0].Fingerprint != with("B", "").Fingerprint || d.Notes[0].At != 5*second {
		t.Errorf("%+v", d.Notes)
	}
	v := p.View()
	for _, a := range v.Alerts {
		if severity := a.Labels.Get("severity"); (a.Name == "A") != (severity == "critical") || (a.Name == "B") != (len(a.Muted) == 1) {
			t.Errorf("%s is %s, hidden by %v", a.Name, severity, a.Muted)
		}
	}
	if d := p.Advance(10 * second); len(d.Notifications) != 0 {
		t.Errorf("%+v", d)
	}
	if d := p.Advance(11 * second); len(d.Notifications) != 1 || d.Notifications[0].Alerts[0].Labels.Get("severity") != "critical" {
		t.Errorf("the new severity is not shown: %+v", d)
	}
}

// TestView: what a page shows of an alert that one receiver knows of and that
// another one is to be told of.
func TestView(t *testing.T) {
	p := plan(t, Config{
		Route: Route{Receiver: "ops", GroupBy: []string{"vm"}, GroupWait: 0, Routes: []Route{
			{Receiver: "ops", Matchers: []string{`vm="db1"`}, Continue: true},
			{Receiver: "oncall", Matchers: []string{`vm="db1"`}, GroupBy: []string{"host"}, GroupWait: units(1), Escalate: &Escalation{After: 0, Receiver: "pager"}},
		}},
		Receivers: cfg.Receivers,
	})
	c := about(alert.Firing, 5, "Paused", "kvm07", "db1")
	step(p, c)
	if err := p.Ack(c.Fingerprint, notifiers.Ack{By: "alice", Comment: "mine"}, 6); err != nil {
		t.Fatal(err)
	}
	if _, err := p.SetSilence(Silence{ID: "s", Matchers: []string{`vm="db2"`}, EndsAt: 99}, 6); err != nil {
		t.Fatal(err)
	}
	p.Advance(6)
	labels := alert.Labels{{Name: "host", Value: "kvm07"}}
	want := View{
		At: 6,
		Alerts: []AlertView{{
			Fingerprint: c.Fingerprint, StartsAt: 1, Name: "Paused", Labels: c.Labels,
			Ack: &notifiers.Ack{Fingerprint: c.Fingerprint, StartsAt: 1, By: "alice", Comment: "mine", At: 6},
			Groups: []MemberView{
				{GroupKey: `oncall/{}/{vm="db1"}#2:{host="kvm07"}`, Receiver: "oncall", At: 5 + unit},
				{GroupKey: `ops/{}/{vm="db1"}:{}`, Receiver: "ops", Told: true, At: 5},
			},
		}},
		Groups: []GroupView{
			{
				Key: `oncall/{}/{vm="db1"}#2:{host="kvm07"}`, Receiver: "oncall", Route: `{}/{vm="db1"}#2`, Labels: labels,
				Waiting: 1, Next: 5 + unit, Fingerprints: []alert.Fingerprint{c.Fingerprint},
			},
			{
				Key: `ops/{}/{vm="db1"}:{}`, Receiver: "ops", Route: `{}/{vm="db1"}`, Told: 1, Last: 5, Fingerprints: []alert.Fingerprint{c.Fingerprint},
				Timeline: []notifiers.Moment{
					{At: 5, What: notifiers.Fired, Names: []string{"Paused on db1"}},
					{At: 6, What: notifiers.Acknowledged, Names: []string{"Paused on db1"}, By: "alice", Text: "mine"},
				},
			},
		},
		Silences: []SilenceView{{Silence: Silence{ID: "s", Matchers: []string{`vm="db2"`}, StartsAt: 6, EndsAt: 99, UpdatedAt: 6}, State: Active}},
	}
	if d := cmp.Diff(want, p.View()); d != "" {
		t.Error(d)
	}
}
