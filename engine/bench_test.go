package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
)

// BenchmarkStep is the cost of one event in the machine, by what it is to the
// rules.
func BenchmarkStep(b *testing.B) {
	const quorum = `{"node-name":"disk-%d","sectors-count":128,"sector-num":0,"type":"read"}`
	const job = `{"device":"d","operation":"read","action":"ignore"}`
	cases := []struct {
		name, event, data, rule string
	}{
		{"having-never-fires", "BLOCK_JOB_ERROR", job,
			"event: BLOCK_JOB_ERROR, by: [device], having: 'count > 10 and distinct(operation) > 1', within: 5s"},
		{"sequence-replaces", "BLOCK_JOB_ERROR", job, "sequence: [BLOCK_JOB_ERROR, STOP], within: 5s"},
		{"all_of-waits", "BLOCK_JOB_ERROR", job, "all_of: [BLOCK_JOB_ERROR, STOP], within: 5s"},
		{"absent-not", "BLOCK_JOB_ERROR", job, "event: BLOCK_JOB_ERROR, by: [device], absent_for: 5s"},
		{"unwanted", "RTC_CHANGE", `{"offset":1}`, "event: STOP"},
		{"no-match", "BLOCK_JOB_ERROR", `{"device":"d","operation":"read","action":"ignore"}`,
			`event: BLOCK_JOB_ERROR, expr: 'action == "stop" and operation == "write" and device != "" and device startsWith "x"'`},
		{"count-never-fires", "BLOCK_JOB_ERROR", `{"device":"d","operation":"read","action":"ignore"}`,
			"event: BLOCK_JOB_ERROR, by: [device], count: 10, within: 5s"},
		{"waits-2s", "QUORUM_REPORT_BAD", fmt.Sprintf(quorum, 1),
			"event: QUORUM_REPORT_BAD, by: [node-name], count: 10, within: 5s"},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			m := engine.New(load(b, "groups: [{name: g, rules: [{alert: A, "+c.rule+"}]}]"), engine.Options{})
			e := ev(b, 0, "a", c.event, c.data)
			b.ReportAllocs()
			for b.Loop() {
				e.Time += time.Second.Microseconds()
				m.Step(e)
			}
		})
	}
}

// BenchmarkStepRecord is the cost of one event that makes a record, which a rule
// counts.
func BenchmarkStepRecord(b *testing.B) {
	m := engine.New(load(b, `groups: [{name: g, rules: [{record: FAILED, event: BLOCK_JOB_ERROR, by: [device]},
		{alert: A, event: FAILED, by: [device], count: 10, within: 5s}]}]`), engine.Options{})
	e := ev(b, 0, "a", "BLOCK_JOB_ERROR", `{"device":"d","operation":"read","action":"ignore"}`)
	b.ReportAllocs()
	for b.Loop() {
		e.Time += time.Second.Microseconds()
		m.Step(e)
	}
}

// BenchmarkStepRules is the cost of one event by the number of rules, each
// tied to one device by equality.
func BenchmarkStepRules(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var y strings.Builder
			y.WriteString("groups:\n- name: g\n  rules:\n")
			for i := range n {
				fmt.Fprintf(&y, "  - {alert: A%d, event: BLOCK_JOB_ERROR, expr: 'device == \"d%d\"', by: [device], count: 10, within: 5s}\n", i, i)
			}
			m := engine.New(load(b, y.String()), engine.Options{})
			events := make([]*event.Event, 64)
			for i := range events {
				events[i] = ev(b, 0, "a", "BLOCK_JOB_ERROR", fmt.Sprintf(`{"device":"d%d","operation":"read","action":"ignore"}`, i))
			}
			b.ReportAllocs()
			at := int64(base)
			for i := 0; b.Loop(); i++ {
				e := events[i%len(events)]
				at += 1e6
				e.Time = at
				m.Step(e)
			}
		})
	}
}

// BenchmarkStepFleet is the cost of one event of a thousand VMs to a rule about
// all of them, which waits for each.
func BenchmarkStepFleet(b *testing.B) {
	const vms = 1000
	for _, c := range []struct{ name, event string }{{"unwanted", "STOP"}, {"wanted", "RESET"}} {
		b.Run(c.name, func(b *testing.B) {
			m := engine.New(load(b, "groups: [{name: g, rules: [{alert: A, event: RESET, scope: fleet, count: 100, within: 1s}]}]"), engine.Options{})
			events := make([]*event.Event, vms)
			for i := range events {
				events[i] = ev(b, 0, fmt.Sprint("vm", i), c.event, "")
				m.Know("h", fmt.Sprint("vm", i))
			}
			b.ReportAllocs()
			at := int64(base)
			for i := 0; b.Loop(); i++ {
				e := events[i*7919%vms]
				at += 100_000
				e.Time, e.Received = at, at
				m.Step(e)
			}
		})
	}
}
