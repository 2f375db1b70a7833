package engine_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
)

// Windows of having and all_of hold 10,000 matches; the oldest goes for the one
// that is too many, and everybody can know.
func TestBoundOfAWindow(t *testing.T) {
	for _, c := range []struct{ name, rule, last string }{
		{"having", "event: STOP, within: 1d, having: 'count >= 10000 and first(vm.name) != nil'", "STOP"},
		{"all_of", "all_of: [STOP, RESET], within: 1d", "RESET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := engine.New(load(t, `groups: [{name: g, rules: [{alert: Full, `+c.rule+`}, {alert: Gap, event: QMPALERT_GAP, expr: 'reason == "bound"'}]}]`), engine.Options{})
			var changes []alert.Change
			for i := range 10_001 {
				changes = append(changes, m.Step(ev(t, time.Duration(i)*time.Millisecond, "a", "STOP", "")).Changes...)
			}
			d := m.Step(ev(t, 11*time.Second, "a", c.last, ""))
			got := map[string]alert.Change{}
			for _, c := range append(changes, d.Changes...) {
				got[c.Name] = c
			}
			full, gap := got["Full"], got["Gap"]
			if gap.Status != alert.Firing || gap.At != base+10e6 {
				t.Errorf("the gap was not said: %s", brief(gap))
			}
			if full.Status != alert.Firing || len(full.Evidence.Events) != 10 {
				t.Fatalf("the alert does not fire: %s", brief(full))
			}
			// The one of having fires with the last that fits, before the first goes.
			if first := full.Evidence.Events[0].Time; c.name == "all_of" && first != base+2e3 {
				t.Errorf("the oldest match in the evidence is that of %dµs", first-base)
			}
			if bounded := full.Evidence.Bounded; c.name == "all_of" && bounded != 2 {
				t.Errorf("the evidence says that %d matches were forgotten, want 2", bounded)
			}
		})
	}
}

// A bound that gaps reach makes no more gaps, not even by way of records.
func TestGapsDoNotMakeGaps(t *testing.T) {
	m := engine.New(load(t, `
groups:
- name: g
  rules:
  - {alert: Keys, event: DEVICE_DELETED, by: [path], resolve: RESUME}
  - {record: LOST, event: QMPALERT_GAP}
  - {alert: Lost, event: LOST, within: 1d, having: count > 1}
`), engine.Options{})
	for i := range 20_010 {
		d := m.Step(ev(t, time.Duration(i)*time.Millisecond, "a", "DEVICE_DELETED", fmt.Sprintf(`{"path":"/p%d"}`, i)))
		for _, c := range d.Changes {
			if c.Name == "Lost" && c.Count > 2 {
				t.Fatal(brief(c))
			}
		}
	}
	var last alert.Change
	for _, c := range m.Step(ev(t, time.Hour, "a", "RESUME", "")).Changes {
		last = c
	}
	if last.Name != "Keys" || last.Status != alert.Resolved {
		t.Errorf("got %s", brief(last))
	}
	for _, c := range m.Finish(-1).Changes {
		if c.Name == "Lost" && c.Count != 10_010 {
			t.Errorf("%d gaps, want one for each key that went", c.Count)
		}
	}
}

// What a window keeps of an event is bounded, however much QEMU sent.
func TestKeptEventsAreCut(t *testing.T) {
	m := engine.New(rule(t, "alert: A", "event: __com.example_BIG", "count: 300", "within: 1h",
		`annotations: {text: '{{ len(data["text"]) }} {{ len(data["list"]) }} {{ data["small"] }}'}`), engine.Options{})
	big := `{"text":"` + strings.Repeat("x", 400<<10) + `","list":[` + strings.Repeat("1,", 5000) + `1],"small":7}`
	heap := func() uint64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	before := heap()
	var changes []alert.Change
	for i := range 300 {
		e, err := event.Parse([]byte(`{"event":"__com.example_BIG","host":"h","vm":"a","data":` + big + `}`))
		if err != nil {
			t.Fatal(err)
		}
		e.Time = base + int64(i)
		changes = append(changes, m.Step(e).Changes...)
	}
	if used := int64(heap() - before); used > 300*32<<10 {
		t.Errorf("300 events of 400 KiB hold %d KiB", used>>10)
	}
	if len(changes) != 1 {
		t.Fatalf("changes: %s", briefs(changes))
	}
	if text := changes[0].Annotations.Get("text"); text != "4097 1000 7" {
		t.Errorf("the rule sees %q", text)
	}
	if n := len(changes[0].Evidence.Events[0].Raw); n > 8<<10 {
		t.Errorf("the evidence has %d bytes of data", n)
	}
	runtime.KeepAlive(m)
}

// Members of known events stay the same when the event is cut.
func TestCutEventsKeepTheirMembers(t *testing.T) {
	set := rule(t, "alert: A", "event: BLOCK_JOB_ERROR", "lateness: 2s", "by: [device]",
		"annotations: {text: '{{ operation }} {{ len(device) }}'}")
	m := engine.New(set, engine.Options{})
	name := strings.Repeat("ü", 6000)
	m.Step(ev(t, 0, "a", "BLOCK_JOB_ERROR", `{"device":"`+name+`","operation":"read","action":"stop"}`))
	d := m.Finish(-1)
	if len(d.Changes) == 0 {
		t.Fatal("no alert")
	}
	c := d.Changes[0]
	if text := c.Annotations.Get("text"); text != "read 2049" {
		t.Errorf("the rule sees %q", text)
	}
	if e := c.Evidence.Events[0]; !strings.HasSuffix(c.Labels.Get("device"), "…") || e.Host != "h" || e.VM.Name != "a" || e.Time != base {
		t.Errorf("evidence %+v", e)
	}
}
