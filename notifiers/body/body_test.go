package body

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// read returns the body of the only webhook of a configuration, which begins at
// the fourth line of the file.
func read(t *testing.T, yaml string) *config.Value {
	t.Helper()
	src := "receivers:\n  - name: r\n    webhook_configs:\n      - url: https://example.org/\n        body:\n          " +
		strings.ReplaceAll(strings.TrimSpace(yaml), "\n", "\n          ") + "\n"
	cfg, found := config.Load("qmpalert.yml", []byte(src), func(string) (string, bool) { return "", false })
	if cfg == nil {
		t.Fatalf("%v", found)
	}
	return cfg.Receivers[0].Webhook[0].Body
}

func compile(t *testing.T, yaml string) *Body {
	t.Helper()
	var found diag.List
	b := Compile(read(t, yaml), &found)
	if b == nil {
		t.Fatalf("%v", found)
	}
	return b
}

func encode(t *testing.T, b *Body, n notifiers.Notification) string {
	t.Helper()
	raw, _, err := b.Encode(&n, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(raw) {
		t.Fatalf("no JSON: %s", raw)
	}
	return string(raw)
}

// group is two alerts of different VMs.
func group() notifiers.Notification {
	n := notifiertest.Firing()
	other := n.Alerts[0]
	other.Labels = append(alert.Labels(nil), other.Labels...)
	for i := range other.Labels {
		switch other.Labels[i].Name {
		case "vm":
			other.Labels[i].Value = "db2"
		case "severity":
			other.Labels[i].Value = "warning"
		}
	}
	other.Count = 3
	n.Alerts = append([]alert.Change{other}, n.Alerts...)
	n.CommonLabels = nil
	for _, l := range n.Alerts[0].Labels {
		if l.Name != "vm" && l.Name != "severity" {
			n.CommonLabels = append(n.CommonLabels, l)
		}
	}
	return n
}

func TestValuesKeepTheirType(t *testing.T) {
	tests := map[string]string{
		`{a: 1, b: -1.5e3, c: true, d: null, e: text, f: "1", g: [], h: {}}`:               `{"a":1,"b":-1.5e3,"c":true,"d":null,"e":"text","f":"1","g":[],"h":{}}`,
		`{big: 123456789012345678901234567890}`:                                            `{"big":123456789012345678901234567890}`,
		`{"$schema": x, b: 1, a: 2}`:                                                       `{"$schema":"x","b":1,"a":2}`,
		`["{{ count }}", "{{count}}", "{{ count }} ", " {{ count }}"]`:                     `[14,14,"14 "," 14"]`,
		`["{{ test }}", "{{ silence }}", "{{ labels.nothing }}", "{{ labels.nothing }}!"]`: `[false,null,null,"!"]`,
		`["{{ [1, title] }}"]`:                                                             `[[1, "FIRING:critical QuorumChildFailing"]]`,
		`["{{ labels.vm }} on {{ host }}, {{ vm.name }}"]`:                                 `["db1 on kvm07, db1"]`,
		`["{{ map(alerts, ({\"name\": .title, \"n\": .count})) }}"]`:                       `[[{"name": "FIRING:critical QuorumChildFailing", "n": 14}]]`,
		`["{{ starts_at }}", "{{ ends_at }}", "{{ starts_at.Unix() }}"]`:                   `["2026-03-14T14:02:03.123456Z",null,1773496923]`,
		`["{{ duration }}", "{{ human_duration(duration) }}"]`:                             `[420,"7m"]`,
		`['{{ status == "resolved" ? "resolve" : "trigger" }}']`:                           `["trigger"]`,
		`["{{ \"{{\" }} }}"]`:                                                              `["{{ }}"]`,
		`["{{ severity ?? 'x' }}", "{{ escalated ?? 'x' }}"]`:                              `["critical","x"]`,
		`["{{ time }}", "{{ kind }}", "{{ receiver }}", "{{ id }}"]`:                       `["2026-03-14T14:09:03.123456Z","firing","ops","4f0c5e82ffcf4dbf-firing"]`,
	}
	for yaml, want := range tests {
		if got := encode(t, compile(t, yaml), notifiertest.Firing()); got != want {
			t.Errorf("%s is\n%s, want\n%s", yaml, got, want)
		}
	}
}

// TestNothingIsKnown: what a notification does not say is null, not a default.
func TestNothingIsKnown(t *testing.T) {
	b := compile(t, `["{{ time }}", "{{ starts_at }}", "{{ duration }}", "{{ host }}", "{{ vm.name }}", "{{ severity }}", "{{ alertname }}", "{{ alerts[5].title }}", "{{ alerts[0].ends_at }}"]`)
	if got, want := encode(t, b, notifiertest.Empty()), "[null,null,null,null,null,null,null,null,null]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestGroups(t *testing.T) {
	b := compile(t, `["{{ title }}", "{{ summary }}", "{{ severity }}", "{{ total }}", "{{ count }}", "{{ vm.name }}", "{{ host }}", "{{ join(map(alerts, .vm.name), '+') }}", "{{ alertname }}"]`)
	want := `["FIRING:critical 2 × QuorumChildFailing","db1: quorum child c answered badly 14 times (and 1 more)","critical",2,17,null,"kvm07","db2+db1","QuorumChildFailing"]`
	if got := encode(t, b, group()); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	resolved := compile(t, `["{{ title }}", "{{ firing }}", "{{ resolved }}", "{{ duration }}", "{{ alerts[0].outcome }}", "{{ ends_at }}"]`)
	want = `["RESOLVED QuorumChildFailing",0,1,723,"Resolved after 12m 3s: the condition no longer holds","2026-03-14T14:14:06.123456Z"]`
	if got := encode(t, resolved, notifiertest.Resolved()); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// TestDigestNamesAll: whatever waited is named in the text, however much it was.
func TestDigestNamesAll(t *testing.T) {
	b := compile(t, "{text: '{{ text }}'}")
	for _, waited := range []int{11, maxWaited} {
		n := notifiertest.Firing()
		n.Kind, n.Alerts = notifiers.KindDigest, nil
		for i := range waited {
			n.Digest = append(n.Digest, notifiers.DigestEntry{
				Kind: notifiers.KindFiring, Status: alert.Firing, At: n.At, Alerts: 1,
				Summary: fmt.Sprintf("db%d: %s", i, strings.Repeat("long ", 40)),
			})
		}
		got := encode(t, b, n)
		for i := range waited {
			if !strings.Contains(got, fmt.Sprintf(" db%d: ", i)) {
				t.Errorf("%d waited, db%d is not named: %s", waited, i, got)
			}
		}
		if !strings.Contains(got, n.ExternalURL) {
			t.Errorf("the link was cut off: %s", got)
		}
	}
}

// TestEveryName: the manual's names exist, and none of them breaks the JSON on
// any notification.
func TestEveryName(t *testing.T) {
	whole := notifiertest.Firing()
	c := whole.Alerts[0]
	whole.Kind, whole.Escalated, whole.Test = notifiers.KindEscalation, "managers", true
	whole.Timeline = []notifiers.Moment{{At: c.StartsAt, What: notifiers.Fired, Names: []string{"a"}, More: 1, By: "b", Text: "c"}}
	whole.Acks = []notifiers.Ack{{Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, By: "ann", Comment: "on it", At: c.At}}
	silence := notifiertest.Firing()
	silence.Kind = notifiers.KindSilence
	silence.Silence = &notifiers.Silence{ID: "s1", Matchers: []string{`vm="db1"`}, StartsAt: c.StartsAt, EndsAt: c.At + 600_000_000, CreatedBy: "ann", Comment: "swap"}
	digest := notifiertest.Firing()
	digest.Kind, digest.Alerts = notifiers.KindDigest, nil
	for range 12 {
		digest.Digest = append(digest.Digest, notifiers.DigestEntry{ID: "x", Kind: notifiers.KindFiring, Status: alert.Firing, At: c.At, Summary: "db1 is paused", Alerts: 1, Labels: c.Labels})
	}
	var yaml strings.Builder
	for _, n := range Names() {
		yaml.WriteString(n.Name + ": '{{ " + n.Name + " }}'\n")
	}
	for _, n := range AlertNames() {
		yaml.WriteString("alerts_" + n[0] + ": '{{ alerts[0]." + n[0] + " }}'\n")
	}
	b := compile(t, yaml.String())
	for name, n := range map[string]notifiers.Notification{
		"firing": notifiertest.Firing(), "resolved": notifiertest.Resolved(), "attached": notifiertest.Attached(), "empty": notifiertest.Empty(),
		"whole": whole, "silence": silence, "digest": digest, "group": group(),
		"hostile": notifiertest.Hostile(alert.Firing, strings.Join(notifiertest.Payloads, "\n")),
	} {
		got := encode(t, b, n)
		if strings.ContainsAny(got, "\x1b\x7f\u202e\u200b") {
			t.Errorf("%s: control characters: %q", name, got)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, []byte(got), "", "  "); err != nil {
			t.Fatal(err)
		}
		notifiertest.Golden(t, name+".json", indented.String()+"\n")
		again, err := notifiers.ParseStored(n.AppendStored(nil))
		if err != nil {
			t.Fatal(err)
		}
		if second := encode(t, b, again); second != got {
			t.Errorf("%s: a repeat differs:\n%s\n%s", name, got, second)
		}
	}
	if full := compile(t, "{m: '{{ alerts[0] }}'}"); true {
		var got struct{ M map[string]any }
		if err := json.Unmarshal([]byte(encode(t, full, notifiertest.Firing())), &got); err != nil || len(got.M) != len(AlertNames()) {
			t.Errorf("an alert has %d members, %d are documented: %v", len(got.M), len(AlertNames()), err)
		}
	}
}

func TestFindings(t *testing.T) {
	tests := map[string]string{ // body: finding
		`{text: '{{ sumary }}'}`:                            "qmpalert.yml:6:22: error: `sumary` is not a member of the notification [Q121]; did you mean `summary`?",
		`{text: "{{ zzzzzzzzzz }}"}`:                        "the names are status, kind, title",
		"text: |\n  line\n  {{ status }} and {{ stat us }}": "qmpalert.yml:8:38",
		`{text: '{{ count + title }}'}`:                     "6:28",
		`{text: '{{ count '}`:                               "`{{` has no `}}`",
		`{text: '{{ }}'}`:                                   "no expression",
		`{a: [{b: '{{ nonsense }}'}]}`:                      "6:24: error: `nonsense`",
		`{text: '{{ .CommonLabels.alertname }}'}`:           "write {{ common_labels.alertname }}",
		`{text: '{{ .GroupLabels.vm }}'}`:                   "write {{ group_labels.vm }}",
		`{text: '{{ .CommonAnnotations.summary }}'}`:        "write {{ common_annotations.summary }}",
		`{text: '{{ $labels.vm }}'}`:                        "write {{ labels.vm }}",
		`{text: '{{ .ExternalURL }}'}`:                      "write {{ external_url }}",
		`{text: '{{ .Status }}'}`:                           "write {{ status }}",
		`{text: '{{ range .Alerts }}x{{ end }}'}`:           "there are no blocks",
		`{text: '{{ vm }}'}`:                                "write {{ vm.name }}",
		`{'{{ status }}': x}`:                               "a key is not a text with expressions",
		`{text: '{{ rate }}'}`:                              "aggregates are for rules",
		`{text: '{{ alerts.first }}', more: '{{ x }}'}`:     "6:50: error: `x`",
	}
	for yaml, want := range tests {
		var found diag.List
		if b := Compile(read(t, yaml), &found); b != nil || len(found) == 0 {
			t.Errorf("%s is accepted", yaml)
			continue
		}
		if got := found[0].String() + "; " + found[0].Hint; !strings.Contains(got, want) {
			t.Errorf("%s:\n%s\nwant %s", yaml, got, want)
		}
	}
}

func TestBounds(t *testing.T) {
	var found diag.List
	if b := Compile(read(t, "["+strings.Repeat("1, ", maxNodes)+"1]"), &found); b != nil || len(found) != 1 || found[0].Code != diag.TooLarge {
		t.Errorf("a body of %d values: %v", maxNodes, found)
	}
	b := compile(t, `{a: '{{ alerts }}', b: '{{ alerts }}', total: '{{ total }}'}`)
	got := encode(t, b, notifiertest.Big(12))
	var m struct {
		A, B  []any
		Total int
	}
	if err := json.Unmarshal([]byte(got), &m); err != nil {
		t.Fatal(err)
	}
	if len(got) > MaxSize || len(m.A) == 0 || len(m.A) != len(m.B) || m.Total != 12 {
		t.Errorf("%d bytes, %d and %d alerts of %d", len(got), len(m.A), len(m.B), m.Total)
	}
	n := notifiertest.Big(5)
	n.Timeline = make([]notifiers.Moment, 7)
	if raw, _, err := compile(t, `["{{ len(alerts) }}", "{{ len(timeline) }}"]`).Encode(&n, 2); err != nil || string(raw) != "[2,7]" {
		t.Errorf("two alerts of five: %s, %v", raw, err)
	}
	huge := compile(t, "["+strings.Repeat(`'{{ join(map(1..1000, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), "") }}', `, 40)+"1]")
	if _, _, err := huge.Encode(&n, 0); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a body that is too large however short its lists: %v", err)
	}
}

func TestKeyed(t *testing.T) {
	for yaml, want := range map[string]bool{
		"{key: '{{ group_id }}'}": true, "[{a: ['{{ group_key }}']}]": true, "['{{ map(alerts, .fingerprint) }}']": true,
		"{group_id: x}": false, "['{{ text }}']": false,
	} {
		if got := compile(t, yaml).Keyed(); got != want {
			t.Errorf("%s: %t", yaml, got)
		}
	}
}

func TestSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := compile(t, "routing_key: {secret_file: "+path+"}\nother: abcdefghijklmnopqrstuvwxyz123456\n")
	n := notifiertest.Firing()
	raw, secrets, err := b.Encode(&n, 0)
	if err != nil || string(raw) != `{"routing_key":"hunter2","other":"abcdefghijklmnopqrstuvwxyz123456"}` {
		t.Errorf("%s, %v", raw, err)
	}
	if got := strings.Join(secrets, " "); got != "abcdefghijklmnopqrstuvwxyz123456 hunter2" {
		t.Errorf("secrets %q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, secrets, err = b.Encode(&n, 0); err == nil || errors.Is(err, ErrTooLarge) || len(secrets) != 1 {
		t.Errorf("without the file: %v, secrets %q", err, secrets)
	}
}

func FuzzBody(f *testing.F) {
	for _, s := range []string{"{{ text }}", `{{ map(alerts, .labels) }}`, `{{ labels["x"] }} "}`, "{{ {\"a\": nil} }}"} {
		f.Add(s, "x\u202e\x00\"")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		var found diag.List
		b := Compile(&config.Value{Kind: config.ListValue, Items: []config.Value{{Kind: config.TextValue, Text: text}}}, &found)
		if (b == nil) != found.HasErrors() {
			t.Fatalf("%v", found)
		}
		if b == nil {
			return
		}
		n := notifiertest.Hostile(alert.Firing, value)
		if raw, _, err := b.Encode(&n, 0); err != nil || !json.Valid(raw) || bytes.ContainsAny(raw, "\x1b\x7f\u202e") {
			t.Fatalf("%q gives %q, %v", text, raw, err)
		}
	})
}
