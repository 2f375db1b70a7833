package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/rules"
)

// base is the time that tests count from, in microseconds.
const base = 1_800_000_000_000_000

func load(t testing.TB, yaml string) *rules.Set {
	t.Helper()
	set, findings := rules.Load([]rules.File{{Name: "test.yml", Src: []byte(yaml)}}, rules.Options{})
	if set == nil {
		t.Fatalf("rules do not load: %v", findings)
	}
	return set
}

// rule wraps the keys of one rule into a file.
func rule(t testing.TB, keys ...string) *rules.Set {
	t.Helper()
	return load(t, "groups:\n- name: g\n  rules:\n  - "+strings.Join(keys, "\n    ")+"\n")
}

// ev makes an event of a VM at a time after base; data is JSON or "".
func ev(t testing.TB, at time.Duration, vm, name, data string) *event.Event {
	t.Helper()
	us := base + at.Microseconds()
	line := fmt.Sprintf(`{"timestamp":{"seconds":%d,"microseconds":%d},"event":%q`, us/1e6, us%1e6, name)
	if data != "" {
		line += `,"data":` + data
	}
	line += fmt.Sprintf(`,"host":"h","vm":%q}`, vm)
	e, err := event.Parse([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// received says when an event arrived.
func received(e *event.Event, at time.Duration) *event.Event {
	e.Received = base + at.Microseconds()
	return e
}

// brief prints a change as "1m0s firing Name vm=a count=3 reason".
func brief(c alert.Change) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", time.Duration(c.At-base)*time.Microsecond, c.Status, c.Name)
	for _, l := range c.Labels {
		if l.Name != "alertname" && l.Name != "severity" && l.Name != "host" {
			fmt.Fprintf(&b, " %s=%s", l.Name, l.Value)
		}
	}
	fmt.Fprintf(&b, " count=%d %s", c.Count, c.Reason)
	return b.String()
}

func briefs(cs []alert.Change) string {
	var out []string
	for _, c := range cs {
		out = append(out, brief(c))
	}
	return strings.Join(out, "\n")
}

func want(t *testing.T, got []alert.Change, lines ...string) {
	t.Helper()
	if g, w := briefs(got), strings.Join(lines, "\n"); g != w {
		t.Errorf("changes:\n%s\nwant:\n%s", indent(g), indent(w))
	}
}

func indent(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n\t") }
