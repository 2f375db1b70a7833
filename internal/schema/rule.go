package schema

import (
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// The forms of a condition, of which a rule has one at most.
var forms = []string{"count", "having", "sequence", "all_of", "absent_for"}

// ruleDef is a rule: its keys in the order in which people write them.
func ruleDef() object {
	steps := described("patterns: names of events, or {event, expr, by}", object{
		{"type", "array"}, {"items", ref("pattern")}, {"minItems", 2}, {"maxItems", rules.MaxSteps},
	})
	rule := closed(object{
		{"alert", described("name of the alert, once in the whole rule set", ref("text"))},
		{"record", described("name of an event that the rule makes instead of an alert, in capitals", object{{"type", "string"}, {"pattern", recordForm}})},
		{"event", described("which events: a name, several, or a glob", oneOrMore(ref("any_event")))},
		{"expr", described("a condition on the members of the event: action == \"stop\" and not nospace", ref("condition"))},
		{"by", described("members that make the key, each value with a window and an alert of its own", anyNumber(ref("by_member")))},
		{"scope", described("what else is in the key: host and vm, host, nothing", object{{"enum", list{"vm", "host", "fleet"}}, {"default", "vm"}})},
		{"exceptions", described("matches that do not count", oneOrMore(ref("exception")))},
		{"lateness", described("how long to wait for events that QEMU holds back", ref("duration"))},
		{"within", described("length of the sliding window, in the time of the events", ref("duration"))},
		{"count", described("at least so many matches in the window", object{{"type", "integer"}, {"minimum", 1}, {"maximum", rules.MaxCount}})},
		{"having", described("a condition on aggregates of the window: distinct(client.host) >= 3", ref("condition"))},
		{"sequence", described("steps, completed in this order within `within`", steps)},
		{"all_of", described("patterns that all match within `within`, in any order", steps)},
		{"until", described("events that drop what a sequence or all_of has begun", oneOrMore(ref("pattern")))},
		{"absent_for", described("the condition: no match for so long", ref("duration"))},
		{"for", described("the condition must hold so long before the alert fires", ref("duration"))},
		{"resolve", described("events that end the condition", oneOrMore(ref("pattern")))},
		{"keep_firing_for", described("how long the alert goes on firing after its condition ended", ref("duration"))},
		{"confirm", described("a query that must be answered so before the alert fires", ref("confirm"))},
		{"on_vm_exit", described("keep: alerts outlive their VM", object{{"enum", list{"keep"}}})},
		{"labels", described("what the alert is known and routed by; {{ expression }} is filled in", ref("labels"))},
		{"annotations", described("what people read; summary is the one sentence of a message", object{
			{"type", "object"},
			{"properties", object{
				{"summary", described("the one sentence of a message", ref("text"))},
				{"description", described("what to know and to do", ref("text"))},
				{"runbook_url", described("where it is written what to do", ref("text"))},
			}},
			{"additionalProperties", ref("text")},
		})},
		{"receiver", described("receivers of the configuration; else its route decides", oneOrMore(ref("text")))},
		{"inhibits", described("alerts that nobody is told of while this one fires on the same VM or host", oneOrMore(ref("text")))},
		{"attach", described("queries whose answers are evidence when the alert fires", oneOrMore(object{{"enum", append(queries(), "screendump")}}))},
		{"mode", described("shadow: evaluate and record, tell nobody", object{{"enum", list{"shadow"}}})},
		{"tests", described("unit tests of this rule, run by `qmpalert test`", listOf(ref("test"), 0))},
	})
	return append(rule,
		member{"oneOf", list{object{{"required", list{"alert"}}}, object{{"required", list{"record"}}}}},
		member{"anyOf", list{
			object{{"required", list{"event"}}}, object{{"required", list{"sequence"}}}, object{{"required", list{"all_of"}}},
		}},
		member{"dependentRequired", object{
			{"count", list{"within"}}, {"having", list{"within"}}, {"sequence", list{"within"}}, {"all_of", list{"within"}},
		}},
		member{"allOf", append(together(), byEvent("by", "by_", hasKeys, func(name string) object { return anyNumber(ref(name)) })...)},
	)
}

// together says what a rule cannot have at once.
func together() list {
	var all list
	for i, form := range forms {
		others := object{}
		for _, other := range append(append([]string{}, forms[:i]...), forms[i+1:]...) {
			others = append(others, member{other, false})
		}
		if form == "sequence" || form == "all_of" {
			others = append(others, member{"event", false}, member{"expr", false})
		}
		all = append(all, object{{"if", object{{"required", list{form}}}}, {"then", object{{"properties", others}}}})
	}
	return all
}

// testDefs are the definitions of unit tests.
func testDefs() object {
	alerts := func(about string) object {
		return described(about, object{{"type", "array"}, {"items", described("labels of one alert; one that is not named is not compared, null says that it is absent", ref("expected"))}})
	}
	expect := func(more ...member) object {
		keys := append(object{{"at", described("when to look, counted from the beginning of the test", ref("duration"))}}, more...)
		keys = append(keys,
			member{"firing", alerts("the alerts that fire then, and no others")},
			member{"pending", alerts("the alerts that wait for `for`, and no others")},
			member{"resolved", alerts("the alerts that resolved at that instant, and no others")},
			member{"notified", described("the receivers that are told at that instant", anyNumber(ref("text")))},
		)
		return append(closed(keys), member{"required", list{"at"}}, member{"minProperties", 2})
	}
	test := func(expectation string) object {
		return append(closed(object{
			{"name", described("what the test shows, as a sentence", ref("text"))},
			{"input", described("the events", listOf(ref("input"), 0))},
			{"expect", described("what must be the case", listOf(ref(expectation), 1))},
		}), member{"required", list{"name", "expect"}})
	}
	return object{
		{"expected", object{{"type", "object"}, {"additionalProperties", object{{"type", list{"string", "number", "boolean", "null"}}}}}},
		{"test", test("expectation")},
		{"file_test", test("file_expectation")},
		{"expectation", expect()},
		{"file_expectation", expect(member{"alertname", described("the only alert to look at; else all of them", ref("text"))})},
		{"input", inputDef()},
	}
}

func inputDef() object {
	input := closed(object{
		{"at", described("when the event comes, counted from the beginning of the test", ref("duration"))},
		{"vm", described("name of the VM, or {name, uuid}", object{{"anyOf", list{
			ref("text"),
			append(closed(object{{"name", ref("text")}, {"uuid", object{{"type", "string"}}}}), member{"required", list{"name"}}),
		}}})},
		{"host", described("name of the host", ref("text"))},
		{"event", described("name of the event", ref("any_event"))},
		{"data", described("the members that matter; the others are filled in", object{{"type", list{"object", "null"}}})},
		{"raw", described("a recorded line, as it is", object{{"type", "string"}})},
	})
	return append(input,
		member{"required", list{"at"}},
		member{"oneOf", list{
			object{{"required", list{"event"}}},
			object{{"required", list{"raw"}}, {"properties", object{{"data", false}}}},
		}},
		member{"allOf", byEvent("data", "data_", hasAll, ref)},
	)
}

// hasAll: every event has data that can be checked, if only for having none.
func hasAll(*qmp.Def) bool { return true }
