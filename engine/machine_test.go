package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/engine"
)

func TestBoundsForgetTheOldestKeyAndSaySo(t *testing.T) {
	set := load(t, `
groups:
- name: g
  rules:
  - {alert: Unplugged, event: DEVICE_DELETED, by: [path], resolve: RESUME}
  - {alert: Gap, event: QMPALERT_GAP, expr: 'reason == "bound"'}
`)
	m := engine.New(set, engine.Options{})
	for i := range 10_000 {
		m.Step(ev(t, time.Duration(i)*time.Millisecond, "a", "DEVICE_DELETED", fmt.Sprintf(`{"path":"/p%d"}`, i)))
	}
	d := m.Step(ev(t, 11*time.Second, "a", "DEVICE_DELETED", `{"path":"/one more"}`))
	want(t, d.Changes,
		"11s resolved Unplugged path=/p0 vm=a count=1 ended",
		"11s firing Unplugged path=/one more vm=a count=1 match",
		"11s firing Gap vm=a count=1 match")
	if d.Changes[0].Evidence.Bounded == 0 {
		t.Error("the evidence does not say that a bound was reached")
	}
}

// What still waits at the end of a recording can reach a bound too.
func TestBoundsReachedAtTheEndAreSaid(t *testing.T) {
	set := load(t, `
groups:
- name: g
  rules:
  - {alert: Child, event: QUORUM_REPORT_BAD, by: [node-name], resolve: RESUME}
  - {alert: Gap, event: QMPALERT_GAP, keep_firing_for: 1m}
  - {alert: HostGap, event: QMPALERT_GAP, scope: host, keep_firing_for: 1m}
`)
	for _, limit := range []time.Duration{-1, time.Hour, 0} {
		m := engine.New(set, engine.Options{})
		for i := range 10_001 {
			m.Step(ev(t, time.Duration(i)*time.Microsecond, "a", "QUORUM_REPORT_BAD", fmt.Sprintf(`{"node-name":"n%d"}`, i)))
		}
		m.Step(ev(t, time.Second, "b", "STOP", ""))
		var got []string
		for _, c := range m.Finish(limit).Changes {
			if c.Name != "Child" {
				got = append(got, brief(c))
			}
		}
		slices.Sort(got)
		expected := []string{"10ms firing Gap vm=a count=1 match", "10ms firing HostGap count=1 match"}
		if limit != 0 {
			expected = append(expected, "1m0.01s resolved Gap vm=a count=1 quiet", "1m0.01s resolved HostGap count=1 quiet")
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("limit %s: %s", limit, diff)
		}
	}
}

// A timestamp is the guest host's word: no value of it may stop the machine.
func TestHostileTimesDoNotWrapAround(t *testing.T) {
	set := rule(t, "alert: A", "event: STOP", "for: 5m", "resolve: RESUME")
	for _, us := range []int64{1<<63 - 1, -1 << 62, 0, 1} {
		m := engine.New(set, engine.Options{})
		for range 3 {
			e := ev(t, 0, "a", "STOP", "")
			e.Time = us
			m.Step(e)
			m.Step(ev(t, time.Second, "a", "STOP", ""))
		}
		m.Advance(base)
		m.Finish(-1)
	}
}

// Silence lets time pass: a deadline is met without another event, and says
// the exact time.
func TestSilence(t *testing.T) {
	set := rule(t, "alert: A", "event: STOP", "for: 5m", "resolve: RESUME")
	m := engine.New(set, engine.Options{})
	want(t, m.Step(received(ev(t, 0, "a", "STOP", ""), 40*time.Millisecond)).Changes, "0s pending A vm=a count=1 match")
	at := func(d time.Duration) []string {
		var out []string
		for _, c := range m.Advance(base + d.Microseconds()).Changes {
			out = append(out, brief(c))
		}
		return out
	}
	if got := at(5*time.Minute + 240*time.Millisecond); len(got) > 0 {
		t.Errorf("at the margin itself an event may still come, got %v", got)
	}
	if got := at(5*time.Minute + 241*time.Millisecond); len(got) != 1 || got[0] != "5m0s firing A vm=a count=1 for" {
		t.Errorf("got %v", got)
	}
}
