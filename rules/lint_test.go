package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// linted loads a list of rules and returns the codes above Q209 that are found,
// with the text that each points at.
func linted(t *testing.T, list string, opts Options) string {
	t.Helper()
	src := inGroup(list)
	set, found := Load([]File{{Name: "a.yml", Src: []byte(src)}}, opts)
	if set == nil {
		t.Fatalf("%v\n%s", found, list)
	}
	lines := strings.Split(src, "\n")
	var all []string
	for _, f := range found {
		if f.Code < "Q210" || f.Code == diag.ResolveLacksMember {
			continue
		}
		at := []rune(lines[f.Pos.Line-1])[f.Pos.Column-1 : max(f.Pos.EndColumn, f.Pos.Column+1)-1]
		all = append(all, fmt.Sprintf("%s %s", f.Code, string(at)))
		if f.Hint == "" {
			t.Errorf("%v has no hint", f)
		}
	}
	return strings.Join(all, "; ")
}

func TestLint(t *testing.T) {
	for name, tt := range map[string]struct{ rule, want string }{
		"reason":                {`{alert: A, event: BLOCK_IO_ERROR, expr: 'reason contains "space"'}`, "Q211 reason"},
		"reason in a function":  {`{alert: A, event: BLOCK_IO_ERROR, expr: 'nospace or lower(reason) == "x"'}`, "Q211 reason"},
		"reason is there":       {`{alert: A, event: BLOCK_IO_ERROR, expr: 'reason != nil and reason != "" and len(reason) > 3'}`, ""},
		"error in a list":       {`{alert: A, event: BLOCK_JOB_COMPLETED, expr: 'error in ["a", "b"]'}`, "Q211 error"},
		"error is there":        {`{alert: A, event: BLOCK_JOB_COMPLETED, expr: error != nil}`, ""},
		"text by data":          {`{alert: A, event: BLOCK_IO_ERROR, expr: 'data["reason"] == "x"'}`, "Q211 reason"},
		"text of a panic":       {`{alert: A, event: GUEST_PANICKED, expr: 'info.message contains "x"'}`, "Q211 message"},
		"text in resolve":       {`{alert: A, event: STOP, resolve: {event: BLOCK_IO_ERROR, expr: 'reason == "x"'}}`, "Q211 reason"},
		"text in a step":        {`{alert: A, sequence: [STOP, {event: BLOCK_IO_ERROR, expr: 'reason == "x"'}], within: 5m}`, "Q211 reason"},
		"another's reason":      {`{alert: A, event: RESET, expr: 'reason == "guest-reset"'}`, ""},
		"by device":             {`{alert: A, event: BLOCK_IO_ERROR, by: device}`, "Q212 device"},
		"by device in a list":   {`{alert: A, event: DEVICE_TRAY_MOVED, by: [tray-open, device]}`, "Q212 device"},
		"by device and node":    {`{alert: A, event: BLOCK_IO_ERROR, by: [device, node-name]}`, ""},
		"by device of a job":    {`{alert: A, event: BLOCK_JOB_ERROR, by: device}`, ""},
		"expr on device":        {`{alert: A, event: BLOCK_IO_ERROR, expr: 'device == "vda"'}`, "Q212 device"},
		"expr on both":          {`{alert: A, event: BLOCK_IO_ERROR, expr: 'device == "vda" or node_name == "vda"'}`, ""},
		"expr on empty device":  {`{alert: A, event: BLOCK_IO_ERROR, expr: 'device != ""'}`, ""},
		"job for success":       {`{alert: A, event: BLOCK_JOB_COMPLETED, absent_for: 1d}`, "Q214 BLOCK_JOB_COMPLETED"},
		"job said to end":       {`{alert: A, event: BLOCK_JOB_COMPLETED}`, "Q214 BLOCK_JOB_COMPLETED"},
		"job with its error":    {`{alert: A, event: BLOCK_JOB_COMPLETED, annotations: {summary: '{{ device }}: {{ error ?? "done" }}'}}`, ""},
		"job with offset":       {`{alert: A, event: BLOCK_JOB_COMPLETED, expr: offset < len}`, ""},
		"job error resolved":    {`{alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: BLOCK_JOB_COMPLETED}`, "Q214 BLOCK_JOB_COMPLETED"},
		"job waiting resolved":  {`{alert: A, event: BLOCK_JOB_READY, by: device, resolve: [BLOCK_JOB_COMPLETED, BLOCK_JOB_CANCELLED]}`, ""},
		"job by a glob":         {`{alert: A, event: 'BLOCK_JOB_*'}`, ""},
		"dump":                  {`{alert: A, event: DUMP_COMPLETED, expr: 'result.status == "failed"'}`, ""},
		"resume":                {`{alert: A, event: BLOCK_IO_ERROR, resolve: RESUME}`, "Q215 RESUME"},
		"resume among others":   {`{alert: A, event: [BLOCK_IO_ERROR, STOP], resolve: [RESET, {event: RESUME}]}`, "Q215 RESUME"},
		"resume kept":           {`{alert: A, event: BLOCK_IO_ERROR, resolve: RESUME, keep_firing_for: 1m}`, ""},
		"resume after for":      {`{alert: A, event: BLOCK_IO_ERROR, resolve: RESUME, for: 1m}`, ""},
		"resume of a pause":     {`{alert: A, event: STOP, resolve: RESUME}`, ""},
		"resume in a window":    {`{alert: A, event: BLOCK_IO_ERROR, count: 3, within: 5m, resolve: RESUME}`, ""},
		"reboots":               {`{alert: A, event: RESET, count: 3, within: 5m}`, "Q216 count"},
		"reboots in having":     {`{alert: A, event: RESET, having: count >= 2, within: 5m}`, "Q216 having"},
		"reboots by rate":       {`{alert: A, event: RESET, having: rate > 0.003, within: 10m}`, "Q216 having"},
		"many by rate":          {`{alert: A, event: RESET, having: 'rate >= 1', within: 10m}`, ""},
		"many resets":           {`{alert: A, event: RESET, count: 4, within: 5m}`, ""},
		"unplugs":               {`{alert: A, event: DEVICE_DELETED, count: 5, within: 5m}`, "Q216 count"},
		"unplugs of devices":    {`{alert: A, event: DEVICE_DELETED, expr: device != nil, count: 5, within: 5m}`, ""},
		"channels":              {`{alert: A, event: SPICE_DISCONNECTED, count: 5, within: 5m}`, "Q216 count"},
		"channels that settle":  {`{alert: A, event: SPICE_CONNECTED, count: 5, within: 5m, for: 10s, resolve: SPICE_INITIALIZED}`, ""},
		"threshold":             {`{alert: A, event: BLOCK_WRITE_THRESHOLD, by: node-name, count: 2, within: 1h}`, "Q217 count"},
		"thresholds":            {`{alert: A, event: BLOCK_WRITE_THRESHOLD, count: 2, within: 1h}`, ""},
		"filter":                {`{alert: A, event: NIC_RX_FILTER_CHANGED, count: 2, within: 1h}`, "Q217 count"},
		"filters of a host":     {`{alert: A, event: NIC_RX_FILTER_CHANGED, count: 2, within: 1h, scope: host}`, ""},
		"generated":             {`{alert: A, event: BLOCK_IO_ERROR, expr: 'node_name == "#block123"'}`, "Q218 #block123"},
		"generated at all":      {`{alert: A, event: BLOCK_IO_ERROR, expr: 'not (node_name startsWith "#block")'}`, ""},
		"job by device":         {`{alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: JOB_STATUS_CHANGE}`, "Q219 JOB_STATUS_CHANGE"},
		"job by id":             {`{alert: A, event: BLOCK_JOB_PENDING, by: id, resolve: BLOCK_JOB_CANCELLED}`, "Q219 BLOCK_JOB_CANCELLED"},
		"job mapped":            {`{alert: A, event: BLOCK_JOB_PENDING, by: id, resolve: {event: BLOCK_JOB_CANCELLED, by: {id: device}}}`, ""},
		"job until":             {`{alert: A, sequence: [BLOCK_JOB_READY, BLOCK_JOB_ERROR], by: device, within: 5m, until: JOB_STATUS_CHANGE}`, "Q219 JOB_STATUS_CHANGE"},
		"device that is no job": {`{alert: A, event: BLOCK_IO_ERROR, by: [device, node-name], expr: action == "report", resolve: BLOCK_JOB_PENDING}`, ""},
		"each connection":       {`{alert: A, event: VNC_CONNECTED, by: [client.host, client.service], count: 5, within: 5m}`, "Q220 client.service"},
		"each connection once":  {`{alert: A, event: VNC_CONNECTED, by: [client.host, client.service], for: 30s, resolve: [VNC_INITIALIZED, VNC_DISCONNECTED]}`, ""},
		"never sent":            {`{alert: A, event: RESET, expr: 'reason in ["snapshot-load", "guest-reset"]'}`, "Q221 snapshot-load"},
		"no such value":         {`{alert: A, event: COLO_EXIT, expr: 'reason != "none"'}`, "Q221 none"},
		"no such event":         {`{alert: A, event: [STOP, RESUME], expr: 'event == "STOPP" or event in ["RESUME", "RESET"]'}`, "Q221 STOPP; Q221 RESET"},
		"no such event of many": {`{alert: A, event: 'VNC_*', expr: 'event != "VNC_CONECTED" and event startsWith "VNC"'}`, "Q221 VNC_CONECTED"},
		"event of a step":       {`{alert: A, sequence: [{event: [STOP, RESUME], expr: '"RESET" == event'}, STOP], within: 5m}`, "Q221 RESET"},
		"a member called event": {`{alert: A, event: QMPALERT_RESYNC, expr: 'event == "STOP" and data["event"] == "STOP"'}`, "Q221 STOP"},
		"event of a newer QEMU": {`{alert: A, event: 'VNC_*', expr: event == "VNC_WENT_TO_THE_MOON"}`, ""},
		"events that are there": {`{alert: A, event: ['VNC_*', __com.x], expr: 'event == "VNC_CONNECTED" or event == "__com.x" or event == data["event"]'}`, ""},
		"end of a host":         {`{record: R_R, event: RESUME, scope: host}` + "\n- " + `{alert: A, event: STOP, resolve: R_R}`, "Q222 R_R"},
		"end of a host's":       {`{record: R_R, event: RESUME, scope: host}` + "\n- " + `{alert: A, event: STOP, scope: host, resolve: [R_R, RESET]}`, ""},
		"end of either":         {`{record: R_R, event: RESUME, scope: host}` + "\n- " + `{alert: A, event: STOP, resolve: {event: [R_R, RESET]}}`, ""},
		"records of a host":     {`{record: R_R, event: RESUME, scope: host}` + "\n- " + `{record: S_S, event: STOP, scope: host}` + "\n- " + `{alert: A, sequence: [R_R, S_S], within: 5m, until: S_S}`, ""},
		"end of what has no VM": {`{record: R_R, event: RESUME, scope: host}` + "\n- " + `{alert: A, event: QMPALERT_RELOAD_FAILED, resolve: R_R}`, ""},
		"missed by each VM":     {`{record: R_R, event: RESUME, scope: host}` + "\n- " + `{alert: A, event: R_R, absent_for: 5m}`, "Q222 R_R"},
		"missed by the host":    {`{record: R_R, event: RESUME, scope: host}` + "\n- " + `{alert: A, event: R_R, absent_for: 5m, scope: host}`, ""},
		"nothing came":          {`{alert: A, event: STOP, having: count == 0, within: 5m}`, "Q225 having"},
		"less than one":         {`{alert: A, event: STOP, having: '1 > count and count >= 0', within: 5m}`, "Q225 having"},
		"no rate":               {`{alert: A, event: STOP, having: rate <= 0, within: 5m}`, "Q225 having"},
		"few":                   {`{alert: A, event: STOP, having: 'count <= 1 and rate < 0.5', within: 5m}`, ""},
		"nothing, or much":      {`{alert: A, event: STOP, having: count == 0 or count > 3, within: 5m}`, ""},
		"none of some":          {`{alert: A, event: BLOCK_IO_ERROR, having: countif(nospace) == 0, within: 5m}`, ""},
		"step of the fleet":     {`{record: R_R, event: RESUME, scope: fleet}` + "\n- " + `{record: S_S, event: R_R}` + "\n- " + `{alert: A, sequence: [STOP, S_S], within: 5m, scope: host}`, "Q222 S_S"},
		"resume after report":   {`{alert: A, event: BLOCK_IO_ERROR, expr: action != "stop", resolve: RESUME}`, "Q222 RESUME"},
		"resume of a job":       {`{alert: A, event: BLOCK_JOB_ERROR, resolve: RESUME}`, "Q222 RESUME"},
		"resume or reset":       {`{alert: A, event: BLOCK_IO_ERROR, expr: action == "report", resolve: [RESUME, RESET]}`, ""},
		"migration":             {`{alert: A, event: [MIGRATION, MIGRATION_PASS]}`, "Q306 MIGRATION"},
		"migration by a glob":   {`{alert: A, event: 'MIGRATION*'}`, ""},
		"kept until shutdown":   {`{alert: A, event: STOP, resolve: SHUTDOWN, on_vm_exit: keep}`, "Q307 SHUTDOWN"},
		"until shutdown":        {`{alert: A, event: STOP, resolve: SHUTDOWN}`, ""},
		"kept until either":     {`{alert: A, event: STOP, resolve: [SHUTDOWN, RESUME], on_vm_exit: keep}`, ""},
		"watchdog and shutdown": {`{alert: A, sequence: [WATCHDOG, SHUTDOWN], within: 1m}`, "Q307 SHUTDOWN"},
		"several at once": {`{alert: A, event: BLOCK_IO_ERROR, by: device, expr: 'reason == "x" and node_name == "#block1"', resolve: RESUME}`,
			"Q212 device; Q211 reason; Q218 #block1; Q215 RESUME"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := linted(t, "- "+tt.rule, Options{}); got != tt.want {
				t.Errorf("%q, want %q\n%s", got, tt.want, tt.rule)
			}
		})
	}
}

