package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testEvent is the event that an input makes, as a record.
func testEvent(t *testing.T, input string) (*Rule, TestInput) {
	t.Helper()
	const file = `
groups:
  - name: g
    rules:
      - record: FAILED
        event: VNC_DISCONNECTED
        by: client.host
      - alert: A
        event: STOP
        tests:
          - name: n
            input: [INPUT]
            expect: [{at: 0s, firing: []}]
`
	set, found := Load([]File{{Name: "rules.yml", Src: []byte(strings.Replace(file, "INPUT", input, 1))}}, Options{})
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	r := set.Rule("A")
	return r, r.Tests()[0].Input[0]
}

// TestEventsAreFilledIn: members that QEMU always sends are there, others only
// where the test has them.
func TestEventsAreFilledIn(t *testing.T) {
	tests := []struct{ name, input, want string }{
		{"no data", `{at: 0s, event: STOP}`,
			`{"timestamp":{"seconds":1767225600,"microseconds":0},"event":"STOP","host":"localhost","vm":{"name":"vm1"}}`},
		{"time, vm and host", `{at: 1m500ms, vm: db1, host: kvm07, event: STOP}`,
			`{"timestamp":{"seconds":1767225660,"microseconds":500000},"event":"STOP","host":"kvm07","vm":{"name":"db1"}}`},
		{"uuid", `{at: 0s, vm: {name: db1, uuid: u}, event: STOP}`,
			`{"timestamp":{"seconds":1767225600,"microseconds":0},"event":"STOP","host":"localhost","vm":{"name":"db1","uuid":"u"}}`},
		{"no vm", `{at: 0s, vm: '', event: STOP}`,
			`{"timestamp":{"seconds":1767225600,"microseconds":0},"event":"STOP","host":"localhost"}`},
		{"own event about no VM", `{at: 0s, event: QMPALERT_RULE_SUSPENDED, data: {rule: R}}`,
			`{"timestamp":{"seconds":1767225600,"microseconds":0},"event":"QMPALERT_RULE_SUSPENDED","data":{"rule":"R"},"host":"localhost"}`},
		{"what is not given", `{at: 0s, event: BLOCK_JOB_ERROR}`,
			`"data":{"device":"","operation":"read","action":"ignore"}`},
		{"an optional member", `{at: 0s, event: BLOCK_IO_ERROR, data: {nospace: true, qom-path: null}}`,
			`"data":{"device":"","operation":"read","action":"ignore","nospace":true,"reason":""}`},
		{"another spelling", `{at: 0s, event: QUORUM_REPORT_BAD, data: {sector-count: 8}}`,
			`"data":{"type":"read","node-name":"","sector-num":0,"sector-count":8}`},
		{"numbers that are texts", `{at: 0s, event: VNC_CONNECTED, data: {client: {service: 5900}}}`,
			`"client":{"host":"","service":"5900","family":"ipv4","websocket":false}`},
		{"a large number", `{at: 0s, event: BALLOON_CHANGE, data: {actual: 9223372036854775807}}`,
			`"data":{"actual":9223372036854775807}`},
		{"the branch of a union", `{at: 0s, event: GUEST_PANICKED, data: {info: {arg1: 18446744073709551615}}}`,
			`"info":{"type":"hyper-v","arg1":18446744073709551615}`},
		{"the branch that is named", `{at: 0s, event: GUEST_PANICKED, data: {info: {type: s390, core: 1}}}`,
			`"info":{"type":"s390","core":1}`},
		{"a record", `{at: 0s, event: FAILED, data: {client: {host: a}}}`,
			`"event":"FAILED","data":{"client":{"host":"a",`},
		{"a vendor's event", `{at: 0s, event: __com.redhat_X, data: {a: [1, x, "2", true, null, {b: -0.5}]}}`,
			`"data":{"a":[1,"x","2",true,null,{"b":-0.5}]}`},
		{"a recorded line", `{at: 1s, raw: '{"timestamp":{"seconds":1,"microseconds":2},"event":"STOP","host":"h","vm":"v","seq":7,"received":"2026-01-01T00:00:00Z"}'}`,
			`{"timestamp":{"seconds":1767225601,"microseconds":0},"event":"STOP","host":"h","vm":{"name":"v"}}`},
		{"a recorded line of another VM", `{at: 0s, vm: w, raw: '{"event":"STOP","host":"h","vm":"v"}'}`,
			`{"timestamp":{"seconds":1767225600,"microseconds":0},"event":"STOP","host":"h","vm":{"name":"w"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, in := testEvent(t, tt.input)
			got := string(in.Event.AppendJSON(nil))
			if !strings.Contains(got, tt.want) || strings.HasPrefix(tt.want, `{"t`) && got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestTestsAreNoMeaning: a rule keeps its state whatever its tests say.
func TestTestsAreNoMeaning(t *testing.T) {
	a, _ := testEvent(t, `{at: 0s, event: STOP}`)
	b, _ := testEvent(t, `{at: 1s, event: RESUME}`)
	if a.Meaning != b.Meaning {
		t.Errorf("%s and %s differ", a.Meaning, b.Meaning)
	}
}

// TestOrderOfInput: by time; of equal times as they stand in the file.
func TestOrderOfInput(t *testing.T) {
	r, _ := testEvent(t, `{at: 2s, event: STOP}, {at: 1s, event: RESUME}, {at: 2s, event: WAKEUP}, {at: 0s, event: RESET}`)
	var got []string
	for _, in := range r.Tests()[0].Input {
		got = append(got, in.Event.Name)
	}
	if d := cmp.Diff([]string{"RESET", "RESUME", "STOP", "WAKEUP"}, got); d != "" {
		t.Error(d)
	}
}

func TestTestFile(t *testing.T) {
	src := `
rule_files: [../rules/*.yml, more]
tests:
  - name: one
    input: [{at: 0s, event: STOP}]
    expect:
      - {at: 0s, alertname: A, firing: [{vm: vm1}]}
      - {at: 0s, firing: [{alertname: A}, {alertname: B}, {vm: x}], interval: 1m}
      - {at: 0s, alertname: FAILED, firing: []}
`
	f := File{Name: "t.yml", Src: []byte(src)}
	if !IsTestFile(f) || IsTestFile(File{Name: "r.yml", Src: []byte("groups: []\n#tests\n")}) {
		t.Error("a test file has tests and no groups")
	}
	parsed, found := ParseTestFile(f)
	if parsed == nil || len(parsed.RuleFiles) != 2 || parsed.RuleFiles[0].Path != "../rules/*.yml" {
		t.Fatalf("%+v", parsed)
	}
	suite, more := LoadSuite([]File{{Name: "r.yml", Src: []byte("groups: [{name: g, rules: [{alert: A, event: STOP}, {record: FAILED, event: RESET}]}]\n")}}, Options{})
	if err := more.Err(); err != nil {
		t.Fatal(err)
	}
	tests, more := suite.Bind(parsed, suite.Set)
	found.Add(more...)
	var got []string
	for _, f := range found {
		got = append(got, f.String())
	}
	want := []string{
		"t.yml:8:69: error: unknown key `interval` in an expectation [Q102]",
		"t.yml:8:55: error: no rule has the alert `B` [Q157]",
		"t.yml:8:59: error: an alert in a test file needs the key `alertname` [Q109]",
		"t.yml:9:29: error: no rule has the alert `FAILED` [Q157]",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(tests) != 1 || tests[0].Rule != nil || len(tests[0].Expect) != 3 || tests[0].Expect[0].Alert != "A" {
		t.Errorf("%+v", tests)
	}
	if set, found := Load([]File{f}, Options{}); found.HasErrors() || set.Len() != 0 {
		t.Errorf("a test file among rule files: %d rules, %v", set.Len(), found)
	}
}

// TestMutantsLeaveTheRuleAlone: whatever is tried on a rule, it and the suite
// stay what they were.
func TestMutantsLeaveTheRuleAlone(t *testing.T) {
	suite, found := LoadSuite([]File{{Name: "r.yml", Src: []byte(`
groups:
  - name: g
    rules:
      - alert: A
        sequence:
          - {event: JOB_STATUS_CHANGE, by: {device: id}, expr: 'status == "running"'}
          - BLOCK_JOB_COMPLETED
        until: [STOP, {event: RESUME}]
        resolve: [SUSPEND, WAKEUP]
        by: device
        within: 1m
        exceptions: [{name: x, expr: 'host == "h"'}]
`)}}, Options{})
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	r := suite.Set.Rule("A")
	first := suite.Mutants(r)
	meanings := map[string]bool{r.Meaning: true}
	for _, m := range first {
		if meanings[m.Rule.Meaning] {
			t.Errorf("%s: another one means the same", m.What)
		}
		meanings[m.Rule.Meaning] = true
		if m.Rule.Name != "A" || m.Pos.File != "r.yml" || m.Pos.Line == 0 {
			t.Errorf("%s of %s at %s", m.What, m.Rule.Name, m.Pos)
		}
	}
	if again := suite.recompile(suite.specs[r]); again == nil || again.Meaning != r.Meaning {
		t.Error("the spec has changed")
	}
	second := suite.Mutants(r)
	if len(first) < 12 || len(second) != len(first) {
		t.Errorf("%d mutants, then %d", len(first), len(second))
	}
}
