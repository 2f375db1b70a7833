package rules

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAppendKey(t *testing.T) {
	tests := []struct {
		name, rule, event, data string
		want                    []string
	}{
		{"none", `{alert: A, event: STOP}`, "STOP", "", nil},
		{"a member", `{alert: A, event: QUORUM_REPORT_BAD, by: node-name}`, "QUORUM_REPORT_BAD", `{"node-name":"c"}`, []string{"c"}},
		{"absent", `{alert: A, event: QUORUM_REPORT_BAD, by: node-name}`, "QUORUM_REPORT_BAD", `{}`, []string{""}},
		{"null", `{alert: A, event: QUORUM_REPORT_BAD, by: node-name}`, "QUORUM_REPORT_BAD", `{"node-name":null}`, []string{""}},
		{"empty", `{alert: A, event: QUORUM_REPORT_BAD, by: node-name}`, "QUORUM_REPORT_BAD", `{"node-name":""}`, []string{""}},
		{"no data at all", `{alert: A, event: QUORUM_REPORT_BAD, by: node-name}`, "QUORUM_REPORT_BAD", ``, []string{""}},
		{"sorted by name", `{alert: A, event: BLOCK_IO_ERROR, by: [operation, device]}`, "BLOCK_IO_ERROR", `{"operation":"read","device":"hd0"}`, []string{"hd0", "read"}},
		{"nested", `{alert: A, event: VNC_CONNECTED, by: [client.host]}`, "VNC_CONNECTED", `{"client":{"host":"::1"}}`, []string{"::1"}},
		{"numbers and bools", `{alert: A, event: BLOCK_IMAGE_CORRUPTED, by: [offset, fatal]}`, "BLOCK_IMAGE_CORRUPTED", `{"offset":4096,"fatal":false}`, []string{"false", "4096"}},
		{"another slot in another event", `{alert: A, event: [BLOCK_IO_ERROR, BLOCK_JOB_ERROR], by: device}`, "BLOCK_JOB_ERROR", `{"device":"j"}`, []string{"j"}},
		{"a vendor's event", `{alert: A, event: __com.redhat_X, by: [a.b, __c.d, e]}`, "__com.redhat_X", `{"a":{"b":3},"__c.d":true}`, []string{"true", "3", ""}},
		{"a newer event of a glob", `{alert: A, event: "VNC_*", by: client.host}`, "VNC_NEWER", `{"client":{"host":"h"}}`, []string{"h"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rule(t, "- "+test.rule)
			if !slices.IsSorted(r.By) {
				t.Errorf("By is not sorted: %q", r.By)
			}
			got := r.AppendKey(nil, ev(t, test.event, test.data))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("key (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveKey(t *testing.T) {
	const jobs = `
- alert: A
  event: BLOCK_JOB_ERROR
  by: [device, operation]
  resolve:
    - {event: JOB_STATUS_CHANGE, expr: 'status == "running"', by: {device: id}}
    - RESUME
    - {event: [BLOCK_JOB_COMPLETED, BLOCK_IO_ERROR]}
    - {event: __com.redhat_X, by: {device: job.id}}
    - "SPICE_*"`
	tests := []struct{ name, event, data, want string }{
		{"no such member", "RESUME", "", "[any any]"},
		{"a map", "JOB_STATUS_CHANGE", `{"id":"j","status":"running"}`, `["j" any]`},
		{"a map, not sent", "JOB_STATUS_CHANGE", `{"status":"running"}`, `["" any]`},
		{"the same name", "BLOCK_JOB_COMPLETED", `{"device":"j"}`, `["j" any]`},
		{"all members", "BLOCK_IO_ERROR", `{"device":"j","operation":"read"}`, `["j" "read"]`},
		{"a defined member that was not sent is empty", "BLOCK_IO_ERROR", `{}`, `["" ""]`},
		{"a vendor's event", "__com.redhat_X", `{"job":{"id":"j"}}`, `["j" any]`},
		{"a vendor's event that carries none", "__com.redhat_X", `{"device":"j"}`, `[any any]`},
		{"an event newer than the table", "SPICE_NEWER", `{"operation":"read"}`, `[any "read"]`},
		{"an event that does not resolve", "STOP", ``, `[any any]`},
	}
	r := rule(t, jobs)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := fmt.Sprint(parts(r.ResolveKey(nil, ev(t, test.event, test.data))))
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func parts(key []KeyPart) []string {
	var all []string
	for _, p := range key {
		if p.Any {
			all = append(all, "any")
		} else {
			all = append(all, fmt.Sprintf("%q", p.Value))
		}
	}
	return all
}
