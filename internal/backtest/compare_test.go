package backtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// ruleBy is a rule of scope vm with this key.
func ruleBy(by ...string) *rules.Rule { return &rules.Rule{Name: "A", By: by} }

// fired makes an alert of VM db1 on host h from start to end in seconds; end 0
// is none. Labels are name, value, name, value.
func fired(r *rules.Rule, start, end int64, labels ...string) Alert {
	a := Alert{Rule: r, Name: r.Name, Start: start * 1e6, End: end * 1e6, Labels: alert.Labels{{Name: "host", Value: "h"}, {Name: "vm", Value: "db1"}}}
	if end == 0 {
		a.End = qmp.NoTime
	}
	for i := 0; i < len(labels); i += 2 {
		a.Labels = append(a.Labels, alert.Label{Name: labels[i], Value: labels[i+1]})
	}
	a.Labels.Sort()
	return a
}

// compared is "later,shorter 10-20 12-20", one for each difference.
func compared(c Comparison) []string {
	span := func(a *Alert) string {
		switch {
		case a == nil:
			return "-"
		case a.Open():
			return fmt.Sprintf("%d…", a.Start/1e6)
		}
		return fmt.Sprintf("%d-%d", a.Start/1e6, a.End/1e6)
	}
	var out []string
	for i := range c.Differences {
		d := &c.Differences[i]
		out = append(out, strings.Join(d.What(), ",")+" "+span(d.Before)+" "+span(d.After))
	}
	return out
}

func TestCompare(t *testing.T) {
	none, node := ruleBy(), ruleBy("node-name")
	tests := []struct {
		name          string
		before, after []Alert
		want          []string
		same          int
	}{
		{"nothing", nil, nil, nil, 0},
		{"the same", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 10, 20)}, nil, 1},
		{"added", nil, []Alert{fired(none, 10, 20)}, []string{"added - 10-20"}, 0},
		{"gone", []Alert{fired(none, 10, 20)}, nil, []string{"gone 10-20 -"}, 0},
		{"later, and shorter for it", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 12, 20)}, []string{"later,shorter 10-20 12-20"}, 0},
		{"moved", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 8, 18)}, []string{"earlier 10-20 8-18"}, 0},
		{"longer", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 10, 25)}, []string{"longer 10-20 10-25"}, 0},
		{"other labels", []Alert{fired(none, 10, 20, "severity", "info")}, []Alert{fired(none, 10, 20, "severity", "page")}, []string{"labels 10-20 10-20"}, 0},
		{"a label more", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 10, 20, "team", "x")}, []string{"labels 10-20 10-20"}, 0},
		{"no end any more", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 10, 0)}, []string{"longer 10-20 10…"}, 0},
		{"no end any more, though the recording ends before", []Alert{fired(none, 10, 200)}, []Alert{fired(none, 10, 0)}, []string{"longer 10-200 10…"}, 0},
		{"an end", []Alert{fired(none, 10, 0)}, []Alert{fired(none, 10, 20)}, []string{"shorter 10… 10-20"}, 0},
		{"both without end", []Alert{fired(none, 10, 0)}, []Alert{fired(none, 12, 0)}, []string{"later 10… 12…"}, 0},
		{"both without end, alike", []Alert{fired(none, 10, 0)}, []Alert{fired(none, 10, 0)}, nil, 1},
		{"not at the same time", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 21, 30)}, []string{"gone 10-20 -", "added - 21-30"}, 0},
		{"they touch", []Alert{fired(none, 10, 20)}, []Alert{fired(none, 20, 30)}, []string{"later 10-20 20-30"}, 0},
		{"one became two", []Alert{fired(none, 10, 40)}, []Alert{fired(none, 10, 20), fired(none, 30, 40)}, []string{"shorter 10-40 10-20", "added - 30-40"}, 0},
		{"two became one", []Alert{fired(none, 10, 20), fired(none, 30, 40)}, []Alert{fired(none, 10, 40)}, []string{"longer 10-20 10-40", "gone 30-40 -"}, 0},
		{"other keys", []Alert{fired(node, 10, 20, "node_name", "a")}, []Alert{fired(node, 10, 20, "node_name", "b")},
			[]string{"gone 10-20 -", "added - 10-20"}, 0},
		{"the key grew", []Alert{fired(none, 10, 20)}, []Alert{fired(node, 10, 20, "node_name", "a")}, []string{"labels 10-20 10-20"}, 0},
		{"the key shrank", []Alert{fired(node, 10, 20, "node_name", "a"), fired(node, 11, 20, "node_name", "b")}, []Alert{fired(none, 10, 20)},
			[]string{"labels 10-20 10-20", "gone 11-20 -"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Compare(tt.before, tt.after, qmp.NoTime, 100e6)
			if d := cmp.Diff(tt.want, compared(c)); d != "" {
				t.Error(d)
			}
			if c.Same != tt.same {
				t.Errorf("%d are the same, want %d", c.Same, tt.same)
			}
		})
	}
}

