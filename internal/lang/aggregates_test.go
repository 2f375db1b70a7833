package lang

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// having compiles a having over TEST, with the table that it filled.
func having(t tester, src string) (*Program, *Aggregates) {
	t.Helper()
	table := new(Aggregates)
	p, problems := Compile(src, Env{Event: testDef, Aggregates: table}, Having)
	for _, problem := range problems {
		t.Errorf("%s: %s (%s)", src, problem.Message, problem.Hint)
	}
	if p == nil {
		t.FailNow()
	}
	return p, table
}

func sources(t *Aggregates) string {
	var all []string
	for _, a := range t.List() {
		all = append(all, a.Source)
	}
	return strings.Join(all, "; ")
}

func TestAggregatesOfAHaving(t *testing.T) {
	for src, want := range map[string]string{
		`count >= 3`:               "count",
		`count >= 3 and count < 9`: "count",
		`rate > 1`:                 "rate",
		`distinct(node_name) > 1 and distinct( (node_name) ) < 9`:                                               "distinct(node_name)",
		`sum(a+1) > 1 or sum(a + 1) < 0 or sum(1 + a) == 2`:                                                     "sum(a + 1); sum(1 + a)",
		`percentile(a, 95) > percentile(a, 50) and percentile(a, 95.0) > 0`:                                     "percentile(a, 95); percentile(a, 50)",
		`countif(yes && a > 1) > 1 and countif(yes and a > 1) < 5`:                                              "countif(yes && a > 1)",
		`min(a) < 1 and max(a) > 1 and min(1, 2) == 1`:                                                          "min(a); max(a)",
		`first(obj.x_y) == last(obj.x_y) and changes(s) > 0 and stddev(f) > 1 and avg(f) > 0 and first_seen(s)`: "first(obj.x_y); last(obj.x_y); changes(s); stddev(f); avg(f); first_seen(s)",
		`sum(yes ? a : nil) > 3`:                   "sum(yes ? a : nil)",
		`a | sum() > 3`:                            "sum(a)",
		`last(time.Hour()) > 3`:                    "last(time.Hour())",
		`countif(big == 18446744073709551615) > 0`: "countif(big == 18446744073709551615)",
		`1 == 1`: "",
	} {
		if _, table := having(t, src); sources(table) != want {
			t.Errorf("%s has %q, want %q", src, sources(table), want)
		}
	}
}

// A program of a having reads the frame's aggregates by the indexes of the table.
func TestHavingHolds(t *testing.T) {
	p, table := having(t, `distinct(node_name) >= 2 and countif(yes) < count and last(mode) == "on"`)
	if want := "distinct(node_name); countif(yes); count; last(mode)"; sources(table) != want {
		t.Fatalf("table: %s", sources(table))
	}
	f := &Frame{}
	for _, c := range []struct {
		values []qmp.Value
		want   bool
	}{
		{[]qmp.Value{qmp.Int(2), qmp.Int(1), qmp.Int(5), qmp.String("on")}, true},
		{[]qmp.Value{qmp.Int(1), qmp.Int(1), qmp.Int(5), qmp.String("on")}, false},
		{[]qmp.Value{qmp.Int(2), qmp.Int(5), qmp.Int(5), qmp.String("on")}, false},
		{[]qmp.Value{qmp.Int(2), qmp.Int(1), qmp.Int(5), {}}, false},
		{[]qmp.Value{qmp.Int(2), qmp.Int(1)}, false},
		{nil, false},
	} {
		f.Aggregates = c.values
		if got := p.True(f); got != c.want {
			t.Errorf("%v: %v", c.values, got)
		}
	}
	if p.Equalities() != nil {
		t.Errorf("a having has equalities: %v", p.Equalities())
	}
}

// An expression of nothing but aggregates is not constant.
func TestAggregatesAreNotConstant(t *testing.T) {
	for _, src := range []string{`count > 1`, `rate > 1`, `sum(1) > 1`} {
		p, _ := having(t, src)
		if f := (&Frame{Aggregates: []qmp.Value{qmp.Float(2)}}); !p.True(f) || p.True(new(Frame)) {
			t.Errorf("%s was folded", src)
		}
	}
	table := new(Aggregates)
	text, problems := CompileText(`{{ sum(1) }}`, Env{Event: testDef, Aggregates: table})
	if text == nil || text.IsConstant() {
		t.Errorf("a text of an aggregate is constant: %v", problems)
	}
}

