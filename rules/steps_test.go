package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

const jobSequence = `
- alert: A
  sequence:
    - {event: BLOCK_JOB_ERROR, expr: 'operation == "read"'}
    - {event: JOB_STATUS_CHANGE, by: {device: id}}
    - [[steps]]
  until: [RESET, {event: JOB_STATUS_CHANGE, expr: 'status == "null"', by: {device: id}}]
  resolve: {event: JOB_STATUS_CHANGE, expr: 'status == "running"', by: {device: id}}
  by: device
  within: 1m
  exceptions:
    - {name: one, expr: 'data["device"] == "scratch"'}
    - {name: two, expr: 'data["id"] == "scratch"', expires: 2023-11-13}
    - {name: three, expr: 'data["id"] == "late"', expires: 2023-11-14}`

func TestHit(t *testing.T) {
	const none, match, resolve = RoleNone, RoleMatch, RoleResolve
	r := rule(t, strings.Replace(jobSequence, "[[steps]]", "{event: [BLOCK_JOB_ERROR, BLOCK_JOB_READY]}", 1))
	tests := []struct {
		name, event, data string
		role              Role
		until             bool
		steps             uint32
		keys              string // of each step that is hit
	}{
		{"two steps at once", "BLOCK_JOB_ERROR", `{"device":"j","operation":"read"}`, match, false, 0b101, "j j"},
		{"one of them", "BLOCK_JOB_ERROR", `{"device":"j","operation":"write"}`, match, false, 0b100, "j"},
		{"through a map", "JOB_STATUS_CHANGE", `{"id":"j","status":"created"}`, match, false, 0b010, "j"},
		{"until, and a step", "JOB_STATUS_CHANGE", `{"id":"j","status":"null"}`, match, true, 0b010, "j"},
		{"until only", "RESET", `{}`, match, true, 0, ""},
		{"resolve comes first", "JOB_STATUS_CHANGE", `{"id":"j","status":"running"}`, resolve, false, 0, ""},
		{"nothing", "STOP", ``, none, false, 0, ""},
		{"excepted", "BLOCK_JOB_ERROR", `{"device":"scratch","operation":"read"}`, none, false, 0, ""},
		{"an exception that is over", "JOB_STATUS_CHANGE", `{"id":"scratch","status":"created"}`, match, false, 0b010, "scratch"},
		{"one on its last day", "JOB_STATUS_CHANGE", `{"id":"late","status":"created"}`, none, false, 0, ""},
		{"until is not excepted", "JOB_STATUS_CHANGE", `{"id":"late","status":"null"}`, match, true, 0, ""},
	}
	var f lang.Frame
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := ev(t, test.event, test.data)
			if role := r.Role(e, &f); role != test.role {
				t.Fatalf("role %d, want %d", role, test.role)
			}
			if test.role != none && !r.Wants(e.Kind, e.Name) {
				t.Error("not wanted")
			}
			if test.role != match {
				return
			}
			h := r.Hit(e, &f)
			if h.Until != test.until || h.Steps != test.steps {
				t.Errorf("until %t, steps %b", h.Until, h.Steps)
			}
			var keys []string
			for i := range r.Steps {
				if h.Steps>>i&1 == 1 {
					keys = append(keys, r.AppendStepKey(nil, e, i)...)
				}
			}
			if got := strings.Join(keys, " "); got != test.keys {
				t.Errorf("keys %q, want %q", got, test.keys)
			}
		})
	}
	if got := parts(r.UntilKey(nil, ev(t, "RESET", "{}"))); !slices.Equal(got, []string{"any"}) {
		t.Errorf("RESET is about %v", got)
	}
	if got := parts(r.UntilKey(nil, ev(t, "JOB_STATUS_CHANGE", `{"id":"j"}`))); !slices.Equal(got, []string{`"j"`}) {
		t.Errorf("JOB_STATUS_CHANGE is about %v", got)
	}
}

