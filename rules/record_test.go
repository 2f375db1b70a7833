package rules

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// compact is JSON without the spaces that QMP writes.
func compact(raw []byte) string {
	return strings.NewReplacer(": ", ":", ", ", ",").Replace(string(raw))
}

func TestMakeRecord(t *testing.T) {
	tests := []struct {
		name, rule, event, data string
		step                    int // -1: the key is that of a match; else of the step
		want                    string
	}{
		{"members come along", `{record: R, event: BLOCK_JOB_ERROR}`, "BLOCK_JOB_ERROR", `{"device":"j","operation":"read"}`, -1,
			`{"device":"j","operation":"read","match_count":3}`},
		{"those of the key first", `{record: R, event: BLOCK_JOB_ERROR, by: operation}`, "BLOCK_JOB_ERROR", `{"device":"j","operation":"read"}`, -1,
			`{"operation":"read","device":"j","match_count":3}`},
		{"with their type", `{record: R, event: BLOCK_IMAGE_CORRUPTED, by: [offset, fatal]}`, "BLOCK_IMAGE_CORRUPTED", `{"fatal":true,"offset":-4096}`, -1,
			`{"fatal":true,"offset":-4096,"match_count":3}`},
		{"nested", `{record: R, event: VNC_CONNECTED, by: client.host}`, "VNC_CONNECTED", `{"server":{"auth":"none"},"client":{"service":"5","host":"::1"}}`, -1,
			`{"client":{"host":"::1","service":"5"},"server":{"auth":"none"},"match_count":3}`},
		{"what the table does not know", `{record: R, event: STOP}`, "STOP", `{"newer":[1,{"a":null}]}`, -1,
			`{"newer":[1,{"a":null}],"match_count":3}`},
		{"no data", `{record: R, event: STOP}`, "STOP", ``, -1, `{"match_count":3}`},
		{"the count is ours", `{record: R, event: __x_Y}`, "__x_Y", `{"match_count":"many"}`, -1, `{"match_count":3}`},
		{"the name of the table", `{record: R, event: QUORUM_FAILURE}`, "QUORUM_FAILURE", `{"sector-num":1,"sector-count":2}`, -1,
			`{"sector-num":1,"sectors-count":2,"match_count":3}`},
		{"a vendor's event", `{record: R, event: __x_Y, by: [a.b]}`, "__x_Y", `{"a":{"b":7,"c":8}}`, -1,
			`{"a":{"b":7,"c":8},"match_count":3}`},
		{"mapped", `{record: R, sequence: [BLOCK_JOB_ERROR, {event: JOB_STATUS_CHANGE, by: {device: id}}], by: device, within: 1m}`, "JOB_STATUS_CHANGE", `{"id":"j","status":"null"}`, 1,
			`{"device":"j","id":"j","status":"null","match_count":3}`},
		{"mapped over another member", `{record: R, sequence: [BLOCK_JOB_READY, {event: BLOCK_JOB_ERROR, by: {device: operation}}], by: device, within: 1m}`, "BLOCK_JOB_ERROR", `{"device":"j","operation":"read"}`, 1,
			`{"device":"read","operation":"read","match_count":3}`},
		{"mapped to nothing", `{record: R, sequence: [BLOCK_JOB_READY, {event: BLOCK_JOB_ERROR, by: {device: operation}}], by: device, within: 1m}`, "BLOCK_JOB_ERROR", `{"device":"j"}`, 1,
			`{"match_count":3}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rule(t, "- "+test.rule)
			e := ev(t, test.event, test.data)
			var key []string
			if test.step < 0 {
				key = r.AppendKey(nil, e)
			} else {
				key = r.AppendStepKey(nil, e, test.step)
			}
			got := r.MakeRecord(e, key, "h", "v", 3, 42)
			if compact(got.Raw) != test.want {
				t.Errorf("got  %s\nwant %s", got.Raw, test.want)
			}
			if got.Kind != qmp.Unknown || got.Name != "R" || got.Time != 42 || got.Host != "h" || got.VM.Name != "v" || got.Received != e.Received {
				t.Errorf("made %+v", got)
			}
		})
	}
}

// Without an event a record has the members of its key, with the types that
// these have in events, and a host and VM as far as its scope has them.
func TestMakeRecordOfNothing(t *testing.T) {
	for scope, want := range map[string]event.Event{
		"vm": {Host: "h", VM: event.VM{Name: "v"}}, "host": {Host: "h"}, "fleet": {},
	} {
		r := rule(t, "- {record: R, event: BLOCK_IMAGE_CORRUPTED, by: [offset, fatal, device], absent_for: 5m, scope: "+scope+"}")
		got := r.MakeRecord(nil, []string{"", "false", "-12"}, "h", "v", 0, 42)
		if compact(got.Raw) != `{"fatal":false,"offset":-12,"match_count":0}` || got.Host != want.Host || got.VM != want.VM || got.Received != qmp.NoTime {
			t.Errorf("%s: %s of %+v", scope, got.Raw, got)
		}
	}
}

// A record shares no memory with what it was made from.
func TestMakeRecordKeepsNothing(t *testing.T) {
	r := rule(t, `- {record: R, event: BLOCK_JOB_ERROR, by: device}`)
	line := []byte(`{"event":"BLOCK_JOB_ERROR","data":{"device":"jjjj"},"host":"hhhh","vm":"vvvv"}`)
	var m qmp.Message
	if err := qmp.DecodeBytes(line, &m); err != nil {
		t.Fatal(err)
	}
	e := event.FromMessage(&m)
	made := r.MakeRecord(&e, r.AppendKey(nil, &e), e.Host, e.VM.Name, 1, 2)
	for i := range e.Raw {
		e.Raw[i] = 'x'
	}
	if compact(made.Raw) != `{"device":"jjjj","match_count":1}` {
		t.Errorf("made %s", made.Raw)
	}
}

const recordUsers = `
- {record: SICK, event: [QUORUM_REPORT_BAD, QUORUM_FAILURE], by: sector-num, count: 2, within: 1m}
- {record: LOGIN_FAILED, sequence: [VNC_CONNECTED, VNC_DISCONNECTED], by: client.host, within: 1m, scope: host}
- {record: VENDOR, event: [__x_Y, STOP]}
- {record: VENDORS, event: "__com.redhat_*"}
- {record: SILENT, event: RTC_CHANGE, by: qom-path, absent_for: 1h}
- {record: BOTH, event: [SICK, LOGIN_FAILED]}
- alert: Uses
  event: [SICK, LOGIN_FAILED, VENDOR, SILENT, STOP, "VNC_*"]
- alert: Typed
  event: SICK
  expr: sector_num > 5 and match_count >= 2 and type == nil
  by: sector-num
  resolve: {event: LOGIN_FAILED, by: {sector-num: client.host}}
- {alert: Nested, event: LOGIN_FAILED, expr: 'client.host == "::1" and (client.sasl_username ?? "") == ""', by: client.host, scope: fleet}
- {alert: Untyped, event: VENDOR, expr: 'x.y == 3 and match_count == 1', by: [x.y]}
- {alert: UntypedGlob, event: VENDORS, expr: 'x.y == 3 and match_count == 1'}
- {alert: OfTheKey, event: SILENT, expr: 'qom_path == "/rtc" and match_count == 0'}
- {alert: Second, event: BOTH, expr: match_count == 1}`

func TestRecordsAreUsed(t *testing.T) {
	set, found := Load([]File{{Name: "t.yml", Src: []byte(inGroup(recordUsers))}}, Options{})
	if set == nil {
		t.Fatal(found)
	}
	var f lang.Frame
	record := func(name, maker, data string) *event.Event {
		r := set.Rule(name)
		e := ev(t, maker, data)
		key := make([]string, len(r.By))
		for i, path := range r.By {
			key[i] = member(qmp.ParseValue(e.Raw), path).Text()
		}
		return r.MakeRecord(e, key, "h", "v", 2, 1)
	}
	role := func(rule string, e *event.Event, want Role) {
		t.Helper()
		r := set.Rule(rule)
		if got := r.Role(e, &f); got != want || want != RoleNone && !r.Wants(e.Kind, e.Name) {
			t.Errorf("%s is %d to %s, want %d", e.Name, got, rule, want)
		}
	}
	sick := record("SICK", "QUORUM_REPORT_BAD", `{"sector-num":7}`)
	role("Uses", sick, RoleMatch)
	role("Typed", sick, RoleMatch)
	role("BOTH", sick, RoleMatch)
	role("Second", sick, RoleNone)
	role("Typed", record("SICK", "QUORUM_REPORT_BAD", `{"sector-num":7,"type":"read"}`), RoleNone)
	if key := set.Rule("Typed").AppendKey(nil, sick); key[0] != "7" {
		t.Errorf("key %q", key)
	}
	login := record("LOGIN_FAILED", "VNC_DISCONNECTED", `{"client":{"host":"::1"}}`)
	role("Nested", login, RoleMatch)
	role("Typed", login, RoleResolve)
	if got := parts(set.Rule("Typed").ResolveKey(nil, login)); got[0] != `"::1"` {
		t.Errorf("resolves %v", got)
	}
	role("Untyped", set.Rule("VENDOR").MakeRecord(ev(t, "__x_Y", `{"x":{"y":3}}`), nil, "h", "v", 1, 1), RoleMatch)
	role("Untyped", set.Rule("VENDOR").MakeRecord(ev(t, "STOP", ``), nil, "h", "v", 1, 1), RoleNone)
	role("UntypedGlob", set.Rule("VENDORS").MakeRecord(ev(t, "__com.redhat_Y", `{"x":{"y":3}}`), nil, "h", "v", 1, 1), RoleMatch)
	role("OfTheKey", set.Rule("SILENT").MakeRecord(nil, []string{"/rtc"}, "h", "v", 0, 1), RoleMatch)
	// A glob reaches newer events of QEMU, and no record of any name.
	role("Uses", ev(t, "VNC_NEWER", ""), RoleMatch)

	levels := []struct {
		name  string
		level int
		wide  Scope
		late  time.Duration
	}{
		{"SICK", 0, ScopeVM, 2 * time.Second}, {"LOGIN_FAILED", 0, ScopeVM, 2 * time.Second}, {"VENDOR", 0, ScopeVM, 0},
		{"BOTH", 1, ScopeHost, 2 * time.Second}, {"Uses", 1, ScopeHost, 2 * time.Second}, {"Untyped", 1, ScopeVM, 0},
		{"OfTheKey", 1, ScopeVM, 2 * time.Second}, {"Second", 2, ScopeHost, 2 * time.Second},
	}
	for _, l := range levels {
		if r := set.Rule(l.name); r.Level != l.level || r.WideRecords != l.wide || r.Lateness != l.late {
			t.Errorf("%s: level %d, %s, %s", l.name, r.Level, r.WideRecords, r.Lateness)
		}
	}
	if set.Rule("Nobody") != nil || set.Rule("Uses").Record != "" || set.Rule("SICK").Record != "SICK" {
		t.Error("rules are not found by their names")
	}
}

// A record that is called as a glob has it is nothing to the glob.
func TestGlobsDoNotReachRecords(t *testing.T) {
	rules := load(t, "- {record: VNC_STORM, event: STOP}\n- {alert: A, event: \"VNC_*\", resolve: \"*\"}\n- {alert: B, event: [VNC_STORM, \"VNC_*\"]}")
	e := rules[0].MakeRecord(nil, nil, "h", "v", 1, 1)
	var f lang.Frame
	if rules[1].Role(e, &f) != RoleNone || rules[1].Wants(e.Kind, e.Name) {
		t.Error("a glob matches a record")
	}
	if rules[2].Role(e, &f) != RoleMatch {
		t.Error("a record is not found beside a glob")
	}
}

// The order of rules and files never matters to records.
func TestRecordsInAnyOrder(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(`
- {alert: X, event: C, expr: match_count > 1 and node_name == "a"}
- {record: C, event: B, by: node-name}
- {record: B, event: A}
- {record: A, event: QUORUM_REPORT_BAD, by: node-name, lateness: 9s}`), "\n")
	meaning := ""
	for shift := range lines {
		var files []File
		for i := range lines {
			files = append(files, File{Name: string(rune('a' + i)), Src: []byte(inGroup(lines[(i+shift)%len(lines)]))})
		}
		set, found := Load(files, Options{})
		if set == nil {
			t.Fatal(found)
		}
		x := set.Rule("X")
		if x.Level != 3 || x.Lateness != 9*time.Second || meaning != "" && x.Meaning != meaning {
			t.Errorf("level %d, lateness %s: %s", x.Level, x.Lateness, x.Meaning)
		}
		meaning = x.Meaning
	}
}

// Records of records are taken up to a depth, whatever the order they stand in;
// a chain of thousands is refused, and so is one that is closed to a circle.
func TestManyRecords(t *testing.T) {
	chain := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("- {record: R" + strings.Repeat("A", i%7) + strconv.Itoa(i) + ", event: " + chainName(i+1, n) + "}\n")
		}
		return inGroup(b.String())
	}
	set, found := Load([]File{{Name: "t.yml", Src: []byte(chain(maxLevel + 1))}}, Options{})
	if set == nil {
		t.Fatal(found)
	}
	if level := set.Rules()[0].Level; level != maxLevel {
		t.Errorf("level %d", level)
	}
	if set, found := Load([]File{{Name: "t.yml", Src: []byte(chain(500))}}, Options{}); set != nil || found.Count(diag.Error) != 500/(maxLevel+1) {
		t.Errorf("%d errors: %.500v", found.Count(diag.Error), found)
	}
	closed := strings.Replace(chain(20), "event: STOP", "event: R0", 1)
	if set, found := Load([]File{{Name: "t.yml", Src: []byte(closed)}}, Options{}); set != nil || !strings.Contains(codes(found), "Q131") {
		t.Errorf("%.500v", found)
	}
}

// One event makes so many of a record and not more. Alternatives count together,
// because the same event can be all of them.
func TestRecordsOfOneEventAreBounded(t *testing.T) {
	var many strings.Builder
	var names []string
	for i := range maxRecords {
		names = append(names, "R"+strconv.Itoa(i))
		many.WriteString("- {record: " + names[i] + ", event: STOP}\n")
	}
	all := strings.Join(names, ", ")
	tests := []struct{ last, codes string }{
		{"- {record: ALL, event: [" + all + "]}", ""},
		{"- {record: ALL, event: [" + all + ", STOP]}", "Q111"},
		{"- {alert: All, event: [" + all + ", STOP]}", ""},
		{"- {record: ALL, event: [R1, R2], having: count > 3, within: 1m}\n- {record: MORE, event: [ALL, " + strings.Join(names[:96], ", ") + "]}", ""},
		{"- {record: ALL, event: [R1, R2], having: count > 3, within: 1m}\n- {record: MORE, event: [ALL, " + strings.Join(names[:97], ", ") + "]}", "Q111"},
	}
	for _, test := range tests {
		_, found := Load([]File{{Name: "t.yml", Src: []byte(inGroup(many.String() + test.last))}}, Options{})
		if got := codes(found); got != test.codes {
			t.Errorf("%s: %v", test.last, found)
		}
	}
}

// A record that stands behind those who use it is compiled once.
func TestFindingsAboutRecordsAreToldOnce(t *testing.T) {
	_, found := Load([]File{{Name: "t.yml", Src: []byte(inGroup("- {alert: X, event: R}\n- {record: R, event: STOP, expr: nonsense}"))}}, Options{})
	if len(found) != 1 {
		t.Errorf("%v", found)
	}
}

func chainName(i, n int) string {
	if i == n {
		return "STOP"
	}
	return "R" + strings.Repeat("A", i%7) + strconv.Itoa(i)
}

// Texts about nothing that happened know the key, host and VM.
func TestTextsOfAbsence(t *testing.T) {
	r := rule(t, `
- alert: A
  event: [RTC_CHANGE, BALLOON_CHANGE, WATCHDOG]
  absent_for: 1h30m
  labels: {l: "{{ vm.name }} {{ event }}"}`)
	if got, want := shown(r.Labels(nil, "h", "v", nil)), "alertname=A host=h l=v  severity=warning vm=v"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f := &lang.Frame{Event: r.KeyEvent(nil, "h", "v", 5)}
	if got, want := shown(r.Annotations(f, nil)), "summary=v: no BALLOON_CHANGE or RTC_CHANGE or WATCHDOG for 1h30m"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r = rule(t, `
- alert: A
  event: BLOCK_IMAGE_CORRUPTED
  by: [device, offset]
  absent_for: 5m
  labels: {far: "{{ offset > 4096 }}"}
  annotations: {a: "{{ vm.name }} {{ host }} {{ device }} {{ offset + 1 }} {{ time }}"}`)
	key := []string{"hd0", "8192"}
	if got, want := shown(r.Labels(nil, "h", "v", key)), "alertname=A device=hd0 far=true host=h offset=8192 severity=warning vm=v"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// The last match is not what it is about, but host and VM are the same.
	last := ev(t, "BLOCK_IMAGE_CORRUPTED", `{"device":"other","offset":1}`)
	f = &lang.Frame{Event: last}
	want := "a=db1 kvm07 hd0 8193 2023-11-14T22:13:20.000005Z summary=db1: no BLOCK_IMAGE_CORRUPTED for device hd0, offset 8192 for 5m"
	if got := shown(r.Annotations(f, key)); got != want || f.Event != last {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := shown(r.Annotations(&lang.Frame{}, key)); !strings.Contains(got, "hd0 8193") {
		t.Errorf("got %s", got)
	}
}
