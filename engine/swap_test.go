package engine_test

import (
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/engine"
)

const three = `
groups:
- name: g
  rules:
  - alert: Three
    event: STOP
    count: 3
    within: 5m
`

func TestSwapKeepsTheWindowsOfUnchangedRules(t *testing.T) {
	m := engine.New(load(t, three), engine.Options{})
	m.Step(ev(t, 0, "a", "STOP", ""))
	m.Step(ev(t, time.Minute, "a", "STOP", ""))
	_, verdicts := m.Swap(load(t, three+`    labels: {severity: critical}
  - alert: Other
    event: RESUME
`), base+90e6)
	if len(verdicts) != 2 || verdicts[0].Action != engine.Kept || verdicts[1].Action != engine.Added {
		t.Fatalf("verdicts: %v", verdicts)
	}
	d := m.Step(ev(t, 2*time.Minute, "a", "STOP", ""))
	want(t, d.Changes, "2m0s firing Three vm=a count=3 count")
	if s := d.Changes[0].Labels.Get("severity"); s != "critical" {
		t.Errorf("severity %q: a kept rule has its new labels", s)
	}
}

func TestSwapEndsTheAlertsOfChangedAndRemovedRules(t *testing.T) {
	m := engine.New(load(t, `
groups:
- name: g
  rules:
  - {alert: Stays, event: STOP, resolve: RESUME}
  - {alert: Changes, event: STOP, resolve: RESUME}
  - {alert: Goes, event: STOP, for: 1h, resolve: RESUME}
`), engine.Options{})
	m.Step(ev(t, 0, "a", "STOP", ""))
	d, verdicts := m.Swap(load(t, `
groups:
- name: g
  rules:
  - {alert: Changes, event: STOP, resolve: [RESUME, RESET]}
  - {alert: Stays, event: STOP, resolve: RESUME}
`), base+60e6)
	want(t, d.Changes,
		"1m0s resolved Changes vm=a count=1 rule changed",
		"1m0s inactive Goes vm=a count=1 rule removed")
	if len(verdicts) != 3 || verdicts[0].Action != engine.Changed || verdicts[1].Action != engine.Kept || verdicts[2].Action != engine.Removed {
		t.Errorf("verdicts: %v", verdicts)
	}
	want(t, m.Step(ev(t, 2*time.Minute, "a", "RESUME", "")).Changes,
		"2m0s resolved Stays vm=a count=1 resolve")
}

// An event that waits for the watermark arrived before the rule was there.
func TestSwapHidesOlderEventsFromNewRules(t *testing.T) {
	const bad = `{"node-name":"c","sector-num":0,"sectors-count":1,"type":"read"}`
	old := "groups: [{name: g, rules: [{alert: Old, event: QUORUM_REPORT_BAD}]}]"
	m := engine.New(load(t, old), engine.Options{})
	m.Step(ev(t, 0, "a", "QUORUM_REPORT_BAD", bad))
	m.Swap(load(t, "groups: [{name: g, rules: [{alert: Old, event: QUORUM_REPORT_BAD}, {alert: New, event: QUORUM_REPORT_BAD}]}]"), base+1e6)
	d := m.Step(ev(t, 10*time.Second, "a", "STOP", ""))
	want(t, d.Changes, "0s firing Old vm=a count=1 match")
	m.Step(ev(t, 20*time.Second, "a", "QUORUM_REPORT_BAD", bad))
	d = m.Step(ev(t, 30*time.Second, "a", "STOP", ""))
	want(t, d.Changes, "20s firing New vm=a count=1 match")
}