func TestLintSeesThroughMacros(t *testing.T) {
	src := "macros:\n  full: reason contains \"space\"\nlists:\n  bad: ['#block1', '#block2']\n" +
		inGroup("- {alert: A, event: BLOCK_IO_ERROR, expr: full and node_name in bad}")
	set, found := Load([]File{{Name: "a.yml", Src: []byte(src)}}, Options{})
	if set == nil || codes(found) != "Q211 Q218" {
		t.Errorf("%v", found)
	}
}

// TestMacrosMayNameOtherEvents: a macro may be for several rules.
func TestMacrosMayNameOtherEvents(t *testing.T) {
	src := "macros:\n  pause: event == \"STOP\" or event == \"RESET\"\n" +
		inGroup("- {alert: A, event: STOP, expr: pause}\n- {alert: B, event: RESET, expr: pause}")
	set, found := Load([]File{{Name: "a.yml", Src: []byte(src)}}, Options{})
	if set == nil || len(found) > 0 {
		t.Errorf("%v", found)
	}
}

// TestGateIsToldOnceAFile: more would be noise.
func TestGateIsToldOnceAFile(t *testing.T) {
	list := "- {alert: %s, event: MIGRATION}\n- {alert: %s, event: MIGRATION_PASS}\n- {alert: %s, event: VFIO_MIGRATION}"
	file := func(name, a, b, c string) File {
		return File{Name: name, Src: []byte(inGroup(fmt.Sprintf(list, a, b, c)))}
	}
	_, found := Load([]File{file("a.yml", "A", "B", "C"), file("b.yml", "D", "E", "F")}, Options{})
	if got := codes(found); got != "Q306 Q306 Q306 Q306" {
		t.Errorf("%v", found)
	}
}

