package rules

import (
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	tests := []struct {
		name, rule string
		lateness   time.Duration
		keep       time.Duration
		given      bool
		notice     bool
	}{
		{"a notice", `{alert: A, event: STOP}`, 0, 5 * time.Minute, false, true},
		{"with resolve", `{alert: A, event: STOP, resolve: RESUME}`, 0, 0, false, false},
		{"a window", `{alert: A, event: STOP, count: 3, within: 7m}`, 0, 7 * time.Minute, false, false},
		{"a window with resolve", `{alert: A, event: STOP, resolve: RESUME, count: 3, within: 7m}`, 0, 7 * time.Minute, false, false},
		{"given", `{alert: A, event: STOP, count: 3, within: 7m, keep_firing_for: 0s}`, 0, 0, true, false},
		{"given to a notice", `{alert: A, event: STOP, keep_firing_for: 1h}`, 0, time.Hour, true, true},
		{"a throttled event", `{alert: A, event: WATCHDOG, resolve: RESET}`, 2 * time.Second, 0, false, false},
		{"throttled in new releases only", `{alert: A, event: BLOCK_IO_ERROR, resolve: RESUME}`, 2 * time.Second, 0, false, false},
		{"a throttled resolve", `{alert: A, event: STOP, resolve: [RESUME, WATCHDOG]}`, 2 * time.Second, 0, false, false},
		{"a glob with a throttled event in it", `{alert: A, event: "QUORUM_*", resolve: RESUME}`, 2 * time.Second, 0, false, false},
		{"a glob without", `{alert: A, event: "VNC_*", resolve: RESUME}`, 0, 0, false, false},
		{"a host", `{alert: A, event: STOP, resolve: RESUME, scope: host}`, 2 * time.Second, 0, false, false},
		{"a fleet", `{alert: A, event: STOP, resolve: RESUME, scope: fleet}`, 2 * time.Second, 0, false, false},
		{"a vendor's event", `{alert: A, event: __x_Y, resolve: RESUME}`, 0, 0, false, false},
		{"having", `{alert: A, event: STOP, having: count > 2, within: 7m}`, 0, 0, false, false},
		{"a sequence", `{alert: A, sequence: [STOP, RESET], within: 7m}`, 0, 5 * time.Minute, false, true},
		{"a sequence with resolve", `{alert: A, sequence: [STOP, RESET], within: 7m, resolve: RESUME}`, 0, 0, false, false},
		{"a throttled step", `{alert: A, sequence: [STOP, WATCHDOG], within: 7m}`, 2 * time.Second, 5 * time.Minute, false, true},
		{"a throttled until", `{alert: A, all_of: [STOP, RESET], within: 7m, until: WATCHDOG}`, 2 * time.Second, 5 * time.Minute, false, true},
		{"absence", `{alert: A, event: RESET, absent_for: 7m}`, 0, 0, false, false},
		{"a lateness of its own", `{alert: A, event: WATCHDOG, lateness: 7s}`, 7 * time.Second, 5 * time.Minute, false, true},
		{"no lateness of its own", `{alert: A, event: WATCHDOG, lateness: 0s}`, 0, 5 * time.Minute, false, true},
		{"a record", `{record: A, event: STOP}`, 0, 0, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rule(t, "- "+test.rule)
			if r.Lateness != test.lateness || r.KeepFiringFor != test.keep || r.KeepGiven != test.given || r.Notice() != test.notice {
				t.Errorf("lateness %v, keep %v given %t, notice %t", r.Lateness, r.KeepFiringFor, r.KeepGiven, r.Notice())
			}
		})
	}
}