func TestArguments(t *testing.T) {
	for src, want := range map[string]string{
		`count > 1`:                          "true",
		`rate > 1`:                           "true",
		`distinct(node_name) > 1`:            `"disk0"`,
		`sum(a * 2) > 1`:                     "6",
		`countif(a > 2 and yes) > 1`:         "true",
		`countif(no) > 1`:                    "false",
		`percentile(f, 5) > 1`:               "float 2.5",
		`last(obj) == nil`:                   `{"x-y": 7, "name": "n"}`,
		`last(data["newer"]["x"]) == nil`:    `[1, 2, {"y": null}]`,
		`first(vm.name) == "x"`:              `"db1"`,
		`last(time) > last(time)`:            "time 2024-02-27T13:14:15.678901Z",
		`last(let x = a; x * x) > 1`:         "9",
		`last(map(anything, # == 1)) != nil`: "[true, false, false]",
		`last(a / 0) > 1`:                    "nil",
	} {
		_, table := having(t, src)
		if got := show(table.List()[0].Arg(frameOf(present()))); got != want {
			t.Errorf("%s: the argument is %s, want %s", src, got, want)
		}
	}
	_, table := having(t, `countif(a > 2) > 1 and last(a) > 1`)
	other := eventOf(present())
	other.Kind = testKind + 1
	for _, f := range []*Frame{{}, {Event: other}, {Event: eventOf(testData{})}} {
		if a, b := show(table.List()[0].Arg(f)), show(table.List()[1].Arg(f)); a != "false" || b != "nil" {
			t.Errorf("arguments of nothing are %s and %s", a, b)
		}
	}
}

// A value that nobody could walk through is no argument.
func TestLargeArgument(t *testing.T) {
	_, table := having(t, `last(`+strings.ReplaceAll(shared, "1,1,1,1,1,1,1,1,1,1", "a,1,1,1,1,1,1,1,1,1")+`w) == nil`)
	f := frameOf(present())
	if v := table.List()[0].Arg(f); !v.IsNil() || f.Exhausted != 1 {
		t.Errorf("got %s, %d exhausted", v.Kind(), f.Exhausted)
	}
}

// One table serves a having and texts, for several kinds of events.
func TestOneTableForARule(t *testing.T) {
	io, quorum := qmp.Lookup("BLOCK_IO_ERROR"), qmp.Lookup("QUORUM_REPORT_BAD")
	table := new(Aggregates)
	compile := func(def *qmp.Def, src string, want Want) *Program {
		p, problems := Compile(src, Env{Event: def, Aggregates: table, Vars: WindowVars()}, want)
		if p == nil {
			t.Fatalf("%s: %+v", src, problems)
		}
		return p
	}
	for _, def := range []*qmp.Def{io, quorum} {
		compile(def, `distinct(node_name) > 1`, Having)
		compile(def, `last(node_name) + " " + string(count)`, AnyValue)
		compile(def, `distinct((node_name))`, AnyValue)
	}
	if want := "distinct(node_name); last(node_name)"; sources(table) != want {
		t.Fatalf("the table has %s", sources(table))
	}
	bad := blockIOError()
	bad.Event = qmp.MakeEvent(&qmp.QuorumReportBad{NodeName: qmp.Some("child")}, 1)
	for e, want := range map[*event.Event]string{blockIOError(): `"disk0"`, bad: `"child"`} {
		if got := show(table.List()[1].Arg(&Frame{Event: e})); got != want {
			t.Errorf("last(node_name) of %s is %s", e.Name, got)
		}
	}
	p := compile(io, `string(count) + " of " + string(distinct(node_name)) + ", last " + last(node_name)`, AnyValue)
	f := &Frame{Event: bad, Count: 7, Aggregates: []qmp.Value{qmp.Int(2), qmp.String("z")}}
	if got := show(p.Value(f)); got != `"7 of 2, last z"` {
		t.Errorf("the text is %s", got)
	}
}