func TestLintVersion(t *testing.T) {
	for name, tt := range map[string]struct{ qemu, rule, want string }{
		"not asked":        {"", `{alert: A, event: GUEST_PVSHUTDOWN}`, ""},
		"old enough":       {"9.1", `{alert: A, event: GUEST_PVSHUTDOWN}`, ""},
		"event":            {"9.0.2", `{alert: A, event: GUEST_PVSHUTDOWN}`, "Q213 GUEST_PVSHUTDOWN"},
		"old and new":      {"9.0.2", `{alert: A, event: [SHUTDOWN, GUEST_PVSHUTDOWN]}`, ""},
		"event of resolve": {"7.2", `{alert: A, event: STOP, resolve: GUEST_PVSHUTDOWN}`, "Q213 GUEST_PVSHUTDOWN"},
		"one of resolve":   {"7.2", `{alert: A, event: STOP, resolve: [RESUME, GUEST_PVSHUTDOWN]}`, ""},
		"one of the steps": {"7.2", `{alert: A, sequence: [STOP, GUEST_PVSHUTDOWN], within: 5m}`, "Q213 GUEST_PVSHUTDOWN"},
		"by a glob":        {"7.2", `{alert: A, event: 'NETDEV_*'}`, ""},
		"member of by":     {"7.2", `{alert: A, event: BLOCK_IO_ERROR, by: [node-name, qom-path]}`, "Q213 qom-path"},
		"member of expr":   {"7.2", `{alert: A, event: BLOCK_IO_ERROR, expr: 'qom_path == "x"'}`, "Q213 qom_path"},
		"asked for":        {"7.2", `{alert: A, event: BLOCK_IO_ERROR, expr: 'qom_path != nil or (qom_path ?? node_name) == "a"'}`, ""},
		"of another event": {"7.2", `{alert: A, event: MEMORY_DEVICE_SIZE_CHANGE, expr: 'qom_path != nil'}`, ""},
		"value":            {"7.2", `{alert: A, event: MIGRATION, expr: 'status in ["failed", "postcopy-recover-setup"]'}`, "Q306 MIGRATION; Q213 postcopy-recover-setup"},
		"two digits":       {"10.0", `{alert: A, event: GUEST_PVSHUTDOWN}`, ""},
		"own event":        {"0.12", `{alert: A, event: QMPALERT_GAP}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := linted(t, "- "+tt.rule, Options{QEMU: tt.qemu}); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	for s, want := range map[string]bool{"7.2": true, "7.2.22": true, "10.0": true, "": false, "7": false, "v7.2": false, "7.x": false, "7.2.1.0": false, "2.1 or earlier": false, "7.-2": false} {
		if ValidQEMU(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestIgnore(t *testing.T) {
	for name, tt := range map[string]struct{ list, want string }{
		"on the line": {"- alert: A\n  event: RESET\n  count: 3  # qmpalert:ignore Q216 each counts\n  within: 5m", ""},
		"line above":  {"- alert: A\n  event: RESET\n  # qmpalert:ignore Q216 each counts\n  count: 3\n  within: 5m", ""},
		"above with a comment and a line between": {"- alert: A\n  event: RESET\n  # qmpalert:ignore Q216 each counts\n\n  # three\n  count: 3\n  within: 5m", ""},
		"two lines above": {"- alert: A\n  # qmpalert:ignore Q216 each counts\n  event: RESET\n  count: 3\n  within: 5m",
			"Q305 # qmpalert:ignore Q216 each counts; Q216 count"},
		"another code": {"- alert: A\n  event: RESET\n  count: 3  # qmpalert:ignore Q217 each counts\n  within: 5m",
			"Q216 count; Q305 # qmpalert:ignore Q217 each counts"},
		"no reason": {"- alert: A\n  event: RESET\n  count: 3  # qmpalert:ignore Q216\n  within: 5m",
			"Q216 count; Q210 # qmpalert:ignore Q216"},
		"whole rule on a line": {"- {alert: A, event: RESET, count: 3, within: 5m} # qmpalert:ignore Q216 each counts", ""},
		"folded value":         {"- alert: A\n  event: BLOCK_IO_ERROR\n  expr: >-  # qmpalert:ignore Q211 ours are English\n    nospace or\n    reason contains \"x\"", ""},
		"above a folded value": {"- alert: A\n  event: BLOCK_IO_ERROR\n  # qmpalert:ignore Q211 ours are English\n  expr: >-\n    nospace or\n    reason contains \"x\"", ""},
		"in a text":            {"- alert: A\n  event: RESET\n  count: 3\n  within: 5m\n  annotations:\n    a: |\n      # qmpalert:ignore Q216 no\n    b: \"x # qmpalert:ignore Q216 no\"", "Q216 count"},
		"behind a block":       {"- alert: A\n  event: RESET\n  annotations:\n    a: |\n      text\n  # qmpalert:ignore Q216 each counts\n  count: 3\n  within: 5m", ""},
		"not asked for":        {"- alert: A  # qmpalert:ignore Q302, Q213 it is a draft\n  event: STOP", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := linted(t, tt.list, Options{}); got != tt.want {
				t.Errorf("%q, want %q\n%s", got, tt.want, tt.list)
			}
		})
	}
}

// TestErrorsAreNotIgnored, and a file with errors does not hear that its
// comments do nothing.
func TestErrorsAreNotIgnored(t *testing.T) {
	_, found := Load([]File{{Name: "a.yml", Src: []byte(inGroup(
		"- {alert: A, event: STOPP} # qmpalert:ignore Q120 yes\n- {alert: B, event: RESET} # qmpalert:ignore Q216 later"))}}, Options{})
	if got := codes(found); got != "Q120 Q210" {
		t.Errorf("%v", found)
	}
}
