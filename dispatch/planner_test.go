package dispatch

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/notifiers"
)

// cfg tells at once, of each alert by itself.
var cfg = Config{
	Route: Route{Receiver: "ops", GroupByAll: true},
	Receivers: []Receiver{
		{Name: "ops", SendResolved: true},
		{Name: "oncall", SendResolved: true},
		{Name: "pager", SendResolved: false},
	},
	ExternalURL: "https://qmpalert.example.org",
}

func change(status alert.Status, startsAt int64, receivers ...string) alert.Change {
	labels := alert.Labels{{Name: "alertname", Value: "Paused"}, {Name: "vm", Value: "db1"}}
	return alert.Change{
		At: startsAt + 7, Status: status, Name: "Paused", Labels: labels, Fingerprint: labels.Fingerprint(),
		ActiveAt: startsAt, StartsAt: startsAt, Receivers: receivers, Reason: alert.ReasonMatch,
	}
}

// plan returns a Planner for a configuration that is right.
func plan(t interface{ Fatal(...any) }, cfg Config) *Planner {
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// step has a change decided at its own time.
func step(p *Planner, c alert.Change) []notifiers.Notification {
	p.Step(c, c.At)
	return p.Advance(c.At).Notifications
}

func told(ns []notifiers.Notification) []string {
	out := []string{}
	for _, n := range ns {
		out = append(out, n.Receiver+" "+string(n.Status))
	}
	return out
}

func TestWhoIsTold(t *testing.T) {
	quiet := change(alert.Resolved, 1)
	quiet.Reason = alert.ReasonQuiet
	tests := []struct {
		name  string
		steps []alert.Change
		want  []string
	}{
		{"the route's receiver", []alert.Change{change(alert.Firing, 1)}, []string{"ops firing"}},
		{"the rule's receivers in their order", []alert.Change{change(alert.Firing, 1, "pager", "ops")}, []string{"pager firing", "ops firing"}},
		{"each once", []alert.Change{change(alert.Firing, 1, "ops", "ops")}, []string{"ops firing"}},
		{"an unknown name gives the route's", []alert.Change{change(alert.Firing, 1, "gone", "oncall")}, []string{"ops firing", "oncall firing"}},
		{"pending tells nobody", []alert.Change{change(alert.Pending, 1)}, []string{}},
		{"inactive tells nobody", []alert.Change{change(alert.Pending, 1), change(alert.Inactive, 1)}, []string{}},
		{"resolve", []alert.Change{change(alert.Firing, 1), change(alert.Resolved, 1)}, []string{"ops firing", "ops resolved"}},
		{"resolve without firing", []alert.Change{change(alert.Resolved, 1)}, []string{}},
		{"resolve of another life", []alert.Change{change(alert.Firing, 1), change(alert.Resolved, 2)}, []string{"ops firing"}},
		{"second resolve", []alert.Change{change(alert.Firing, 1), change(alert.Resolved, 1), change(alert.Resolved, 1)}, []string{"ops firing", "ops resolved"}},
		{"send_resolved false", []alert.Change{change(alert.Firing, 1, "pager"), change(alert.Resolved, 1, "pager")}, []string{"pager firing"}},
		{"resolve to those of the firing", []alert.Change{change(alert.Firing, 1, "ops"), change(alert.Resolved, 1, "oncall")}, []string{"ops firing", "ops resolved"}},
		{"firing said twice", []alert.Change{change(alert.Firing, 1), change(alert.Firing, 1)}, []string{"ops firing"}},
		{"a new life", []alert.Change{change(alert.Firing, 1), change(alert.Resolved, 1), change(alert.Firing, 9)}, []string{"ops firing", "ops resolved", "ops firing"}},
		{"the end of a notice", []alert.Change{change(alert.Firing, 1), quiet}, []string{"ops firing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plan(t, cfg)
			got := []string{}
			for _, c := range tt.steps {
				got = append(got, told(step(p, c))...)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNotificationSaysAll(t *testing.T) {
	c := change(alert.Firing, 1000)
	c.Annotations = alert.Labels{{Name: "summary", Value: "s"}}
	got := step(plan(t, cfg), c)
	want := []notifiers.Notification{{
		// The ID is a contract: a daemon that is updated between a message and
		// its repeat must give it the same one.
		ID: "547d17175562831e186c1ca93d753f8c", Receiver: "ops", GroupKey: `ops/{}:{alertname="Paused",vm="db1"}`, Status: alert.Firing, At: 1007,
		Alerts: []alert.Change{c}, GroupLabels: c.Labels, CommonLabels: c.Labels, CommonAnnotations: c.Annotations,
		ExternalURL: cfg.ExternalURL, Kind: notifiers.KindFiring, Route: "{}", Since: 1007,
		Timeline: []notifiers.Moment{{At: 1007, What: notifiers.Fired, Names: []string{"Paused on db1"}}},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func swap(t *testing.T, p *Planner, cfg Config, at int64) {
	t.Helper()
	if err := p.Swap(cfg, at); err != nil {
		t.Fatal(err)
	}
}

func TestSwap(t *testing.T) {
	reduced := Config{Route: Route{Receiver: "oncall", GroupByAll: true}, Receivers: []Receiver{{Name: "oncall", SendResolved: true}}}
	p := plan(t, cfg)
	step(p, change(alert.Firing, 1, "ops", "oncall"))
	swap(t, p, reduced, 9)
	if got, want := told(step(p, change(alert.Resolved, 1))), []string{"oncall resolved"}; !slices.Equal(got, want) {
		t.Errorf("after a receiver vanished: got %q, want %q", got, want)
	}
	if got, want := told(step(p, change(alert.Firing, 2))), []string{"oncall firing"}; !slices.Equal(got, want) {
		t.Errorf("new default: got %q, want %q", got, want)
	}

	nobody := plan(t, Config{})
	step(nobody, change(alert.Firing, 1))
	swap(t, nobody, cfg, 9)
	if got, want := told(step(nobody, change(alert.Resolved, 1))), []string{"ops resolved"}; !slices.Equal(got, want) {
		t.Errorf("resolve of an alert that a new receiver was to be told of: got %q, want %q", got, want)
	}

	late := plan(t, Config{})
	step(late, change(alert.Firing, 1))
	swap(t, late, cfg, 9)
	if got, want := told(late.Advance(9).Notifications), []string{"ops firing"}; !slices.Equal(got, want) {
		t.Errorf("a receiver that is new: got %q, want %q", got, want)
	}
}

// TestAnEmptyGroupHasNoClock: a group that other routes have left empty, and that
// an alert comes back to, was not asleep by a route that is gone.
func TestAnEmptyGroupHasNoClock(t *testing.T) {
	asleep := cfg
	asleep.Route.MuteTimeIntervals = []string{"always"}
	asleep.TimeIntervals = []TimeInterval{{Name: "always", Intervals: []alertmanager.Interval{{}}}}
	other := cfg
	other.Route = Route{Receiver: "ops", GroupWait: time.Hour}
	p := plan(t, asleep)
	step(p, change(alert.Firing, 1))
	swap(t, p, other, 9)
	swap(t, p, cfg, 9)
	for _, n := range p.Advance(9).Notes {
		if n.What == Unmuted {
			t.Errorf("%s: %s", n.What, n.Text)
		}
	}
}

// TestToldInWords: how long the first message waits is said in round figures.
func TestToldInWords(t *testing.T) {
	slow := cfg
	slow.Route.GroupWait = 2 * time.Second
	p := plan(t, slow)
	first := change(alert.Firing, 1)
	p.Step(first, first.At)
	late := first.At + 164
	p.Step(about(alert.Firing, late, "Paused", "kvm07", "db2"), late)
	for _, n := range p.Advance(late).Notes {
		if !strings.HasPrefix(n.Text, "route {}; told in 2s,") {
			t.Errorf("%q", n.Text)
		}
	}
	if d := roughly(1_999_836); d != 2*time.Second {
		t.Error(d)
	}
	if d := roughly(600_000); d != 600*time.Millisecond {
		t.Error(d)
	}
}
