package engine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
)

const viewRules = `
groups:
- name: g
  rules:
  - {alert: Paused, event: STOP, resolve: RESUME}
  - {alert: Held, event: STOP, for: 1h, resolve: RESUME}
  - {alert: Often, event: STOP, expr: vm.name != "c", count: 3, within: 10m, annotations: {summary: "{{ count }} times"}}
`

// TestViews: what fires is found with its newest count, also after a restart
// and a reload, and not any more when it ended.
func TestViews(t *testing.T) {
	set := load(t, viewRules)
	m := engine.New(set, engine.Options{})
	for i := range 4 {
		m.Step(received(ev(t, time.Duration(i)*time.Second, "a", "STOP", ""), time.Duration(i)*time.Second))
	}
	m.Step(received(ev(t, 4*time.Second, "b", "STOP", ""), 4*time.Second))

	check := func(t *testing.T, m *engine.Machine) {
		t.Helper()
		var got []string
		for _, c := range m.Active() {
			got = append(got, brief(c))
			now, ok := m.Look(c.Fingerprint)
			if ok != (c.Status == alert.Firing) {
				t.Errorf("%s: found: %v", brief(c), ok)
			}
			if ok && cmp.Diff(string(c.AppendJSON(nil)), string(now.AppendJSON(nil))) != "" {
				t.Errorf("Look gives %s, Active %s", brief(now), brief(c))
			}
		}
		want := []string{
			"3s pending Held vm=a count=4 match",
			"4s pending Held vm=b count=1 match",
			"3s firing Often vm=a count=4 count",
			"4s firing Paused vm=b count=1 match",
			"3s firing Paused vm=a count=4 match",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("active alerts (-want +got):\n%s", diff)
		}
	}
	check(t, m)
	often := m.Active()[2]
	if s := often.Annotations.Get("summary"); s != "4 times" {
		t.Errorf("the newest summary is %q", s)
	}

	text, err := json.Marshal(m.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var s engine.Snapshot
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	restored, err := engine.Restore(set, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("restored", func(t *testing.T) { check(t, restored) })
	m.Swap(load(t, viewRules+"  - {alert: New, event: RESET}\n"), base+5_000_000)
	t.Run("reloaded", func(t *testing.T) { check(t, m) })

	m.Step(received(ev(t, 6*time.Second, "a", "RESUME", ""), 6*time.Second))
	m.Advance(base + 60_000_000)
	if n := len(m.Active()); n != 3 { // those of b, and Often, which does not end with RESUME
		t.Errorf("%d alerts are left, want 3: %v", n, m.Active())
	}
}

// TestRuleViews counts.
func TestRuleViews(t *testing.T) {
	m := engine.New(load(t, viewRules), engine.Options{})
	for i, vm := range []string{"a", "a", "c"} {
		m.Step(received(ev(t, time.Duration(i)*time.Second, vm, "STOP", ""), time.Duration(i)*time.Second))
	}
	type view struct {
		Name                           string
		Evaluated, Matched             uint64
		Keys, Matches, Pending, Firing int
	}
	var got []view
	for _, v := range m.RuleViews() {
		got = append(got, view{v.Rule.Name, v.Evaluated, v.Matched, v.Keys, v.Matches, v.Pending, v.Firing})
	}
	want := []view{
		{"Paused", 3, 3, 2, 0, 0, 2},
		{"Held", 3, 3, 2, 0, 2, 0},
		{"Often", 3, 2, 1, 2, 0, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestQuestionsAreKept: a question that nobody has answered is asked again by
// whoever restores the machine.
func TestQuestionsAreKept(t *testing.T) {
	set := load(t, `
groups:
- name: g
  rules:
  - {alert: Paused, event: STOP, resolve: RESUME, confirm: {query: query-status, expr: 'status == "paused"'}}
`)
	m := engine.New(set, engine.Options{})
	asked := m.Step(received(ev(t, 0, "a", "STOP", ""), 0)).Questions
	restored, err := engine.Restore(set, m.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(asked, restored.Questions()); len(asked) != 1 || diff != "" {
		t.Errorf("asked again (-want +got):\n%s", diff)
	}
	m.Step(received(ev(t, time.Second, "a", "RESUME", ""), time.Second))
	if q := m.Questions(); len(q) != 0 {
		t.Errorf("still asked: %v", q)
	}
}

// TestWhatMattersToNobodyDoesNotWait: of events that QEMU throttles only those
// are held that a rule matches; what was asked about the others counts.
func TestWhatMattersToNobodyDoesNotWait(t *testing.T) {
	m := engine.New(rule(t, "alert: A", "event: QUORUM_REPORT_BAD", `expr: type == "read"`), engine.Options{})
	for i, kind := range []string{"write", "read", "flush"} {
		m.Step(ev(t, time.Duration(i)*time.Second/10, "a", "QUORUM_REPORT_BAD",
			`{"node-name":"n","sectors-count":1,"sector-num":0,"type":"`+kind+`"}`))
	}
	if n := len(m.Snapshot().Events); n != 1 {
		t.Errorf("%d events wait, want 1", n)
	}
	m.Finish(-1)
	if v := m.RuleViews()[0]; v.Evaluated != 3 || v.Matched != 1 {
		t.Errorf("%d were evaluated, %d matched; want 3 and 1", v.Evaluated, v.Matched)
	}
}
