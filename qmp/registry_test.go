package qmp

import (
	"slices"
	"strings"
	"testing"
)

func TestRegistry(t *testing.T) {
	own, qemu := 0, 0
	for i, d := range Defs() {
		if i > 0 && Defs()[i-1].Name >= d.Name {
			t.Errorf("%s is out of order", d.Name)
		}
		if Lookup(d.Name) != d || d.Kind.Def() != d || d.Kind.String() != d.Name || int(d.Kind) != i+1 {
			t.Errorf("%s is not found under its own name", d.Name)
		}
		if d.Own {
			own++
		} else {
			qemu++
		}
		if d.Own != strings.HasPrefix(d.Name, "QMPALERT_") || d.Summary == "" || d.Since == "" || d.Category == "" {
			t.Errorf("%s lacks something: %+v", d.Name, d)
		}
		for _, m := range d.Slots {
			if d.Member(m.Path) != m || d.Member(m.IdentPath) != m || m.Since == "" || (m.JSON == JSONObject) != (m.Members != nil) {
				t.Errorf("%s: member %s: %+v", d.Name, m.Path, m)
			}
		}
		for _, key := range throttleKeys(d) {
			if d.Member(key) == nil {
				t.Errorf("%s is throttled by %s, which it does not have", d.Name, key)
			}
		}
		for _, path := range d.Correlate {
			if d.Member(path) == nil {
				t.Errorf("%s is correlated on %s, which it does not have", d.Name, path)
			}
		}
	}
	if qemu != 61 || own != 10 {
		t.Errorf("%d events of QEMU and %d of ours, want 61 and 10", qemu, own)
	}
}

func throttleKeys(d *Def) []string {
	if d.Throttle == nil {
		return nil
	}
	keys := slices.Clone(d.Throttle.Key)
	for _, h := range d.Throttle.History {
		keys = append(keys, h.Key...)
	}
	return keys
}

func TestLookupOfStrangers(t *testing.T) {
	for _, name := range []string{"", "S", "STO", "stop", "STOP ", "XTOP", "__com.redhat_X", strings.Repeat("X", 1000)} {
		if d := Lookup(name); d != nil {
			t.Errorf("%q is %s", name, d.Name)
		}
	}
	if Unknown.Def() != nil || Unknown.String() != "unknown" || Kind(255).Def() != nil {
		t.Error("a kind without definition has one")
	}
}

func TestEnums(t *testing.T) {
	names := map[string]bool{}
	for i, e := range Enums() {
		if i > 0 && Enums()[i-1].Name >= e.Name || len(e.Values) == 0 || e.Has("") || !e.Has(e.Values[0].Value) {
			t.Errorf("%+v", e)
		}
		names[e.Name] = true
	}
	for _, d := range Defs() {
		for _, m := range d.Slots {
			if m.Enum != nil && (m.Enum.Name != m.Type || !names[m.Type]) {
				t.Errorf("%s: %s has enum %s, type %s", d.Name, m.Path, m.Enum.Name, m.Type)
			}
		}
	}
}

func TestMember(t *testing.T) {
	d := Lookup("VNC_CONNECTED")
	for path, want := range map[string]string{"client": "client", "client.host": "client.host", "server.auth": "server.auth"} {
		if m := d.Member(path); m == nil || m.Path != want {
			t.Errorf("%s is %+v", path, m)
		}
	}
	for _, path := range []string{"", "host", "client.", "client.auth", "client.host.x"} {
		if m := d.Member(path); m != nil {
			t.Errorf("%q is %s", path, m.Path)
		}
	}
	m := Lookup("QUORUM_REPORT_BAD").Member("sectors_count")
	if m == nil || m.Name != "sectors-count" || m.Unit != "sectors of 512 bytes" || !slices.Equal(m.Aliases, []string{"sector-count"}) {
		t.Errorf("%+v", m)
	}
	if m := Lookup("SHUTDOWN").Member("reason"); m.Since != "4.0" || !m.Enum.Has("guest-panic") || m.Enum.Has("guest-panicked") {
		t.Errorf("%+v", m)
	}
	if m := Lookup("NETDEV_STREAM_CONNECTED").Member("addr.port"); m == nil || m.Branch != "inet|vsock" {
		t.Errorf("%+v", m)
	}
	if d := Lookup("BLOCK_IO_ERROR"); d.Throttle == nil || d.Throttle.Since != "9.2" || d.Throttle.Key[0] != "qom-path" {
		t.Errorf("%+v", d.Throttle)
	}
}
