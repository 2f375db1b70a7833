package lang

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// testKind is a kind that no real event has.
const testKind qmp.Kind = 250

// testDef is an event with a member of every type, in slots 0, 1, 2 ….
var testDef = func() *qmp.Def {
	mode := &qmp.Enum{Name: "Mode", Values: []qmp.EnumValue{{Value: "auto"}, {Value: "on"}, {Value: "off"}}}
	level := &qmp.Enum{Name: "Level", Values: []qmp.EnumValue{{Value: "high"}, {Value: "low"}}}
	obj := &qmp.Member{Name: "obj", JSON: qmp.JSONObject, Members: []*qmp.Member{
		{Name: "x-y", JSON: qmp.JSONInt}, {Name: "name", JSON: qmp.JSONString},
	}}
	return (&qmp.Def{Kind: testKind, Name: "TEST", Members: []*qmp.Member{
		{Name: "a", JSON: qmp.JSONInt}, {Name: "b", JSON: qmp.JSONInt}, {Name: "big", JSON: qmp.JSONInt},
		{Name: "f", JSON: qmp.JSONFloat}, {Name: "s", JSON: qmp.JSONString}, {Name: "node-name", JSON: qmp.JSONString},
		{Name: "yes", JSON: qmp.JSONBool}, {Name: "no", JSON: qmp.JSONBool},
		{Name: "mode", JSON: qmp.JSONString, Enum: mode}, {Name: "level", JSON: qmp.JSONString, Enum: level},
		obj, {Name: "anything", JSON: qmp.JSONAny}, {Name: "len", JSON: qmp.JSONInt}, {Name: "host", JSON: qmp.JSONString},
	}}).Finish()
}()

// testData are the members of a TEST by their path.
type testData map[string]qmp.Value

func (testData) Kind() qmp.Kind             { return testKind }
func (d testData) Field(slot int) qmp.Value { return d[testDef.Slots[slot].Path] }
func (testData) AppendJSON(b []byte) []byte { return append(b, "{}"...) }
func (d testData) Clone() qmp.Data          { return d }
func (d testData) event(raw string) event.Event {
	e := event.Event{Host: "kvm07", VM: event.VM{Name: "db1", UUID: "6f6a"}}
	e.Event = qmp.Event{Kind: testKind, Name: "TEST", Time: testTime, Data: d}
	if raw != "" {
		e.Raw = []byte(raw)
	}
	return e
}

// testTime is Tuesday 2024-02-27 13:14:15.678901 UTC, in microseconds.
const testTime = 1_709_039_655_678_901

var testEnv = Env{Event: testDef, Vars: WindowVars()}

// present is an event in which everything was sent, but for what ends in "?".
func present() testData {
	return testData{
		"a": qmp.Int(3), "b": qmp.Int(-4), "big": qmp.Uint(1<<64 - 1), "f": qmp.Float(2.5),
		"s": qmp.String("hello"), "node-name": qmp.String("disk0"), "yes": qmp.Bool(true), "no": qmp.Bool(false),
		"mode": qmp.String("on"), "level": qmp.String("low"),
		"obj":      qmp.Object([]string{"x-y", "name"}, []qmp.Value{qmp.Int(7), qmp.String("n")}),
		"obj.x-y":  qmp.Int(7),
		"obj.name": qmp.String("n"),
		"anything": qmp.List([]qmp.Value{qmp.Int(1), qmp.String("two"), qmp.Value{}}),
		"len":      qmp.Int(99),
		"host":     qmp.String("member"),
	}
}

// testRaw is what was received with the event of present, and more.
const testRaw = `{"a": 3, "node-name": "disk0", "newer": {"x": [1, 2, {"y": null}]}, "esc\u0061pe\"d": true, "twice": 1, "twice": 2, "null": null}`

func eventOf(d testData) *event.Event {
	e := d.event("")
	return &e
}

func frameOf(d testData) *Frame {
	e := d.event(testRaw)
	return &Frame{Event: &e, Count: 5, FirstTime: testTime - 90_000_000, LastTime: testTime}
}

// tester is what *testing.T, *testing.F and *rapid.T have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// evaluate compiles and evaluates; problems are fatal.
func evaluate(t tester, src string, f *Frame) qmp.Value {
	t.Helper()
	p, problems := Compile(src, testEnv, AnyValue)
	for _, problem := range problems {
		t.Errorf("%s: %s (%s)", src, problem.Message, problem.Hint)
	}
	if p == nil {
		t.FailNow()
	}
	return p.Value(f)
}

func holds(t tester, src string, f *Frame) bool {
	t.Helper()
	p, problems := Compile(src, testEnv, Condition)
	for _, problem := range problems {
		t.Errorf("%s: %s (%s)", src, problem.Message, problem.Hint)
	}
	if p == nil {
		t.FailNow()
	}
	return p.True(f)
}

// show prints a value so that its form can be seen: 2 and 2.0 differ.
func show(v qmp.Value) string {
	switch v.Kind() {
	case qmp.NilValue:
		return "nil"
	case qmp.FloatValue:
		return "float " + v.Text()
	case qmp.TimeValue, qmp.DurationValue:
		return v.Kind().String() + " " + v.Text()
	}
	return string(v.AppendJSON(nil))
}
