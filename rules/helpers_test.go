package rules

import (
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// load loads rules that are good; the text is the list under `rules:`.
func load(t testing.TB, list string) []*Rule {
	t.Helper()
	set, found := Load([]File{{Name: "test.yml", Src: []byte(inGroup(list))}}, Options{})
	if set == nil {
		t.Fatalf("findings: %v\n%s", found, list)
	}
	return set.Rules()
}

// rule loads one rule.
func rule(t testing.TB, text string) *Rule {
	t.Helper()
	return load(t, text)[0]
}

func inGroup(list string) string {
	list = strings.ReplaceAll("\n"+strings.Trim(list, "\n"), "\n", "\n    ")
	return "groups:\n- name: g\n  rules:" + list + "\n"
}

// fataler is what testing.TB and rapid.T have in common here.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// ev makes an event of VM db1 on kvm07, as it would be read from a monitor.
func ev(t fataler, name, data string) *event.Event {
	t.Helper()
	line := `{"timestamp":{"seconds":1700000000,"microseconds":5},"event":"` + name + `"`
	if data != "" {
		line += `,"data":` + data
	}
	var m qmp.Message
	if err := qmp.DecodeBytes([]byte(line+"}"), &m); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return &event.Event{Event: m.Event, Host: "kvm07", VM: event.VM{Name: "db1", UUID: "u-1"}, Received: 1700000000000009}
}

func codes(l diag.List) string {
	var all []string
	for _, f := range l {
		all = append(all, string(f.Code))
	}
	return strings.Join(all, " ")
}
