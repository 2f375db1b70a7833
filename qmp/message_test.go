package qmp

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	next := func(text string) Message {
		t.Helper()
		var m Message
		if err := NewDecoder(strings.NewReader(text), Options{}).Next(&m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := next("\n\n " + `{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": " Debian 1:7.2"}, "capabilities": ["oob"]}}`)
	if m.Type != TypeGreeting || m.Version.String() != "7.2.22 (Debian 1:7.2)" || m.Line != 3 || m.Offset != 3 {
		t.Errorf("%+v", m)
	}
	if m = next(`{"QMP": {"version": {"qemu": "0.12.50", "package": ""}}}`); m.Version.String() != "0.12.50" {
		t.Errorf("%+v", m)
	}
	if m = next(`{"return": {"a": [1]} , "id": "x"}`); string(m.Return) != `{"a": [1]}` || string(m.ID) != `"x"` {
		t.Errorf("%+v", m)
	}
	if m = next(`{"id": 7, "error": {"class": "CommandNotFound", "desc": "no \u0041"}}`); m.Err.Error() != "CommandNotFound: no A" || string(m.ID) != "7" || m.Type != TypeError {
		t.Errorf("%+v", m)
	}
	m = next(`{"event": "STOP", "host": "kvm07", "vm": {"name": "db1"}, "vm": "db2", "id": 3, "seq": 9}`)
	want := []RawMember{{"host", []byte(`"kvm07"`)}, {"vm", []byte(`"db2"`)}, {"seq", []byte("9")}, {"id", []byte("3")}}
	if !slices.EqualFunc(m.Extra, want, func(a, b RawMember) bool { return a.Name == b.Name && bytes.Equal(a.Raw, b.Raw) }) || m.ID != nil {
		t.Errorf("%+v", m.Extra)
	}
	if m = next(`{"event": "STOP"` + strings.Repeat(`, "x\u0031": 1`, 3) + manyMembers(200) + `}`); len(m.Extra) != MaxExtra {
		t.Errorf("%d extra members", len(m.Extra))
	}
	m = next(`{"event": "STOP", "data": {"a": 1, "b": {}}}`)
	if m.UnknownMembers != 2 || m.Event.Data != nil || string(m.Event.Raw) != `{"a": 1, "b": {}}` {
		t.Errorf("%+v", m)
	}
	m = next(`{"event": "__com.redhat_SPICE_CONNECTED", "data": {"a": 1}}`)
	if m.Event.Kind != Unknown || m.Event.Name != "__com.redhat_SPICE_CONNECTED" || m.UnknownMembers != 0 || m.Event.Time != NoTime || m.Event.Def() != nil {
		t.Errorf("%+v", m)
	}
	m = next(`{"event": "RTC_CHANGE", "data": {"offset": null, "qom-path": 5, "x": 1}, "timestamp": {"seconds": 1}}`)
	if m.Mistyped != 3 || m.UnknownMembers != 1 || m.Event.Data.(*RTCChange).Offset.Set || m.Event.Time != NoTime {
		t.Errorf("%+v", m)
	}
	m = next(`{"event": "RTC_CHANGE", "timestamp": 5, "timestamp": {"seconds": 1, "microseconds": 2}}`)
	if m.Mistyped != 0 || m.Event.Time != 1_000_002 {
		t.Errorf("%+v", m)
	}
	m = next(`{"event": "VNC_CONNECTED", "data": {"client": {"websocket": false, "host": "::1"}, "server": {}}}`)
	if c, s := m.Event.Field(m.Event.Def().Member("client").Slot), m.Event.Field(m.Event.Def().Member("server").Slot); c.Text() != `{"host": "::1", "websocket": false}` || s.Text() != "{}" {
		t.Errorf("client %s, server %s", c.Text(), s.Text())
	}
	if m = next(`{"event": "RTC_CHANGE", "data": 5}`); m.Mistyped != 1 || m.Event.Raw != nil {
		t.Errorf("%+v", m)
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`, "m` + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `": 1`)
	}
	return b.String()
}

func TestDecodeBytes(t *testing.T) {
	var m Message
	b := []byte(` {"event": "RTC_CHANGE", "data": {"qom-path": "abc"}} ` + "\n")
	if err := DecodeBytes(b, &m); err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] = 'x'
	}
	if m.Event.Data.(*RTCChange).QOMPath.V != "abc" || m.Offset != 1 {
		t.Errorf("%+v", m)
	}
	var bad *SyntaxError
	if err := DecodeBytes([]byte("{}\n {}"), &m); !errors.As(err, &bad) || bad.Line != 2 || bad.Column != 2 || bad.Offset != 4 {
		t.Errorf("%+v", bad)
	}
}
