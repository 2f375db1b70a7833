package schema_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/qmpalert/qmpalert/internal/schema"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

func compile(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Rules()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("rules.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rules.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// parse reads YAML as a language server does: a plain scalar is a number, a
// bool or null if it looks like one.
func parse(t testing.TB, src string) any {
	t.Helper()
	root, found := yamldoc.Parse("a.yml", []byte(src))
	if root == nil || found.HasErrors() {
		t.Fatalf("%v\n%s", found, src)
	}
	return value(root)
}

func value(n *yamldoc.Node) any {
	switch n.Kind {
	case yamldoc.Mapping:
		m := map[string]any{}
		n.Each(func(k, v *yamldoc.Node) { m[k.Value] = value(v) })
		return m
	case yamldoc.Sequence:
		all := []any{}
		for _, item := range n.Items {
			all = append(all, value(item))
		}
		return all
	}
	if n.Style != yamldoc.Plain {
		return n.Value
	}
	switch n.Value {
	case "", "null", "~":
		return nil
	case "true", "false":
		return n.Value == "true"
	}
	if _, err := strconv.ParseFloat(n.Value, 64); err == nil && json.Valid([]byte(n.Value)) {
		return json.Number(n.Value)
	}
	return n.Value
}

// good lists the rule files that must be taken.
func good(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, glob := range []string{"../../examples/rules/*.yml", "../../rules/testdata/good/*.yml"} {
		names, err := filepath.Glob(glob)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", glob, err)
		}
		all = append(all, names...)
	}
	return all
}

func read(t testing.TB, name string) string {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// TestCurrent compares the file that editors read with what the program says.
// `go run ./cmd/qmpalert schema rules > docs/rules.schema.json` makes it anew.
func TestCurrent(t *testing.T) {
	if read(t, "../../docs/rules.schema.json") != string(schema.Rules()) {
		t.Error("docs/rules.schema.json is old: qmpalert schema rules > docs/rules.schema.json")
	}
}

func TestTakesWhatCheckTakes(t *testing.T) {
	s := compile(t)
	for _, name := range good(t) {
		if err := s.Validate(parse(t, read(t, name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, src := range map[string]string{
		"test file": `
rule_files: [a.yml]
tests:
  - name: t
    input: [{at: 0, event: STOP}]
    expect: [{at: 5m, alertname: A, firing: [{vm: db1}]}]`,
		"a record of its own": group(`
      - {record: LOGIN_FAILED, event: VNC_DISCONNECTED, by: client.host}
      - {alert: A, event: LOGIN_FAILED, by: client.host, count: 5, within: 1m}`),
		"a vendor's event":       group(`- {alert: A, event: __com.redhat_X, by: any.thing}`),
		"a glob":                 group(`- {alert: A, event: 'VNC_*', by: client.host}`),
		"several events":         group(`- {alert: A, event: [BLOCK_IO_ERROR, BLOCK_JOB_ERROR], by: [device, operation]}`),
		"an own event":           group(`- {alert: A, event: QMPALERT_DISCONNECTED, expr: not clean}`),
		"a condition of true":    group(`- {alert: A, event: STOP, expr: true}`),
		"a map in a step":        group(`- {alert: A, sequence: [BLOCK_JOB_READY, {event: JOB_STATUS_CHANGE, by: {device: id}}], by: device, within: 1m}`),
		"data of an event":       group(`- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: BLOCK_IO_ERROR, data: {action: stop, nospace: true}}], expect: [{at: 0, firing: []}]}]}`),
		"data that lacks":        group(`- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: VNC_CONNECTED, data: {server: null, client: {host: null, family: null, websocket: null}}}], expect: [{at: 0, firing: []}]}]}`),
		"a label that is absent": group(`- {alert: A, event: STOP, tests: [{name: t, input: [], expect: [{at: 0, firing: [{vm: db1, node_name: null}]}]}]}`),
		"both spellings":         group(`- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: QUORUM_FAILURE, data: {sector-count: 8, sectors-count: 8}}], expect: [{at: 0, firing: []}]}]}`),
		"a recorded line":        group(`- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, raw: '{}'}], expect: [{at: 0, firing: []}]}]}`),
		"no rules":               `groups: []`,
		"a duration of nought":   group(`- {alert: A, event: STOP, for: 0, keep_firing_for: 0s}`),
	} {
		if err := s.Validate(parse(t, src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTakesTheManual: what the documentation shows is right in an editor, too.
func TestTakesTheManual(t *testing.T) {
	s := compile(t)
	for _, name := range []string{"../../docs/rules.md", "../../docs/cookbook.md"} {
		n := 0
		for _, block := range strings.Split(read(t, name), "\n```yaml\n")[1:] {
			src, _, _ := strings.Cut(block, "\n```")
			if !strings.Contains(src, "groups:") {
				continue
			}
			n++
			if err := s.Validate(parse(t, src)); err != nil {
				t.Errorf("%s: %v\n%s", name, err, src)
			}
		}
		if n < 10 {
			t.Errorf("%s: only %d rule files", name, n)
		}
	}
}

func group(list string) string {
	return "groups:\n  - name: g\n    rules:\n" + strings.Repeat(" ", 6) + strings.TrimSpace(list) + "\n"
}

func TestRefusesWhatIsWrong(t *testing.T) {
	s := compile(t)
	for name, rule := range map[string]string{
		"key":                 `- {alert: A, event: STOP, withn: 5m}`,
		"event":               `- {alert: A, event: QUORUM_REPORT_BED}`,
		"event in a list":     `- {alert: A, event: [STOP, RESUMED]}`,
		"event of resolve":    `- {alert: A, event: STOP, resolve: RESUMED}`,
		"event of a pattern":  `- {alert: A, event: STOP, resolve: [{event: RESUMED}]}`,
		"event of a step":     `- {alert: A, sequence: [STOP, RESUMED], within: 5m}`,
		"event of a test":     `- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: STOPPED}], expect: [{at: 0, firing: []}]}]}`,
		"member of by":        `- {alert: A, event: BLOCK_IO_ERROR, by: [device, node_name]}`,
		"one member of by":    `- {alert: A, event: BLOCK_IO_ERROR, by: node}`,
		"object in by":        `- {alert: A, event: VNC_CONNECTED, by: client}`,
		"map to no member":    `- {alert: A, event: BLOCK_JOB_ERROR, by: device, resolve: {event: JOB_STATUS_CHANGE, by: {device: job}}}`,
		"data":                `- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: BLOCK_IO_ERROR, data: {node_name: a}}], expect: [{at: 0, firing: []}]}]}`,
		"enum in data":        `- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: BLOCK_IO_ERROR, data: {action: halt}}], expect: [{at: 0, firing: []}]}]}`,
		"type in data":        `- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: BLOCK_IO_ERROR, data: {nospace: 1}}], expect: [{at: 0, firing: []}]}]}`,
		"nested data":         `- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: VNC_CONNECTED, data: {client: {hosst: a}}}], expect: [{at: 0, firing: []}]}]}`,
		"data without any":    `- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: STOP, data: {a: 1}}], expect: [{at: 0, firing: []}]}]}`,
		"raw and event":       `- {alert: A, event: STOP, tests: [{name: t, input: [{at: 0, event: STOP, raw: '{}'}], expect: [{at: 0, firing: []}]}]}`,
		"expects nothing":     `- {alert: A, event: STOP, tests: [{name: t, input: [], expect: [{at: 0}]}]}`,
		"no expect":           `- {alert: A, event: STOP, tests: [{name: t, input: []}]}`,
		"duration":            `- {alert: A, event: STOP, for: 5 minutes}`,
		"duration of number":  `- {alert: A, event: STOP, for: 5}`,
		"scope":               `- {alert: A, event: STOP, scope: vms}`,
		"count of 0":          `- {alert: A, event: STOP, count: 0, within: 5m}`,
		"count as text":       `- {alert: A, event: STOP, count: '3', within: 5m}`,
		"no window":           `- {alert: A, event: STOP, count: 3}`,
		"two forms":           `- {alert: A, event: STOP, count: 3, within: 5m, having: count > 3}`,
		"event and sequence":  `- {alert: A, event: STOP, sequence: [STOP, RESUME], within: 5m}`,
		"neither event":       `- {alert: A, for: 5m}`,
		"alert and record":    `- {alert: A, record: B, event: STOP}`,
		"no name":             `- {event: STOP}`,
		"record in lower":     `- {record: my_event, event: STOP}`,
		"query that changes":  `- {alert: A, event: STOP, confirm: {query: system_reset, expr: 'true'}}`,
		"mode":                `- {alert: A, event: STOP, mode: shaddow}`,
		"expiry":              `- {alert: A, event: STOP, exceptions: [{name: n, expr: 'true', expires: next year}]}`,
		"exception's reason":  `- {alert: A, event: STOP, exceptions: [{expr: 'true'}]}`,
		"labels as a list":    `- {alert: A, event: STOP, labels: [a]}`,
		"label of an object":  `- {alert: A, event: STOP, labels: {a: {b: c}}}`,
		"unknown attachment":  `- {alert: A, event: STOP, attach: query-everything}`,
		"keep on exit":        `- {alert: A, event: STOP, on_vm_exit: true}`,
		"an alert as a list":  `- {alert: [A], event: STOP}`,
		"known member, other": `- {alert: A, event: QUORUM_REPORT_BAD, by: device}`,
	} {
		src := group(rule)
		if err := s.Validate(parse(t, src)); err == nil {
			t.Errorf("%s is taken: %s", name, rule)
		}
		// What the schema refuses, the loader refuses.
		if _, found := rules.Load([]rules.File{{Name: "a.yml", Src: []byte(src)}}, rules.Options{}); !found.HasErrors() {
			t.Errorf("%s: only the schema complains: %s", name, rule)
		}
	}
}

// open are the mappings with keys of the user's choice.
var open = map[string]bool{
	"labels": true, "annotations": true, "lists": true, "macros": true,
	"firing": true, "pending": true, "resolved": true, "by": true,
}

// TestRefusesMutants spells each key and each event of all good rules wrongly,
// one at a time.
func TestRefusesMutants(t *testing.T) {
	s := compile(t)
	n := 0
	for _, name := range good(t) {
		for _, doc := range alone(parse(t, read(t, name))) {
			m := &mutator{check: func(what string) {
				n++
				if s.Validate(doc) == nil {
					t.Errorf("%s: %s is taken", name, what)
				}
			}}
			m.mutate(doc, "")
			if err := s.Validate(doc); err != nil {
				t.Fatalf("%s was not put back: %v", name, err)
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d mutants", n)
	}
}

// alone makes a document of each rule, so that a mutant is checked quickly. The
// input of its tests is cut to two events.
func alone(root any) []map[string]any {
	var docs []map[string]any
	groups, _ := root.(map[string]any)["groups"].([]any)
	for _, group := range groups {
		list, _ := group.(map[string]any)["rules"].([]any)
		for _, rule := range list {
			rule := rule.(map[string]any)
			tests, _ := rule["tests"].([]any)
			for _, test := range tests {
				test := test.(map[string]any)
				if input, _ := test["input"].([]any); len(input) > 2 {
					test["input"] = input[:2]
				}
			}
			if len(tests) > 1 {
				rule["tests"] = tests[:1]
			}
			record := map[string]any{"record": "SOME_RECORD", "event": "STOP"} // lets records be named
			docs = append(docs, map[string]any{"groups": []any{map[string]any{"name": "g", "rules": []any{rule, record}}}})
		}
	}
	return docs
}

type mutator struct{ check func(what string) }

func (m *mutator) mutate(v any, under string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			m.mutate(item, under)
		}
	case map[string]any:
		if open[under] || v["record"] == "SOME_RECORD" {
			return
		}
		if event, _ := v["event"].(string); event != "" && qmp.Lookup(event) == nil {
			delete(v, "data") // of an event that the table does not have
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			value := v[key]
			delete(v, key)
			v[key+"x"] = value
			m.check(under + "." + key + "x")
			delete(v, key+"x")
			v[key] = value
			if event, ok := value.(string); ok && key == "event" && qmp.Lookup(event) != nil {
				v[key] = strings.ToLower(event)
				m.check("event " + strings.ToLower(event))
				v[key] = event
			}
			m.mutate(value, key)
		}
	}
}

// TestKnowsEveryEvent: each event of the table has its data, and those with
// members that make a key have these.
func TestKnowsEveryEvent(t *testing.T) {
	s := compile(t)
	for _, d := range qmp.Defs() {
		rule := "- {alert: A, event: " + d.Name + "}"
		for _, m := range d.Slots {
			if m.JSON != qmp.JSONObject && m.JSON != qmp.JSONAny {
				rule = "- {alert: A, event: " + d.Name + ", by: " + m.Path + "}"
				if err := s.Validate(parse(t, group(rule))); err != nil {
					t.Errorf("%s: %v", rule, err)
				}
			}
		}
		if err := s.Validate(parse(t, group(rule))); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
	}
}

// TestHasTheKeysOfTheLoader compares the keys of each mapping with those that
// the loader lists when it sees one that nobody knows.
func TestHasTheKeysOfTheLoader(t *testing.T) {
	var doc struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(schema.Rules(), &doc); err != nil {
		t.Fatal(err)
	}
	const unknown = "xyzxyzxyzxyzxyzxyz: 1"
	for def, src := range map[string]string{
		"group":          "groups: [{name: g, rules: [], " + unknown + "}]",
		"rule":           group("- {alert: A, event: STOP, " + unknown + "}"),
		"pattern_object": group("- {alert: A, event: STOP, resolve: {event: RESUME, " + unknown + "}}"),
		"exception":      group("- {alert: A, event: STOP, exceptions: [{name: n, expr: 'true', " + unknown + "}]}"),
		"confirm":        group("- {alert: A, event: STOP, confirm: {query: query-status, expr: 'true', " + unknown + "}}"),
		"test":           group("- {alert: A, event: STOP, tests: [{name: n, input: [], expect: [{at: 0, firing: []}], " + unknown + "}]}"),
		"input":          group("- {alert: A, event: STOP, tests: [{name: n, input: [{at: 0, event: STOP, " + unknown + "}], expect: [{at: 0, firing: []}]}]}"),
		"expectation":    group("- {alert: A, event: STOP, tests: [{name: n, input: [], expect: [{at: 0, firing: [], " + unknown + "}]}]}"),
	} {
		_, found := rules.Load([]rules.File{{Name: "a.yml", Src: []byte(src)}}, rules.Options{})
		_, keys, ok := strings.Cut(found.Err().Error(), " has the keys ")
		keys, _, _ = strings.Cut(keys, ")")
		if !ok {
			t.Fatalf("%s: %v", def, found)
		}
		known := strings.Split(keys, ", ")
		for _, key := range known {
			if doc.Defs[def].Properties[key] == nil {
				t.Errorf("%s lacks %s", def, key)
			}
		}
		if len(known) != len(doc.Defs[def].Properties) {
			t.Errorf("%s has %d keys, the loader %d: %v", def, len(doc.Defs[def].Properties), len(known), known)
		}
	}
}
