package lang

import (
	"testing"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// recordDef is the definition of an event that a rule makes.
func recordDef(name string, members ...*qmp.Member) *qmp.Def {
	return (&qmp.Def{Kind: qmp.Unknown, Name: name, Members: members}).Finish()
}

var testRecord = recordDef("STORM",
	&qmp.Member{Name: "node-name", JSON: qmp.JSONString},
	&qmp.Member{Name: "match_count", JSON: qmp.JSONInt},
	&qmp.Member{Name: "seconds", JSON: qmp.JSONFloat},
	&qmp.Member{Name: "ok", JSON: qmp.JSONBool},
	&qmp.Member{Name: "any", JSON: qmp.JSONAny},
	&qmp.Member{Name: "mode", JSON: qmp.JSONString, Enum: testDef.Members[8].Enum},
	&qmp.Member{Name: "client", JSON: qmp.JSONObject, Members: []*qmp.Member{
		{Name: "host", JSON: qmp.JSONString}, {Name: "web-socket", JSON: qmp.JSONBool},
	}},
)

func TestTypedEventsFromRaw(t *testing.T) {
	const good = `{"node-name": "a", "match_count": 18446744073709551615, "seconds": 3, "ok": true, "any": [1], "mode": "on", "client": {"host": "h", "web-socket": true}}`
	const wrong = `{"node-name": 1, "match_count": 1.5, "seconds": "3", "ok": "true", "any": null, "mode": true, "client": {"host": {}, "web-socket": null}}`
	for _, c := range []struct{ src, good, wrong string }{
		{`node_name`, `"a"`, "nil"},
		{`match_count`, `18446744073709551615`, "nil"},
		{`seconds`, `float 3`, "nil"},
		{`ok`, `true`, "nil"},
		{`any`, `[1]`, "nil"},
		{`mode`, `"on"`, "nil"},
		{`client.host`, `"h"`, "nil"},
		{`client?.web_socket`, `true`, "nil"},
		{`client`, `{"host": "h", "web-socket": true}`, `{"host": {}, "web-socket": null}`},
		{`client["host"]`, `"h"`, "nil"},
		{`ok and node_name == "a" and match_count > 5 and mode in ["on"]`, "true", "false"},
		{`data["node-name"]`, `"a"`, "1"},
		{`event + vm.name`, `"STORMdb1"`, `"STORMdb1"`},
	} {
		p, problems := Compile(c.src, Env{Event: testRecord}, AnyValue)
		if p == nil {
			t.Errorf("%s: %+v", c.src, problems)
			continue
		}
		for raw, want := range map[string]string{good: c.good, wrong: c.wrong} {
			e := &event.Event{Event: qmp.Event{Name: "STORM", Raw: []byte(raw)}, VM: event.VM{Name: "db1"}}
			if got := show(p.Value(&Frame{Event: e})); got != want {
				t.Errorf("%s of %s is %s, want %s", c.src, raw, got, want)
			}
		}
		if c.src == `event + vm.name` {
			continue
		}
		for _, e := range []*event.Event{nil, {Event: qmp.Event{Name: "STORM"}}, {Event: qmp.Event{Name: "STORM", Raw: []byte(`[1]`)}}} {
			if got := show(p.Value(&Frame{Event: e})); got != "nil" && got != "false" {
				t.Errorf("%s of %+v is %s", c.src, e, got)
			}
		}
	}
}

// A member is that of the record by its name, not of any event without a kind.
func TestTypedEventsByName(t *testing.T) {
	p, _ := Compile(`node_name == "a"`, Env{Event: testRecord}, Condition)
	e := &event.Event{Event: qmp.Event{Name: "OTHER", Raw: []byte(`{"node-name": "a"}`)}}
	if p.True(&Frame{Event: e}) {
		t.Error("a member of another event was taken")
	}
	if len(p.Equalities()) != 0 {
		t.Errorf("an index would have to read the text of the event: %v", p.Equalities())
	}
}

func TestTypesOfRecords(t *testing.T) {
	for src, code := range map[string]string{`nodename == "a"`: "Q121", `match_count == "a"`: "Q123", `mode == "onn"`: "Q124", `client.hots == "a"`: "Q121"} {
		if _, problems := Compile(src, Env{Event: testRecord}, Condition); len(problems) != 1 || string(problems[0].Code) != code {
			t.Errorf("%s: %+v", src, problems)
		}
	}
}
