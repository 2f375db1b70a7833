package web_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
	"github.com/qmpalert/qmpalert/rules"
	"github.com/qmpalert/qmpalert/sources"
)

const ruleFile = `groups:
  - name: g
    rules:
      - {alert: Count, event: QUORUM_REPORT_BAD, by: [node-name], count: 3, within: 5m, keep_firing_for: 1h}
      - {alert: Having, event: BLOCK_IO_ERROR, scope: host, having: count > 2, within: 1m, inhibits: [Count], mode: shadow}
      - {alert: Sequence, scope: fleet, sequence: [STOP, RESUME], within: 1m}
      - {alert: AllOf, all_of: [STOP, RESUME], within: 1m}
      - {alert: Absent, event: RTC_CHANGE, absent_for: 1h}
      - {alert: Asked, event: STOP, resolve: RESUME, for: 10s, confirm: {query: query-status, expr: 'status == "io-error"'}}
      - {record: REC, event: STOP}
`

func TestRuleInWords(t *testing.T) {
	set, findings := rules.Load([]rules.File{{Name: "r.yml", Src: []byte(ruleFile)}}, rules.Options{})
	if findings.HasErrors() {
		t.Fatal(findings.Err())
	}
	want := map[string]web.RuleWords{
		"Count":    {Form: "count", Key: []string{"host", "vm", "node-name"}, Threshold: "3 matches", Within: "5m", KeepFor: "1h"},
		"Having":   {Form: "having", Key: []string{"host"}, Threshold: "the number of matches is more than 2", Within: "1m", Inhibits: []string{"Count"}, Shadow: true},
		"Sequence": {Form: "sequence", Key: []string{}, Threshold: "2 steps in order", Within: "1m", KeepFor: "5m"},
		"AllOf":    {Form: "all_of", Key: []string{"host", "vm"}, Threshold: "2 steps in any order", Within: "1m", KeepFor: "5m"},
		"Absent":   {Form: "absent_for", Key: []string{"host", "vm"}, Threshold: "no match for 1h"},
		"Asked":    {Form: "match", Key: []string{"host", "vm"}, Threshold: "1 match", For: "10s", Confirm: `query-status: status is "io-error"`},
		"REC":      {Form: "match", Key: []string{"host", "vm"}, Threshold: "1 match"},
	}
	for _, r := range set.Rules() {
		got := *web.WordsOf(r)
		if got.Fires == "" || got.Name != r.Name || got.Group != "g" || got.File != "r.yml" || got.Line == 0 || got.Notes == nil {
			t.Errorf("%+v", got)
		}
		got.Group, got.Name, got.File, got.Line, got.Fires, got.Notes = "", "", "", 0, "", nil
		if d := cmp.Diff(want[r.Name], got); d != "" {
			t.Errorf("%s: %s", r.Name, d)
		}
		if got, want := web.RuleOf(r).Kind == "record", r.Name == "REC"; got != want {
			t.Errorf("%s: record is %v", r.Name, got)
		}
	}
}

func TestRouteInJSON(t *testing.T) {
	cfg := dispatch.Config{
		Receivers: []dispatch.Receiver{{Name: "ops"}, {Name: "oncall"}, {Name: "managers"}},
		Route: dispatch.Route{Receiver: "ops", GroupBy: []string{"host"}, GroupWait: time.Second, RepeatInterval: 4 * time.Hour, Routes: []dispatch.Route{{
			Receiver: "oncall", Matchers: []string{`severity="critical"`}, GroupByAll: true, Continue: true,
			Escalate: &dispatch.Escalation{After: 15 * time.Minute, Receiver: "managers"},
		}}},
	}
	p, err := dispatch.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ls := alert.Labels{{Name: "host", Value: "kvm07"}, {Name: "severity", Value: "critical"}}
	got := web.RouteOf(ls, webtest.Begin, p.Explain(ls, webtest.Begin))
	if len(got.Routes) != 2 || got.Routes[0].Telling != nil || got.Routes[1].Telling == nil {
		t.Fatalf("%+v", got)
	}
	tell := got.Routes[1].Telling
	if got.Routes[1].Receiver != "oncall" || tell.Escalate != "managers after 15m" || tell.Repeat != "" || tell.Wait != "0s" || tell.Labels["host"] != "kvm07" {
		t.Errorf("%+v", tell)
	}
}

func TestSmallThings(t *testing.T) {
	s := sources.Status{Source: "s", VM: event.VM{Name: "a"}, State: sources.Busy, Since: 5, Counts: sources.Counts{Received: 1, UnknownMembers: 2}}
	got := web.SourceOf(&s)
	if got.State != "busy" || got.VM.Name != "a" || got.Counts.UnknownMembers != 2 {
		t.Errorf("%+v", got)
	}
	if s.VM = (event.VM{}); web.SourceOf(&s).VM != nil {
		t.Error("a VM that is not known")
	}
	want := dispatch.Silence{ID: "1", Matchers: []string{"a=b"}, StartsAt: 1, EndsAt: 2, CreatedBy: "e", Comment: "c"}
	silence := web.SilenceOf(&want, dispatch.Active)
	if d := cmp.Diff(want, silence.Wanted()); d != "" || silence.State != "active" {
		t.Error(d)
	}
	if web.AckOf(nil) != nil {
		t.Error("an acknowledgement of nobody")
	}
}
