package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/lang"
)

func shown(ls alert.Labels) string {
	var all []string
	for _, l := range ls {
		all = append(all, fmt.Sprintf("%s=%s", l.Name, l.Value))
	}
	return strings.Join(all, " ")
}

func TestLabels(t *testing.T) {
	tests := []struct{ name, rule, data, want string }{
		{"by itself", `
    - {alert: A, event: QUORUM_REPORT_BAD}`, `{}`,
			"alertname=A host=kvm07 severity=warning vm=db1"},
		{"host", `
    - {alert: A, event: QUORUM_REPORT_BAD, scope: host, by: node-name}`, `{"node-name":"c"}`,
			"alertname=A host=kvm07 node_name=c severity=warning"},
		{"fleet", `
    - {alert: A, event: QUORUM_REPORT_BAD, scope: fleet}`, `{}`,
			"alertname=A severity=warning"},
		{"empty key values are left out", `
    - {alert: A, event: QUORUM_REPORT_BAD, by: [node-name, type]}`, `{"type":"read"}`,
			"alertname=A host=kvm07 severity=warning type=read vm=db1"},
		{"texts", `
    - {alert: A, event: QUORUM_REPORT_BAD, labels: {severity: critical, op: "{{ type }} on {{ vm.name }}", empty: "{{ error }}"}}`, `{"type":"read"}`,
			"alertname=A host=kvm07 op=read on db1 severity=critical vm=db1"},
		{"a severity that comes out empty", `
    - {alert: A, event: QUORUM_REPORT_BAD, labels: {severity: "{{ error }}"}}`, `{}`,
			"alertname=A host=kvm07 severity=warning vm=db1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rule(t, test.rule)
			e := ev(t, "QUORUM_REPORT_BAD", test.data)
			got := r.Labels(e, e.Host, e.VM.Name, r.AppendKey(nil, e))
			if shown(got) != test.want {
				t.Errorf("got  %s\nwant %s", shown(got), test.want)
			}
		})
	}
}

func TestGroupLabels(t *testing.T) {
	set, found := Load([]File{{Name: "f.yml", Src: []byte(`
groups:
  - name: g
    labels: {team: storage, severity: info, tier: gold}
    rules:
      - {alert: A, event: STOP, labels: {tier: "silver", severity: critical}}
      - {alert: B, event: STOP}
`)}}, Options{})
	if set == nil {
		t.Fatal(found)
	}
	want := []string{
		"alertname=A severity=critical team=storage tier=silver",
		"alertname=B severity=info team=storage tier=gold",
	}
	for i, r := range set.Rules() {
		if got := shown(r.Labels(ev(t, "STOP", ""), "", "", nil)); got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
}

func TestAnnotations(t *testing.T) {
	tests := []struct {
		name, rule, data string
		count            int64
		want             string
	}{
		{"a match", `{alert: A, event: QUORUM_REPORT_BAD}`, `{}`, 1,
			"summary=db1: QUORUM_REPORT_BAD"},
		{"more of them", `{alert: A, event: QUORUM_REPORT_BAD}`, `{}`, 4,
			"summary=db1: QUORUM_REPORT_BAD, 4 times"},
		{"one of several", `{alert: A, event: [QUORUM_REPORT_BAD, STOP]}`, `{}`, 1,
			"summary=db1: QUORUM_REPORT_BAD"},
		{"several", `{alert: A, event: [QUORUM_REPORT_BAD, STOP], count: 2, within: 5m}`, `{}`, 2,
			"summary=db1: QUORUM_REPORT_BAD or STOP, 2 times within 5m"},
		{"all of a glob", `{alert: A, event: 'QUORUM_*'}`, `{}`, 3,
			"summary=db1: QUORUM_*, 3 times"},
		{"many", `{alert: A, event: [RESET, QUORUM_REPORT_BAD, RESUME, STOP, 'VNC_*']}`, `{}`, 3,
			"summary=db1: QUORUM_REPORT_BAD, RESET, RESUME, STOP or others, 3 times"},
		{"a window", `{alert: A, event: QUORUM_REPORT_BAD, by: node-name, count: 3, within: 5m}`, `{"node-name":"c"}`, 3,
			"summary=db1: QUORUM_REPORT_BAD for node-name c, 3 times within 5m"},
		{"a window that went on", `{alert: A, event: QUORUM_REPORT_BAD, by: node-name, count: 3, within: 5m}`, `{"node-name":"c"}`, 17,
			"summary=db1: QUORUM_REPORT_BAD for node-name c, 17 times (3 or more within 5m)"},
		{"a window of one", `{alert: A, event: QUORUM_REPORT_BAD, count: 1, within: 5m}`, `{}`, 1,
			"summary=db1: QUORUM_REPORT_BAD"},
		{"two members, one empty, one not", `{alert: A, event: QUORUM_REPORT_BAD, by: [node-name, type, sector-num]}`, `{"type":"read","sector-num":7}`, 1,
			"summary=db1: QUORUM_REPORT_BAD for sector-num 7, type read"},
		{"host", `{alert: A, event: QUORUM_REPORT_BAD, scope: host}`, `{}`, 2,
			"summary=kvm07: QUORUM_REPORT_BAD, 2 times"},
		{"fleet", `{alert: A, event: QUORUM_REPORT_BAD, scope: fleet}`, `{}`, 1,
			"summary=QUORUM_REPORT_BAD"},
		{"texts", `{alert: A, event: QUORUM_REPORT_BAD, annotations: {summary: "{{ vm.name }}: child {{ node_name }} {{ count }} times", empty: "{{ error }}", runbook: "https://x/{{ event }}"}}`, `{"node-name":"c"}`, 2,
			"runbook=https://x/QUORUM_REPORT_BAD summary=db1: child c 2 times"},
		{"a summary that comes out empty", `{alert: A, event: QUORUM_REPORT_BAD, annotations: {summary: "{{ error }}"}}`, `{}`, 1,
			"summary=db1: QUORUM_REPORT_BAD"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rule(t, "- "+test.rule)
			e := ev(t, "QUORUM_REPORT_BAD", test.data)
			got := r.Annotations(&lang.Frame{Event: e, Count: test.count}, r.AppendKey(nil, e))
			if shown(got) != test.want {
				t.Errorf("got  %s\nwant %s", shown(got), test.want)
			}
		})
	}
}

// The members of an event that is newer than the table are found by their names.
func TestTextsOfNewerEvent(t *testing.T) {
	r := rule(t, `- {alert: A, event: "VNC_*", annotations: {summary: "{{ client.host }}", all: "{{ vm.name }}"}, labels: {c: "{{ client.host }}"}}`)
	e := ev(t, "VNC_NEWER", `{"client":{"host":"h"}}`)
	if got, want := shown(r.Annotations(&lang.Frame{Event: e, Count: 1}, nil)), "all=db1 summary=h"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := shown(r.Labels(e, "h", "v", nil)), "alertname=A c=h host=h severity=warning vm=v"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	known := ev(t, "VNC_CONNECTED", `{"client":{"host":"h"}}`)
	if got, want := shown(r.Labels(known, "h", "v", nil)), "alertname=A c=h host=h severity=warning vm=v"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
