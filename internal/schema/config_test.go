package schema_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/schema"
)

func compileConfig(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Config()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goodConfigs lists the configurations that must be taken.
func goodConfigs(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, glob := range []string{"../../examples/qmpalert.yml", "../config/testdata/good/*.yml"} {
		names, err := filepath.Glob(glob)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", glob, err)
		}
		all = append(all, names...)
	}
	return all
}

// loads says that the daemon takes a configuration.
func loads(src string) bool {
	c, _ := config.Load("qmpalert.yml", []byte(src), func(string) (string, bool) { return "x", true })
	return c != nil
}

// TestConfigCurrent compares the file that editors read with what the program
// says.
func TestConfigCurrent(t *testing.T) {
	if read(t, "../../docs/config.schema.json") != string(schema.Config()) {
		t.Error("docs/config.schema.json is old: qmpalert schema config > docs/config.schema.json")
	}
}

func TestConfigTakesWhatCheckTakes(t *testing.T) {
	s := compileConfig(t)
	for _, name := range goodConfigs(t) {
		if err := s.Validate(parse(t, read(t, name))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, src := range map[string]string{
		"nothing":            ``,
		"variables":          `{web: {listen: '${ADDRESS}'}, storage: {retention: '${KEEP}', max_size: '${MAX}', sync: '${SYNC}'}}`,
		"one of each":        `{route: {group_by: host, routes: [{matchers: a=b, mute_time_intervals: x, receiver: 5}]}, rule_files: a.yml}`,
		"no rule files":      `{rule_files: [], sources: []}`,
		"each alert alone":   `{route: {group_by: ['...']}}`,
		"all alerts at once": `{route: {group_by: []}}`,
	} {
		if err := s.Validate(parse(t, src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigRefusesWhatCheckRefuses(t *testing.T) {
	s := compileConfig(t)
	receiver := func(what string) string { return `receivers: [{name: a, ` + what + `}]` }
	below := func(route string) string { return `route: {routes: [` + route + `]}` }
	for name, src := range map[string]string{
		"a list":                   `[]`,
		"host of two words":        `host: a b`,
		"address without a scheme": `external_url: example.org`,
		"source of two kinds":      `sources: [{qmp: a, file: b}]`,
		"source of no kind":        `sources: [{vm_name: b}]`,
		"listen without a port":    `web: {listen: localhost}`,
		"size":                     `storage: {max_size: 2G}`,
		"retention":                `storage: {retention: 30 days}`,
		"heartbeat without url":    `heartbeat: {interval: 1m}`,
		"two heartbeats":           `heartbeat: {url: 'https://a', url_file: b}`,
		"matchers at the top":      `route: {matchers: ['a="b"']}`,
		"old matchers":             below(`{match: {a: b}}`),
		"empty matchers":           below(`{matchers: []}`),
		"matchers as a mapping":    below(`{matchers: {a: b}}`),
		"name of a label":          below(`{group_by: [node-name]}`),
		"more than all labels":     below(`{group_by: ['...', host]}`),
		"escalate to nobody":       below(`{escalate: {after: 5m}}`),
		"escalate to whom":         below(`{escalate: managers}`),
		"continue":                 below(`{continue: 'yes'}`),
		"inhibit what":             `inhibit_rules: [{source_matchers: ['a="b"']}]`,
		"interval without a name":  `time_intervals: [{time_intervals: [{years: 2026}]}]`,
		"interval of nothing":      `time_intervals: [{name: a, time_intervals: [{}]}]`,
		"no interval":              `time_intervals: [{name: a, time_intervals: []}]`,
		"half a day":               `time_intervals: [{name: a, time_intervals: [{times: [{start_time: '9:00'}]}]}]`,
		"receiver without a name":  `receivers: [{slack_configs: []}]`,
		"token without a channel":  receiver(`slack_configs: [{token_file: x}]`),
		"neither token nor hook":   receiver(`slack_configs: [{channel: x}]`),
		"both token and hook":      receiver(`slack_configs: [{channel: x, token_file: x, webhook_url_file: y}]`),
		"token twice":              receiver(`slack_configs: [{channel: x, token_file: x, token: y}]`),
		"mail to nobody":           receiver(`email_configs: [{smarthost: 'a:25'}]`),
		"mail by nobody":           receiver(`email_configs: [{to: a@example.org}]`),
		"half a certificate":       receiver(`email_configs: [{to: a@example.org, smarthost: 'a:25', tls_config: {cert_file: x}}]`),
		"webhook to nowhere":       receiver(`webhook_configs: [{max_alerts: 1}]`),
		"a text as a body":         receiver(`webhook_configs: [{url_file: x, body: hello}]`),
		"fewer than no alerts":     receiver(`webhook_configs: [{url_file: x, max_alerts: -1}]`),
		"name of a header":         receiver(`webhook_configs: [{url_file: x, headers: {'a b': c}}]`),
		"value of a header":        receiver(`webhook_configs: [{url_file: x, headers: {a: [c]}}]`),
		"password without a user":  receiver(`webhook_configs: [{url_file: x, http_config: {basic_auth: {password: x}}}]`),
		"no credentials":           receiver(`alertmanager_configs: [{url_file: x, http_config: {authorization: {}}}]`),
		"alertmanager nowhere":     receiver(`alertmanager_configs: [{}]`),
		"nothing to run":           receiver(`exec_configs: [{timeout: 1m}]`),
		"an empty command":         receiver(`exec_configs: [{command: []}]`),
	} {
		if err := s.Validate(parse(t, src)); err == nil {
			t.Errorf("%s is taken: %s", name, src)
		}
		if loads(src) {
			t.Errorf("%s: only the schema complains: %s", name, src)
		}
	}
}

// TestConfigRefusesMutants spells each key of all good configurations wrongly,
// and puts a mapping in the place of each value, one at a time. What the schema
// then refuses the loader must refuse, too.
func TestConfigRefusesMutants(t *testing.T) {
	s := compileConfig(t)
	n := 0
	for _, name := range goodConfigs(t) {
		doc := parse(t, read(t, name))
		mutants(doc, func(what string, mustFail bool) {
			n++
			err := s.Validate(doc)
			if err == nil && mustFail {
				t.Errorf("%s: %s is taken", name, what)
			}
			text, jsonErr := json.Marshal(doc)
			if jsonErr != nil {
				t.Fatal(jsonErr)
			}
			if err != nil && loads(string(text)) {
				t.Errorf("%s: only the schema complains about %s: %v", name, what, err)
			}
		})
		if err := s.Validate(doc); err != nil {
			t.Fatalf("%s was not put back: %v", name, err)
		}
	}
	if n < 500 {
		t.Errorf("only %d mutants", n)
	}
}

func mutants(v any, check func(what string, mustFail bool)) {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			v[i] = map[string]any{"mutant": "x"}
			check("a mapping in a list", true)
			v[i] = item
			mutants(item, check)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			value := v[key]
			delete(v, key)
			check("without "+key, false)
			v[key+"x"] = value
			check(key+"x", true)
			delete(v, key+"x")
			v[key] = map[string]any{"mutant": map[string]any{}}
			check("a mapping as "+key, key != "body")
			v[key] = value
			if key != "body" && key != "headers" { // whose keys are the user's
				mutants(value, check)
			}
		}
	}
}

// TestConfigHasTheKeysOfTheLoader compares the keys of each mapping with those
// that the loader lists when it sees one that nobody knows.
func TestConfigHasTheKeysOfTheLoader(t *testing.T) {
	var doc struct {
		Defs map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(schema.Config(), &doc); err != nil {
		t.Fatal(err)
	}
	const unknown = "xyzxyzxyzxyzxyzxyz: 1"
	receiver := func(what string) string { return "receivers: [{name: a, " + what + ": [{" + unknown + "}]}]" }
	for def, src := range map[string]string{
		"":              unknown,
		"source":        "sources: [{qmp: a, " + unknown + "}]",
		"web":           "web: {" + unknown + "}",
		"storage":       "storage: {" + unknown + "}",
		"heartbeat":     "heartbeat: {" + unknown + "}",
		"route":         "route: {routes: [{" + unknown + "}]}",
		"escalation":    "route: {escalate: {" + unknown + "}}",
		"inhibit_rule":  "inhibit_rules: [{" + unknown + "}]",
		"time_interval": "time_intervals: [{" + unknown + "}]",
		"interval":      "time_intervals: [{name: a, time_intervals: [{" + unknown + "}]}]",
		"time_range":    "time_intervals: [{name: a, time_intervals: [{times: [{" + unknown + "}]}]}]",
		"receiver":      "receivers: [{name: a, " + unknown + "}]",
		"slack":         receiver("slack_configs"),
		"email":         receiver("email_configs"),
		"webhook":       receiver("webhook_configs"),
		"alertmanager":  receiver("alertmanager_configs"),
		"exec":          receiver("exec_configs"),
		"http_config":   "receivers: [{name: a, webhook_configs: [{url_file: x, http_config: {" + unknown + "}}]}]",
		"tls_config":    "receivers: [{name: a, email_configs: [{to: a@b, smarthost: 'a:1', tls_config: {" + unknown + "}}]}]",
	} {
		properties := doc.Defs[def].Properties
		if def == "" {
			properties = doc.Properties
		}
		_, found := config.Load("qmpalert.yml", []byte(src), func(string) (string, bool) { return "", false })
		var known []string
		for _, f := range found {
			if _, keys, ok := strings.Cut(f.Hint, " has the keys "); ok {
				known = strings.Split(keys, ", ")
			}
		}
		if len(known) == 0 {
			t.Fatalf("%s: %v", def, found)
		}
		for _, key := range known {
			if properties[key] == nil {
				t.Errorf("%s lacks %s", def, key)
			}
		}
		if len(known) != len(properties) {
			t.Errorf("%s has %d keys, the loader %d: %v", def, len(properties), len(known), known)
		}
	}
}