// A typed event of a rule's own and one that nobody knows have arguments apart.
func TestArgumentsOfUnknownEvents(t *testing.T) {
	table := new(Aggregates)
	record := recordDef("STORM", &qmp.Member{Name: "node-name", JSON: qmp.JSONString})
	for _, env := range []Env{{Name: "__com.example_X", Aggregates: table}, {Event: record, Aggregates: table}} {
		if _, problems := Compile(`last(node_name) == "a"`, env, Having); problems != nil {
			t.Fatal(problems)
		}
	}
	for name, want := range map[string]string{"STORM": "nil", "__com.example_X": "5", "__com.example_Y": "5"} {
		e := &event.Event{Event: qmp.Event{Name: name, Raw: []byte(`{"node-name": 5}`)}}
		if got := show(table.List()[0].Arg(&Frame{Event: e})); got != want {
			t.Errorf("of %s: %s, want %s", name, got, want)
		}
	}
}

// With another number of arguments, and without a table, the names are those of
// functions.
func TestFunctionsBesideAggregates(t *testing.T) {
	f := frameOf(present())
	for src, want := range map[string]string{
		`min(3, a, 7)`: "3", `sum([1, 2])`: "3", `first([5, 6])`: "5", `last(anything)`: "nil", `max(2)`: "2", `count([true, false])`: "1",
	} {
		if got := show(evaluate(t, src, f)); got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
	}
	env := Env{Event: testDef, Aggregates: new(Aggregates), Vars: WindowVars()}
	for src, want := range map[string]string{`min(3, a)`: "3", `sum([1, 2], # * a)`: "9", `count([1, 2], # > 1)`: "1", `count`: "5"} {
		p, problems := Compile(src, env, AnyValue)
		if p == nil {
			t.Errorf("%s: %+v", src, problems)
		} else if got := show(p.Value(f)); got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
	}
	if len(env.Aggregates.List()) != 0 {
		t.Errorf("the table has %s", sources(env.Aggregates))
	}
}

// What is refused leaves the table as it was.
func TestProblemsLeaveNoAggregate(t *testing.T) {
	env := Env{Event: testDef, Aggregates: new(Aggregates)}
	for _, src := range []string{`sum(a) > "x"`, `sum(a) > 1 and s`, `sum(a)`, `sum(sum(a)) > 1`, `count >`} {
		if p, _ := Compile(src, env, Having); p != nil {
			t.Errorf("%s was taken", src)
		}
	}
	if len(env.Aggregates.List()) != 0 {
		t.Errorf("the table has %s", sources(env.Aggregates))
	}
}

// Aggregates cannot be used to get around the bounds.
func TestAggregatesAreBounded(t *testing.T) {
	for name, src := range map[string]string{
		"nested predicates": `countif(all(1..1000, all(1..1000, all(1..1000, true)))) > 1`,
		"ranges":            `sum(len(1..1000000000)) > 1`,
		"deep parentheses":  strings.Repeat("(", 2000) + "count" + strings.Repeat(")", 2000),
		"?: doubles":        strings.Repeat("(", 40) + "count > 1" + strings.Repeat(" ?: true)", 40),
		"aggregates in ?:":  strings.Repeat("(countif(yes) > 1 ?: ", 40) + "true" + strings.Repeat(")", 40),
		"signatures":        "sum(" + strings.Repeat("sort(", 40) + "[1]" + strings.Repeat(")", 40) + "[0]) > 1",
		"repeat":            `distinct(repeat("a", 1000000)) > 1`,
		"patterns":          `countif(s matches s) > 1`,
	} {
		p, problems := Compile(src, Env{Event: testDef, Aggregates: new(Aggregates)}, Having)
		if name == "aggregates in ?:" {
			if p == nil {
				t.Errorf("%s: %+v", name, problems)
			}
			continue
		}
		if p != nil || !slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == "Q125" }) {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestNamesOfAggregates(t *testing.T) {
	for f := AggCount; f <= AggFirstSeen; f++ {
		if g, ok := aggregateNamed(f.String()); !ok || g != f || aggregateForms[f] == "" {
			t.Errorf("%s (%d) has no name or form", f, f)
		}
	}
	if AggFunc(99).String() != "aggregate" {
		t.Error(fmt.Sprint(AggFunc(99)))
	}
}