// The same event can have another key as another step.
func TestStepsWithKeysOfTheirOwn(t *testing.T) {
	r := rule(t, `
- alert: A
  all_of:
    - {event: BLOCK_JOB_ERROR, by: {device: operation}}
    - {event: BLOCK_JOB_ERROR}
    - {event: __com.redhat_X, by: {device: a.b}}
  by: device
  within: 1m`)
	e := ev(t, "BLOCK_JOB_ERROR", `{"device":"j","operation":"read"}`)
	if a, b := r.AppendStepKey(nil, e, 0), r.AppendStepKey(nil, e, 1); a[0] != "read" || b[0] != "j" {
		t.Errorf("keys %q and %q", a, b)
	}
	if c := r.AppendStepKey(nil, ev(t, "__com.redhat_X", `{"a":{"b":7}}`), 2); c[0] != "7" {
		t.Errorf("key %q", c)
	}
}

// Exceptions take matches away until the end of their day, by the time that the
// rule goes by.
func TestExcepted(t *testing.T) {
	r := rule(t, `
- alert: A
  event: BLOCK_IO_ERROR
  expr: nospace
  resolve: {event: BLOCK_IO_ERROR, expr: 'action == "ignore"'}
  exceptions:
    - {name: scratch, expr: node_name == "scratch"}
    - {name: for a day, expr: 'true', expires: 2027-01-31}`)
	const lastSecond, nextDay = 1801439999_000000, 1801440000_000000
	tests := []struct {
		name, data string
		time       int64
		role       Role
		exception  string
	}{
		{"in its time", `{"nospace":true}`, lastSecond, RoleNone, "for a day"},
		{"over", `{"nospace":true}`, nextDay, RoleMatch, ""},
		{"the first one", `{"nospace":true,"node-name":"scratch"}`, lastSecond, RoleNone, "scratch"},
		{"for ever", `{"nospace":true,"node-name":"scratch"}`, nextDay, RoleNone, "scratch"},
		{"no match anyway", `{"nospace":false}`, lastSecond, RoleNone, ""},
		{"resolves, and is nothing else", `{"nospace":true,"action":"ignore"}`, lastSecond, RoleResolve, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := ev(t, "BLOCK_IO_ERROR", test.data)
			e.Time = test.time
			for _, shifted := range []bool{false, true} {
				var f lang.Frame
				if shifted { // the frame's time is the one that counts
					f.Time = qmp.Some(test.time)
					e.Time = 0
				}
				name, yes := r.Excepted(e, &f)
				if role := r.Role(e, &f); role != test.role || name != test.exception || yes != (name != "") {
					t.Errorf("role %d, excepted by %q", role, name)
				}
			}
		})
	}
}

func TestStepsAllocateNothing(t *testing.T) {
	r := rule(t, `
- alert: A
  sequence: [{event: BLOCK_JOB_ERROR, expr: operation == "read"}, {event: JOB_STATUS_CHANGE, by: {device: id}}]
  until: {event: BLOCK_JOB_ERROR, expr: operation == "write"}
  exceptions: [{name: never, expr: 'vm.name == "x"'}]
  by: device
  within: 1m`)
	e := ev(t, "BLOCK_JOB_ERROR", `{"device":"j","operation":"read"}`)
	var f lang.Frame
	key := make([]string, 0, 1)
	allocs := testing.AllocsPerRun(100, func() {
		if r.Role(e, &f) != RoleMatch || r.Hit(e, &f).Steps != 1 || r.AppendStepKey(key[:0], e, 0)[0] != "j" {
			t.Error("no step")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// Confirm reads the members of an answer, or a list as a whole.
func TestConfirm(t *testing.T) {
	tests := []struct {
		expr, answer string
		want         bool
	}{
		{`status == "io-error"`, `{"status":"io-error","running":false}`, true},
		{`status == "io-error"`, `{"status":"running"}`, false},
		{`status == "io-error" and not running`, `{"status":"io-error"}`, true},
		{`any(answer, #["io-status"] == "nospace")`, `[{"io-status":"ok"},{"io-status":"nospace"}]`, true},
		{`any(answer, #["io-status"] == "nospace")`, `[]`, false},
		{`len(answer) == 0`, `[]`, true},
		{`answer.a.b > 3`, `{"a":{"b":4}}`, true},
		{`enabled`, `null`, false},
		{`enabled`, `"x"`, false},
	}
	for _, test := range tests {
		r := rule(t, fmt.Sprintf("- {alert: A, event: STOP, confirm: {query: query-block, expr: '%s'}}", test.expr))
		if got := r.Confirm.Agrees(qmp.ParseValue([]byte(test.answer))); got != test.want || r.Confirm.Query != "query-block" {
			t.Errorf("%s of %s: %t", test.expr, test.answer, got)
		}
	}
}
