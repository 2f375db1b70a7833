package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// TestEventsExplainsEach asks for every event by name and expects every member
// with type and version, and the throttling, in the answer.
func TestEventsExplainsEach(t *testing.T) {
	for _, d := range qmp.Defs() {
		stdout, stderr, code := qmpalert(t, t.Context(), "events", strings.ToLower(d.Name))
		if code != exitOK || stderr != "" {
			t.Fatalf("%s: exit code %d: %s", d.Name, code, stderr)
		}
		text := strings.Join(strings.Fields(stdout), " ") // as one line, however it was wrapped
		want := []string{d.Name + " " + d.Category, d.Summary, "since"}
		for _, m := range d.Slots {
			want = append(want, m.Name+" "+strings.Join(strings.Fields(strings.Join(memberFacts(m), ", ")), " "))
			if m.Enum != nil {
				for _, v := range m.Enum.Values {
					want = append(want, v.Value)
				}
			}
		}
		if d.Throttle != nil {
			want = append(want, "at most one a second per ", strings.Join(d.Throttle.Key, ", "))
		} else {
			want = append(want, "at most as often as it happens")
		}
		for _, q := range d.Quirks {
			want = append(want, strings.Join(strings.Fields(q), " "))
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", d.Name, w, stdout)
			}
		}
	}
}

// TestEventsJSON: one object for each, with everything that the text has.
func TestEventsJSON(t *testing.T) {
	stdout, _, _ := qmpalert(t, t.Context(), "events", "-o", "json")
	dec := json.NewDecoder(strings.NewReader(stdout))
	for _, d := range qmp.Defs() {
		var e eventJSON
		if err := dec.Decode(&e); err != nil {
			t.Fatal(err)
		}
		if e.Name != d.Name || e.Since != d.Since || e.Own != d.Own || len(e.Members) != len(d.Members) || (e.Throttle == nil) != (d.Throttle == nil) {
			t.Errorf("%+v is not %s", e, d.Name)
		}
	}
	if dec.More() {
		t.Error("more objects than events")
	}
}

// TestExampleRules: the rule that is shown with an event is a good one.
func TestExampleRules(t *testing.T) {
	for _, d := range qmp.Defs() {
		src := []byte(exampleRule(d))
		_, findings := rules.Load([]rules.File{{Name: d.Name, Src: src}}, rules.Options{})
		if findings.HasErrors() {
			var b bytes.Buffer
			if err := diag.Text(&b, findings, diag.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s: the example\n%s\nhas errors:\n%s", d.Name, src, b.String())
		}
	}
}