// TestCompareSince: of a pair one is enough to reach into the time of interest.
func TestCompareSince(t *testing.T) {
	r := ruleBy()
	before := []Alert{fired(r, 10, 20), fired(r, 30, 50), fired(r, 60, 70)}
	after := []Alert{fired(r, 11, 21), fired(r, 30, 40), fired(r, 60, 70), fired(r, 80, 90)}
	for from, want := range map[int64][]string{
		0:  {"later 10-20 11-21", "shorter 30-50 30-40", "added - 80-90"},
		21: {"later 10-20 11-21", "shorter 30-50 30-40", "added - 80-90"},
		22: {"shorter 30-50 30-40", "added - 80-90"},
		50: {"shorter 30-50 30-40", "added - 80-90"},
		51: {"added - 80-90"},
		91: nil,
	} {
		c := Compare(before, after, from*1e6, 100e6)
		if d := cmp.Diff(want, compared(c)); d != "" {
			t.Errorf("since %d: %s", from, d)
		}
		if same := c.Same == 1; same != (from <= 70) {
			t.Errorf("since %d: %d are the same", from, c.Same)
		}
		lanes := DifferencesOf(c, before, after, from*1e6, 100e6, 10).Lanes
		if drawn := len(lanes) == 1; drawn != (want != nil) {
			t.Errorf("since %d: %d lanes", from, len(lanes))
		}
	}
}

// TestCompareAccounts: every alert of both sets is in exactly one place,
// nothing differs from itself, and to exchange the sets turns every word round.
func TestCompareAccounts(t *testing.T) {
	r := ruleBy("node-name")
	draw := rapid.Custom(func(t *rapid.T) []Alert {
		var out []Alert
		for _, node := range []string{"a", "b"} {
			now := int64(0)
			for range rapid.IntRange(0, 5).Draw(t, "alerts") {
				start := now + rapid.Int64Range(1, 4).Draw(t, "gap")
				now = start + rapid.Int64Range(0, 5).Draw(t, "lasts")
				out = append(out, fired(r, start, now, "node_name", node))
			}
			if len(out) > 0 && rapid.Bool().Draw(t, "open") {
				out[len(out)-1].End = qmp.NoTime
			}
		}
		h := history{alerts: out}
		return h.done()
	})
	turned := strings.NewReplacer("added", "gone", "gone", "added", "earlier", "later", "later", "earlier", "longer", "shorter", "shorter", "longer")
	rapid.Check(t, func(t *rapid.T) {
		before, after := draw.Draw(t, "before"), draw.Draw(t, "after")
		c := Compare(before, after, qmp.NoTime, 30e6)
		seen := map[*Alert]int{}
		pairs := c.Same
		for i := range c.Differences {
			d := &c.Differences[i]
			seen[d.Before]++
			seen[d.After]++
			if d.Before != nil && d.After != nil {
				pairs++
				if compareLabels(d.Before.Key(), d.After.Key()) != 0 {
					t.Fatalf("paired %v with %v", d.Before.Labels, d.After.Labels)
				}
			}
			if len(d.What()) == 0 {
				t.Fatalf("a difference without a word: %+v", d)
			}
		}
		delete(seen, nil)
		for a, n := range seen {
			if n != 1 {
				t.Fatalf("%+v is %d times in it", a, n)
			}
		}
		if got, all := len(seen)+2*c.Same, len(before)+len(after); got != all {
			t.Fatalf("%d of %d alerts accounted for", got, all)
		}
		if self := Compare(before, before, qmp.NoTime, 30e6); len(self.Differences) > 0 || self.Same != len(before) {
			t.Fatalf("differs from itself: %q", compared(self))
		}
		back := Compare(after, before, qmp.NoTime, 30e6)
		words := func(c Comparison) map[string]int {
			out := map[string]int{}
			for i := range c.Differences {
				for _, w := range c.Differences[i].What() {
					out[w]++
				}
			}
			return out
		}
		want := map[string]int{}
		for w, n := range words(back) {
			want[turned.Replace(w)] = n
		}
		if d := cmp.Diff(want, words(c)); d != "" {
			t.Fatal(d)
		}
	})
}

func TestLength(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 300 * time.Microsecond: "300µs", -1500 * time.Millisecond: "1s500ms", 9*time.Minute + 400*time.Millisecond: "9m",
		12*time.Hour + 29*time.Second: "12h", 50 * time.Hour: "2d2h",
	} {
		if got := Length(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestBetween(t *testing.T) {
	const far = 1 << 62
	for _, tt := range []struct {
		from, to int64
		want     time.Duration
	}{
		{1, 3, 2 * time.Microsecond}, {3, 1, -2 * time.Microsecond}, {-1, 1, 2 * time.Microsecond},
		{-far, far, 1<<63 - 1}, {far, -far, -(1<<63 - 1)}, {0, far, 1<<63 - 1}, {far, 0, -(1<<63 - 1)}, {-far - far, far, 1<<63 - 1},
	} {
		if got := between(tt.from, tt.to); got != tt.want {
			t.Errorf("%d to %d: %d, want %d", tt.from, tt.to, got, tt.want)
		}
	}
}