// same has rules in pairs that mean the same.
var same = [][2]string{
	{`{alert: A, event: STOP}`, "alert: A\n  # why\n  event:\n    - STOP\n  labels: {a: b}\n  annotations: {summary: x}\n  receiver: ops"},
	{`{alert: A, event: [STOP, RESET]}`, `{alert: A, event: [RESET, STOP], scope: vm, for: 0s}`},
	{`{alert: A, event: BLOCK_IO_ERROR, expr: 'action == "stop" and (operation == "write")'}`,
		"{expr: \"action=='stop'   &&\\n operation=='write' // why\", alert: A, event: BLOCK_IO_ERROR}"},
	{`{alert: A, event: BLOCK_IO_ERROR, by: [device, operation]}`, `{alert: A, by: [operation, device], event: BLOCK_IO_ERROR}`},
	{`{alert: A, event: STOP, count: 3, within: 60s}`, `{alert: A, event: STOP, within: 1m, count: 3}`},
	{`{alert: A, event: STOP, resolve: [RESUME, RESET]}`, `{alert: A, event: STOP, resolve: [{event: RESET}, RESUME]}`},
	{`{alert: A, event: STOP, resolve: [RESUME, RESET]}`, `{alert: A, event: STOP, resolve: {event: [RESUME, RESET]}}`},
	{`{alert: A, event: ["VNC_*", VNC_CONNECTED]}`, `{alert: A, event: "VNC_*"}`},
	{`{alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: {event: BLOCK_JOB_COMPLETED, by: {device: device}}}`,
		`{alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: BLOCK_JOB_COMPLETED}`},
	{`{alert: A, event: STOP}`, `{alert: A, event: STOP, mode: shadow, inhibits: B, attach: [query-block], lateness: 0s}`},
	{`{alert: A, event: STOP, having: count>=3, within: 60s}`, `{alert: A, event: STOP, having: "(count >= 3)", within: 1m}`},
	{`{alert: A, sequence: [STOP, RESET], within: 1m}`, `{alert: A, sequence: [{event: STOP}, {event: [RESET]}], within: 60s}`},
	{`{alert: A, sequence: [STOP, RESET], within: 1m, until: [RESUME, POWERDOWN]}`, `{alert: A, sequence: [STOP, RESET], within: 1m, until: {event: [POWERDOWN, RESUME]}}`},
	{`{alert: A, sequence: [BLOCK_JOB_ERROR, BLOCK_JOB_COMPLETED], by: device, within: 1m}`,
		`{alert: A, sequence: [{event: BLOCK_JOB_ERROR, by: {device: device}}, BLOCK_JOB_COMPLETED], by: device, within: 1m}`},
	{`{alert: A, event: STOP, exceptions: [{name: a, expr: host=="a"}, {name: b, expr: host=="b"}]}`,
		`{alert: A, event: STOP, exceptions: [{name: x, expr: host == "b"}, {name: y, expr: (host == "a")}]}`},
	{`{alert: A, event: STOP, confirm: {query: query-status, expr: running}}`, `{alert: A, event: STOP, confirm: {expr: (running), query: query-status}}`},
}

// different has rules of which no two mean the same.
var different = []string{
	`{alert: A, event: STOP}`,
	`{alert: A, event: RESET}`,
	`{alert: A, event: [STOP, RESET]}`,
	`{alert: A, event: "VNC_*"}`,
	`{alert: A, event: [VNC_CONNECTED, VNC_DISCONNECTED, VNC_INITIALIZED]}`,
	`{alert: A, event: STOP, expr: vm.name == "a"}`,
	`{alert: A, event: STOP, expr: vm.name == "b"}`,
	`{alert: A, event: STOP, expr: "true"}`,
	`{alert: A, event: STOP, scope: host}`,
	`{alert: A, event: STOP, scope: fleet}`,
	`{alert: A, event: STOP, count: 3, within: 1m}`,
	`{alert: A, event: STOP, count: 4, within: 1m}`,
	`{alert: A, event: STOP, count: 3, within: 2m}`,
	`{alert: A, event: STOP, count: 3, within: 1m, for: 10s}`,
	`{alert: A, event: STOP, count: 3, within: 1m, keep_firing_for: 1m}`,
	`{alert: A, event: STOP, keep_firing_for: 1m}`,
	`{alert: A, event: STOP, keep_firing_for: 5m}`,
	`{alert: A, event: STOP, resolve: RESUME}`,
	`{alert: A, event: STOP, resolve: {event: RESUME, expr: host == "a"}}`,
	`{alert: A, event: STOP, resolve: [RESUME, RESET]}`,
	`{alert: A, event: BLOCK_JOB_ERROR}`,
	`{alert: A, event: BLOCK_JOB_ERROR, by: device}`,
	`{alert: A, event: BLOCK_JOB_ERROR, by: operation}`,
	`{alert: A, event: BLOCK_JOB_ERROR, by: [device, operation]}`,
	`{alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: JOB_STATUS_CHANGE}`,
	`{alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: {event: JOB_STATUS_CHANGE, by: {device: id}}}`,
	`{alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: {event: JOB_STATUS_CHANGE, by: {device: status}}}`,
	`{alert: A, event: __com.redhat_X}`,
	`{alert: A, event: __com.redhat_Y}`,
	`{alert: A, event: STOP, having: count > 3, within: 1m}`,
	`{alert: A, event: STOP, having: count > 4, within: 1m}`,
	`{alert: A, event: STOP, having: count > 4, within: 2m}`,
	`{alert: A, event: STOP, having: distinct(host) > 4, within: 2m}`,
	`{alert: A, event: STOP, having: distinct(time) > 4, within: 2m}`,
	`{alert: A, event: STOP, expr: host == "x", having: distinct(time) > 4, within: 2m}`,
	`{alert: A, sequence: [STOP, RESET], within: 1m}`,
	`{alert: A, sequence: [STOP, RESET], within: 2m}`,
	`{alert: A, sequence: [RESET, STOP], within: 1m}`,
	`{alert: A, sequence: [RESET, STOP, STOP], within: 1m}`,
	`{alert: A, sequence: [RESET, {event: STOP, expr: host == "x"}], within: 1m}`,
	`{alert: A, sequence: [RESET, STOP], within: 1m, until: RESUME}`,
	`{alert: A, sequence: [RESET, STOP], within: 1m, resolve: RESUME}`,
	`{alert: A, sequence: [BLOCK_JOB_ERROR, BLOCK_JOB_COMPLETED], by: device, within: 1m}`,
	`{alert: A, sequence: [{event: BLOCK_JOB_ERROR, by: {device: operation}}, BLOCK_JOB_COMPLETED], by: device, within: 1m}`,
	`{alert: A, all_of: [STOP, RESET], within: 1m}`,
	`{alert: A, event: STOP, absent_for: 1m}`,
	`{alert: A, event: STOP, absent_for: 2m}`,
	`{record: A, event: STOP}`,
	`{alert: A, event: STOP, lateness: 1s}`,
	`{alert: A, event: STOP, on_vm_exit: keep}`,
	`{alert: A, event: STOP, exceptions: [{name: a, expr: host == "x"}]}`,
	`{alert: A, event: STOP, exceptions: [{name: a, expr: host == "x", expires: 2027-01-01}]}`,
	`{alert: A, event: STOP, exceptions: [{name: a, expr: host == "x", expires: 2027-01-02}]}`,
	`{alert: A, event: STOP, exceptions: [{name: a, expr: host == "x"}, {name: b, expr: host == "y"}]}`,
	`{alert: A, event: STOP, confirm: {query: query-status, expr: running}}`,
	`{alert: A, event: STOP, confirm: {query: query-status, expr: not running}}`,
	`{alert: A, event: STOP, confirm: {query: query-name, expr: running}}`,
}

