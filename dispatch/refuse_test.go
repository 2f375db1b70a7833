package dispatch

import (
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

// TestBadConfigs: each is refused with a reason, and a Planner that is to take
// it over goes on with the old one.
func TestBadConfigs(t *testing.T) {
	tests := []struct {
		name, want string
		cfg        Config
	}{
		{"matcher", "bad matcher", Config{Route: Route{Routes: []Route{{Matchers: []string{"severity"}}}}}},
		{"matcher of the root", "is for all alerts", Config{Route: Route{Matchers: []string{`a="b"`}}}},
		{"unknown interval", `no time interval "night"`, Config{Route: Route{MuteTimeIntervals: []string{"night"}}}},
		{"bad interval", `time interval "night": weekdays`, Config{TimeIntervals: []TimeInterval{{Name: "night", Intervals: []alertmanager.Interval{{Weekdays: []string{"someday"}}}}}}},
		{"duration", "less than nothing", Config{Route: Route{GroupWait: -time.Second}}},
		{"inhibition", "inhibition rule number 1", Config{InhibitRules: []InhibitRule{{SourceMatchers: []string{"x"}}}}},
	}
	for _, tt := range tests {
		if _, err := New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: New says %v", tt.name, err)
		}
		p := plan(t, cfg)
		step(p, change(alert.Firing, 1))
		if err := p.Swap(tt.cfg, 9); err == nil {
			t.Errorf("%s: Swap takes it", tt.name)
		}
		if got := told(step(p, change(alert.Resolved, 1))); len(got) != 1 || got[0] != "ops resolved" {
			t.Errorf("%s: after the refusal %q", tt.name, got)
		}
	}
}

func TestBadSnapshots(t *testing.T) {
	tests := []struct {
		name string
		s    Snapshot
	}{
		{"newer", Snapshot{Version: SnapshotVersion + 1}},
		{"group is missing", Snapshot{Version: 1, Lives: []Life{{Members: []Membership{{Group: "x"}}}}}},
		{"silence", Snapshot{Version: 1, Silences: []SilenceRun{{Silence: Silence{ID: "s", Matchers: []string{"x"}}}}}},
	}
	for _, tt := range tests {
		if _, err := Restore(cfg, tt.s); err == nil {
			t.Errorf("%s: it is taken", tt.name)
		}
	}
	if p := restore(t, cfg, Snapshot{}); len(p.View().Alerts) != 0 {
		t.Error("no past has alerts")
	}
}

// TestSilenceLife: states, the change of one that holds, and when it is
// forgotten.
func TestSilenceLife(t *testing.T) {
	const hour = int64(3_600_000_000)
	p := plan(t, cfg)
	set := func(s Silence, at int64) {
		t.Helper()
		if _, err := p.SetSilence(s, at); err != nil {
			t.Fatal(err)
		}
	}
	s := Silence{ID: "s", Matchers: []string{`vm="db1"`}, StartsAt: hour, EndsAt: 3 * hour}
	set(s, 1)
	state := func(at int64) State {
		p.Advance(at)
		if v := p.View().Silences; len(v) == 1 {
			return v[0].State
		}
		return ""
	}
	if got := state(hour - 1); got != Pending {
		t.Error(got)
	}
	if got := state(hour); got != Active {
		t.Error(got)
	}
	s.EndsAt = 2 * hour
	set(s, hour)
	if v := p.View().Silences[0]; v.EndsAt != 2*hour || v.StartsAt != hour || v.UpdatedAt != hour {
		t.Errorf("%+v", v)
	}
	if got := state(2 * hour); got != Expired {
		t.Error(got)
	}
	if _, err := p.SetSilence(s, 2*hour); err == nil {
		t.Error("one that is over is changed")
	}
	if got := state(2*hour + micros(KeepExpired) - 1); got != Expired {
		t.Error(got)
	}
	if got := state(2*hour + micros(KeepExpired)); got != "" {
		t.Error(got)
	}
	for _, bad := range []Silence{{ID: "", Matchers: s.Matchers, EndsAt: 1 << 60}, {ID: "x", EndsAt: 1 << 60}, {ID: "x", Matchers: []string{"vm"}, EndsAt: 1 << 60}} {
		if _, err := p.SetSilence(bad, 1); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if err := p.ExpireSilence("gone", "me", 1); err == nil {
		t.Error("one that nobody knows ends")
	}
}
