package lang

import (
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/qmp"
)

// notAnEvent has names that are read from Frame.Values alone.
var notAnEvent = Env{Event: &qmp.Def{Name: "the message"}, Vars: []Var{
	ValueVar("title", StringType, 0), ValueVar("number", IntType, 1), ValueVar("labels", AnyType, 2), ValueVar("missing", AnyType, 3),
}}

func TestValueVars(t *testing.T) {
	f := &Frame{Values: []qmp.Value{
		qmp.String("db1 is paused"), qmp.Int(3), qmp.Object([]string{"vm"}, []qmp.Value{qmp.String("db1")}),
	}}
	for src, want := range map[string]qmp.Value{
		"{{ title }}":                   qmp.String("db1 is paused"),
		"{{ number }}":                  qmp.Int(3),
		"{{number + 1}}":                qmp.Int(4),
		"{{ labels }}":                  f.Values[2],
		"{{ labels.vm }}":               qmp.String("db1"),
		"{{ labels.host }}":             {},
		"{{ missing }}":                 {},
		"{{ missing }} ":                qmp.String(" "),
		" {{ number }}":                 qmp.String(" 3"),
		"{{ number }}{{ number }}":      qmp.String("33"),
		"plain":                         qmp.String("plain"),
		"":                              qmp.String(""),
		`{{ {"a": [number, title]} }}`:  qmp.Object([]string{"a"}, []qmp.Value{qmp.List([]qmp.Value{qmp.Int(3), qmp.String("db1 is paused")})}),
		`{{ number > 2 ? "many" : 0 }}`: qmp.String("many"),
	} {
		text, problems := CompileText(src, notAnEvent)
		if len(problems) > 0 {
			t.Errorf("%s: %v", src, problems)
			continue
		}
		if got := text.Value(f); got.Kind() != want.Kind() || !qmp.Equal(got, want) && !want.IsNil() {
			t.Errorf("%s is %s %s, want %s %s", src, got.Kind(), got.Text(), want.Kind(), want.Text())
		}
	}
}

func TestValueVarsAreChecked(t *testing.T) {
	for src, want := range map[string]string{
		"{{ titel }}":     "did you mean `title`?",
		"{{ zzzzzzzz }}":  "the names are title, number, labels, missing",
		"{{ number > }}":  "",
		"{{ title + 1 }}": "",
	} {
		_, problems := CompileText(src, notAnEvent)
		if len(problems) != 1 || !strings.Contains(problems[0].Hint, want) {
			t.Errorf("%s: %+v", src, problems)
		}
	}
}
