package schema

import (
	"bytes"
	"encoding/json"

	"github.com/qmpalert/qmpalert/qmp"
)

// Dialect is the version of JSON Schema.
const Dialect = "https://json-schema.org/draft/2020-12/schema"

// Rules returns the schema of rule files and of files of tests, indented, with
// a line end behind it. Equal programs return equal bytes.
func Rules() []byte { return indented(ruleFile()) }

func indented(o object) []byte {
	text, err := encode(o)
	if err != nil {
		panic(err) // it is made of texts, numbers and lists only
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", " "); err != nil {
		panic(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func ruleFile() object {
	return object{
		{"$schema", Dialect},
		{"title", "Rules of qmpalert"},
		{"description", "What `qmpalert check` takes for a rule file or a file of tests. Made by `qmpalert schema rules`."},
		{"type", "object"},
		{"properties", object{
			{"groups", described("rules, in groups", listOf(ref("group"), 0))},
			{"lists", described("named values for `in`: `expr: node_name in scratch`", object{
				{"type", "object"}, {"additionalProperties", oneOrMore(ref("text"))},
			})},
			{"macros", described("named conditions that expressions of this file use", object{
				{"type", "object"}, {"additionalProperties", ref("condition")},
			})},
			{"rule_files", described("of a file of tests: the rules that it tests, as paths or globs relative to it", oneOrMore(object{{"type", "string"}}))},
			{"tests", described("tests of the rules in rule_files", listOf(ref("file_test"), 0))},
		}},
		{"additionalProperties", false},
		{"anyOf", list{object{{"required", list{"groups"}}}, object{{"required", list{"tests", "rule_files"}}}}},
		// A record of this file may be named like any event; without one, a name
		// that nobody knows is a slip.
		{"if", object{{"not", object{
			{"properties", object{{"groups", object{{"contains", object{
				{"properties", object{{"rules", object{{"contains", object{{"required", list{"record"}}}}}}}},
				{"required", list{"rules"}},
			}}}}}},
			{"required", list{"groups"}},
		}}}},
		{"then", object{{"properties", object{{"groups", object{{"items", object{
			{"properties", object{{"rules", object{{"items", ref("known_events_only")}}}}},
		}}}}}}}},
		{"$defs", append(append(keyDefs(), testDefs()...), eventDefs()...)},
	}
}

// keyDefs are the definitions of everything but tests and events.
func keyDefs() object {
	return object{
		{"group", append(closed(object{
			{"name", described("name of the group", ref("text"))},
			{"labels", described("labels of every alert of the group", ref("labels"))},
			{"rules", described("the rules of the group", listOf(ref("rule"), 0))},
		}), member{"required", list{"name", "rules"}})},
		{"rule", ruleDef()},
		{"known_events_only", object{{"properties", object{
			{"event", oneOrMore(ref("known_event"))},
			{"sequence", object{{"items", ref("known_pattern")}}},
			{"all_of", object{{"items", ref("known_pattern")}}},
			{"until", oneOrMoreKnown()},
			{"resolve", oneOrMoreKnown()},
			{"tests", object{{"items", object{{"properties", object{{"input", object{{"items", object{
				{"properties", object{{"event", ref("known_event")}}},
			}}}}}}}}}},
		}}}},
		{"known_pattern", object{
			{"if", object{{"type", "string"}}},
			{"then", ref("known_event")},
			{"else", object{{"properties", object{{"event", oneOrMore(ref("known_event"))}}}}},
		}},
		{"pattern", object{{"anyOf", list{ref("any_event"), ref("pattern_object")}}}},
		{"pattern_object", append(closed(object{
			{"event", described("which events: a name, several, or a glob", oneOrMore(ref("any_event")))},
			{"expr", described("a condition on the members of the event", ref("condition"))},
			{"by", described("which member of this event stands for which of the rule's `by`: {device: id}", object{
				{"type", "object"}, {"additionalProperties", object{{"type", "string"}}},
			})},
		}), member{"required", list{"event"}}, member{"allOf", byEvent("by", "by_", hasKeys, func(name string) object {
			return object{{"additionalProperties", ref(name)}}
		})})},
		{"exception", append(closed(object{
			{"name", described("why these matches do not count", ref("text"))},
			{"expr", described("which matches do not count", ref("condition"))},
			{"expires", described("the last day, UTC, such as 2027-01-31", object{{"type", "string"}, {"pattern", `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`}})},
		}), member{"required", list{"name", "expr"}})},
		{"confirm", append(closed(object{
			{"query", described("a query that only reads", object{{"enum", queries()}})},
			{"expr", described("what the answer must be, over the members of its `return`", ref("condition"))},
		}), member{"required", list{"query", "expr"}})},
		{"duration", object{{"anyOf", list{
			object{{"type", "string"}, {"pattern", `^([0-9]+(ms|[ywdhms]))+$`}, {"examples", list{"30s", "5m", "1h30m", "1d"}}},
			object{{"enum", list{0, "0"}}},
		}}}},
		{"condition", object{{"type", list{"string", "boolean"}}}},
		{"text", object{{"type", list{"string", "number", "boolean"}}}},
		// The severities that messages know an order and a colour for; others are
		// as good, so this is for completion only.
		{"labels", object{
			{"type", "object"},
			{"properties", object{{"severity", object{{"anyOf", list{
				object{{"enum", list{"critical", "warning", "info", "page", "error", "notice"}}},
				ref("text"),
			}}}}}},
			{"additionalProperties", ref("text")},
		}},
	}
}

func hasKeys(d *qmp.Def) bool { return len(keyPaths(d)) > 0 }

func oneOrMoreKnown() object {
	return object{
		{"if", object{{"type", "array"}}},
		{"then", object{{"items", ref("known_pattern")}}},
		{"else", ref("known_pattern")},
	}
}

// queries are those of package qmp that `confirm` and `attach` may name.
func queries() list {
	var all list
	for _, q := range qmp.Queries() {
		all = append(all, q.String())
	}
	return all
}