func TestMeaning(t *testing.T) {
	for _, pair := range same {
		const other = "\n- {alert: B, event: RESET}" // to be silenced
		a, b := rule(t, "- "+pair[0]+other).Meaning, rule(t, "- "+pair[1]+other).Meaning
		if a != b {
			t.Errorf("not the same:\n%s\n%s\n%s\n%s", pair[0], a, pair[1], b)
		}
	}
	seen := map[string]string{}
	for _, text := range different {
		m := rule(t, "- "+text).Meaning
		if before, ok := seen[m]; ok {
			t.Errorf("the same meaning: %s and %s: %s", before, text, m)
		}
		seen[m] = text
	}
}

// What a record stands for is its own matter; with which events a rule on it is
// evaluated is not.
func TestMeaningOnRecords(t *testing.T) {
	use := func(text string) string { return load(t, "- {alert: A, event: R}\n"+text)[0].Meaning }
	if a, b := use(`- {record: R, event: STOP}`), use(`- {record: R, event: STOP, expr: host == "a"}`); a != b {
		t.Errorf("not the same:\n%s\n%s", a, b)
	}
	seen := map[string]string{}
	for _, text := range []string{
		`- {record: R, event: STOP}`, `- {record: R, event: STOP, scope: host}`, `- {record: R, event: WATCHDOG}`,
		"- {record: R, event: S}\n- {record: S, event: STOP}",
	} {
		m := use(text)
		if before, ok := seen[m]; ok {
			t.Errorf("the same meaning with %s and %s", before, text)
		}
		seen[m] = text
	}
}

// Macros and lists mean what they stand for.
func TestMeaningOfDefinitions(t *testing.T) {
	meaning := func(head, expr string) string {
		set, found := Load([]File{{Name: "t.yml", Src: []byte(head + inGroup("- {alert: A, event: BLOCK_IO_ERROR, expr: '"+expr+"'}"))}}, Options{})
		if set == nil {
			t.Fatal(found)
		}
		return set.Rules()[0].Meaning
	}
	plain := meaning("", `action == "stop" and nospace or device in ["a", "b"]`)
	named := meaning("lists: {disks: [a, b]}\nmacros: {stopped: action == \"stop\"}\n", `stopped and nospace or device in disks`)
	if plain != named {
		t.Errorf("not the same:\n%s\n%s", plain, named)
	}
}
