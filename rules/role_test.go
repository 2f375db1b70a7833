package rules

import (
	"testing"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

func TestRole(t *testing.T) {
	const (
		none    = RoleNone
		match   = RoleMatch
		resolve = RoleResolve
	)
	type sent struct {
		name, data string
		want       Role
	}
	tests := []struct {
		name, rule string
		events     []sent
	}{
		{"a name", `
- {alert: A, event: STOP}`, []sent{
			{"STOP", "", match}, {"RESUME", "", none}, {"STOPPED", "", none}}},
		{"an expression", `
- {alert: A, event: BLOCK_IO_ERROR, expr: 'action == "stop" and not nospace'}`, []sent{
			{"BLOCK_IO_ERROR", `{"action":"stop","nospace":false}`, match},
			{"BLOCK_IO_ERROR", `{"action":"stop"}`, match},
			{"BLOCK_IO_ERROR", `{"action":"stop","nospace":true}`, none},
			{"BLOCK_IO_ERROR", `{"action":"report"}`, none},
			{"BLOCK_JOB_ERROR", `{"action":"stop"}`, none}}},
		{"one expression on several events", `
- {alert: A, event: [BLOCK_IO_ERROR, BLOCK_JOB_ERROR], expr: device == "hd0"}`, []sent{
			{"BLOCK_IO_ERROR", `{"device":"hd0"}`, match},
			{"BLOCK_JOB_ERROR", `{"device":"hd0"}`, match},
			{"BLOCK_JOB_ERROR", `{"device":"hd1"}`, none}}},
		{"a resolve event is nothing else", `
- {alert: A, event: [STOP, RESET], resolve: {event: RESET, expr: 'reason == "guest-reset"'}}`, []sent{
			{"STOP", "", match},
			{"RESET", `{"reason":"guest-reset"}`, resolve},
			{"RESET", `{"reason":"host-qmp-system-reset"}`, match}}},
		{"several patterns", `
- alert: A
  event: BLOCK_JOB_ERROR
  resolve: [RESUME, {event: [JOB_STATUS_CHANGE], expr: 'status in ["running", "ready"]'}, "VNC_*"]`, []sent{
			{"RESUME", "", resolve},
			{"JOB_STATUS_CHANGE", `{"id":"j","status":"ready"}`, resolve},
			{"JOB_STATUS_CHANGE", `{"id":"j","status":"paused"}`, none},
			{"VNC_CONNECTED", `{}`, resolve}, {"VNC_NEWER", `{}`, resolve},
			{"SPICE_CONNECTED", `{}`, none}}},
		{"a glob reaches newer events of QEMU, never our own", `
- {alert: A, event: "*"}`, []sent{
			{"STOP", "", match}, {"INVENTED_TOMORROW", "", match}, {"__org.x_Y", "", match},
			{"QMPALERT_GAP", `{"reason":"queue"}`, none}, {"QMPALERT_INVENTED_TOMORROW", "", none}}},
		{"a glob with an expression about members of newer events", `
- {alert: A, event: "VNC_*", expr: 'client.host == "::1"'}
`, []sent{
			{"VNC_CONNECTED", `{"client":{"host":"::1"}}`, match},
			{"VNC_CONNECTED", `{"client":{"host":"::2"}}`, none},
			{"VNC_NEWER", `{"client":{"host":"::1"}}`, match},
			{"VNC_NEWER", `{"client":"::1"}`, none}, {"VNC_NEWER", "", none}}},
		{"an event of ours", `
- {alert: A, event: QMPALERT_DISCONNECTED, expr: not clean and not gone}`, []sent{
			{"QMPALERT_DISCONNECTED", `{"clean":false,"gone":false}`, match},
			{"QMPALERT_DISCONNECTED", `{"clean":true,"gone":false}`, none}}},
		{"an event of a vendor", `
- {alert: A, event: [__com.redhat_A, __com.redhat_B], expr: 'data["ms"] > 5 and slow_path != 1'}`, []sent{
			{"__com.redhat_A", `{"ms":6,"slow-path":1}`, none},
			{"__com.redhat_A", `{"ms":6}`, match}, {"__com.redhat_B", `{"ms":6}`, match},
			{"__com.redhat_A", `{"ms":5}`, none}, {"__com.redhat_A", "", none},
			{"__com.redhat_C", `{"ms":6}`, none}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rule(t, test.rule)
			var f lang.Frame
			for _, s := range test.events {
				e := ev(t, s.name, s.data)
				if got := r.Role(e, &f); got != s.want {
					t.Errorf("%s %s: role %d, want %d", s.name, s.data, got, s.want)
				}
				if s.want != none && !r.Wants(e.Kind, e.Name) {
					t.Errorf("%s: not wanted, but has role %d", s.name, s.want)
				}
			}
		})
	}
}

func TestWants(t *testing.T) {
	r := rule(t, `
- {alert: A, event: [STOP, __com.redhat_X], resolve: {event: "VNC_*", expr: "false"}}`)
	for name, want := range map[string]bool{
		"STOP": true, "VNC_CONNECTED": true, "RESUME": false, "__com.redhat_X": true,
		"__com.redhat_Y": false, "VNC_NEWER": true, "QMPALERT_GAP": false,
	} {
		kind := qmp.Unknown
		if d := qmp.Lookup(name); d != nil {
			kind = d.Kind
		}
		if got := r.Wants(kind, name); got != want {
			t.Errorf("Wants(%s) = %t", name, got)
		}
	}
}

func TestRoleAllocatesNothing(t *testing.T) {
	r := rule(t, `
- alert: A
  event: BLOCK_IO_ERROR
  expr: action == "stop" and operation == "write" and node_name != "a" and not nospace
  by: node-name
  resolve: [{event: RESUME, expr: vm.name != ""}, "VNC_*"]`)
	e := ev(t, "BLOCK_IO_ERROR", `{"action":"stop","operation":"write","node-name":"c"}`)
	var f lang.Frame
	key := make([]string, 0, 4)
	allocs := testing.AllocsPerRun(100, func() {
		if r.Role(e, &f) != RoleMatch || len(r.AppendKey(key[:0], e)) != 1 {
			t.Error("no match")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
