package core

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/rules"
)

// library is what Swap entries name.
var library = map[string]string{
	"one": `
groups:
  - name: g
    rules:
      - {alert: Paused, event: STOP, resolve: RESUME, inhibits: [Worn]}
      - {alert: Stuck, event: STOP, for: 5s, resolve: RESUME, labels: {severity: critical}}
      - {alert: Worn, event: BLOCK_JOB_ERROR, by: [device], count: 2, within: 20s}
      - {alert: Silent, event: BLOCK_JOB_ERROR, absent_for: 30s}
      - {alert: Sure, event: RESUME, confirm: {query: query-status, expr: 'status == "running"'}, keep_firing_for: 10s}
`,
	"two": `
groups:
  - name: g
    rules:
      - {alert: Paused, event: STOP, resolve: RESUME, inhibits: [Pair]}
      - {alert: Stuck, event: STOP, for: 7s, resolve: RESUME, labels: {severity: critical}}
      - {record: WORN_OUT, event: BLOCK_JOB_ERROR, by: [device], count: 2, within: 20s}
      - {alert: Pair, scope: host, sequence: [STOP, WORN_OUT], within: 30s, receiver: boss}
      - {alert: Many, scope: host, event: [STOP, BLOCK_JOB_ERROR], having: 'distinct(vm.name) == 2', within: 20s}
`,
}

var loaded = map[string]*rules.Set{}

func load(t fatal, id string) *rules.Set {
	if set := loaded[id]; set != nil {
		return set
	}
	set, found := rules.Load([]rules.File{{Name: id + ".yml", Src: []byte(library[id])}}, rules.Options{Receivers: []string{"ops", "boss"}})
	if found.HasErrors() {
		t.Fatal(found.Err())
	}
	loaded[id] = set
	return set
}

type fatal interface{ Fatal(args ...any) }

var routes = []dispatch.Config{
	{
		Route:     dispatch.Route{Receiver: "ops", GroupBy: []string{"alertname"}, GroupWait: 2 * time.Second, GroupInterval: 10 * time.Second, RepeatInterval: time.Minute},
		Receivers: []dispatch.Receiver{{Name: "ops", SendResolved: true}, {Name: "boss"}},
	},
	{
		Route: dispatch.Route{Receiver: "ops", GroupByAll: true, Escalate: &dispatch.Escalation{After: 15 * time.Second, Receiver: "boss"},
			Routes: []dispatch.Route{{
				Receiver: "boss", Matchers: []string{`severity="critical"`}, Continue: true, GroupBy: []string{"host"},
				GroupInterval: 5 * time.Second, MuteTimeIntervals: []string{"first minute"},
			}},
		},
		Receivers:     []dispatch.Receiver{{Name: "ops", SendResolved: true}, {Name: "boss", SendResolved: true}},
		TimeIntervals: []dispatch.TimeInterval{{Name: "first minute", Intervals: firstMinute}},
		InhibitRules:  []dispatch.InhibitRule{{SourceMatchers: []string{"alertname=Stuck"}, TargetMatchers: []string{"alertname=Pair"}, Equal: []string{"host"}}},
	},
}

var firstMinute = []alertmanager.Interval{{Times: []alertmanager.TimeRange{{Start: "12:00", End: "12:01"}}}}

// drawer draws entries. It steps through them to know what can be acknowledged.
type drawer struct {
	*rapid.T
	core   *Core
	at     int64
	prints []alert.Fingerprint
	groups []string
	asked  []engine.Question
}

func pick[V any](t *rapid.T, name string, of ...V) V { return rapid.SampledFrom(of).Draw(t, name) }

// entry draws what enters next, as a line.
func (d *drawer) entry() string {
	d.at += pick(d.T, "passes", int64(0), 1, 100_000, 1_000_000, 1_000_000, 5_000_000, 20_000_000, 70_000_000)
	e := Entry{At: d.at}
	switch kind := pick(d.T, "what", "event", "event", "event", "event", "time", "time", "time", "time", "silence", "expire", "ack", "group", "answer", "swap"); {
	case kind == "event":
		return d.event(pick(d.T, "event", "STOP", "STOP", "RESUME", "BLOCK_JOB_ERROR", "BLOCK_JOB_ERROR", "QMPALERT_CONNECTED", "QMPALERT_DISCONNECTED"), `"device":"d","gone":true`)
	case kind == "answer" && len(d.asked) > 0:
		q := pick(d.T, "question", d.asked...)
		return d.event("QMPALERT_ANSWER", fmt.Sprintf(`"fingerprint":"%s","query":"%s","return":{"status":"%s"}`, q.Fingerprint, q.Query, pick(d.T, "is", "running", "paused")))
	case kind == "silence":
		e.Silence = &dispatch.Silence{ID: pick(d.T, "id", "s1", "s2"), Matchers: []string{pick(d.T, "matcher", `vm="a"`, `alertname=~"P.*"`, `=`)},
			StartsAt: d.at, EndsAt: d.at + pick(d.T, "long", int64(0), 3_000_000, 60_000_000), CreatedBy: "me"}
	case kind == "expire":
		e.Expire = &Expire{ID: pick(d.T, "id", "s1", "s2"), By: "me"}
	case kind == "ack" && len(d.prints) > 0:
		e.Ack = &Ack{Fingerprint: pick(d.T, "alert", d.prints...), By: "me"}
	case kind == "group" && len(d.groups) > 0:
		e.Ack = &Ack{Group: pick(d.T, "group", d.groups...), By: "me", Comment: "I look"}
	case kind == "swap":
		e.Swap = &Swap{RulesID: pick(d.T, "rules", "one", "two"), Route: pick(d.T, "route", routes...)}
	}
	return string(e.AppendJSON(nil))
}

// event is a record of now, at times one that QEMU held back.
func (d *drawer) event(name, data string) string {
	sent := d.at - pick(d.T, "held back", int64(0), 0, 0, 300_000, 30_000_000)
	own := ""
	if !strings.HasPrefix(name, "QMPALERT_") {
		own = fmt.Sprintf(`"timestamp":{"seconds":%d,"microseconds":%d},`, sent/1e6, sent%1e6)
	}
	return fmt.Sprintf(`{%s"event":%q,"data":{%s},"host":"h","vm":%q,"received":%q}`,
		own, name, data, pick(d.T, "vm", "a", "b"), event.AppendTime(nil, d.at))
}

// run draws entries; decided has what each did.
func (d *drawer) run() (lines, decided []string) {
	for i := range rapid.IntRange(1, 60).Draw(d.T, "entries") {
		line := d.entry()
		out := step(d.T, d.core, line, i)
		for _, c := range out.Changes {
			d.prints = append(d.prints, c.Fingerprint)
		}
		for _, n := range out.Notifications {
			d.groups = append(d.groups, n.GroupKey)
		}
		d.asked = append(d.asked, out.Questions...)
		lines, decided = append(lines, line), append(decided, text(&out))
	}
	return lines, decided
}

// step steps through a line of the log, as the loop and the recovery do.
func step(t fatal, c *Core, line string, position int) Output {
	e, err := Parse([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	if e.Event != nil {
		e.Event.Seq = uint64(position + 1)
	}
	if e.Swap != nil {
		e.Swap.Rules = load(t, e.Swap.RulesID)
	}
	return c.Step(e)
}

// text is everything that an output says to the world.
func text(o *Output) string {
	var b []byte
	for i := range o.Changes {
		b = append(o.Changes[i].AppendStored(b), '\n')
	}
	for i := range o.Notifications {
		b = append(o.Notifications[i].AppendStored(b), '\n')
	}
	return fmt.Sprintf("%s%+v %+v %v %v %v", b, o.Notes, o.Questions, verdicts(o), o.Late, o.Err)
}

func verdicts(o *Output) (all []string) {
	for _, v := range o.Verdicts {
		all = append(all, v.Group+" "+v.Rule+" "+string(v.Action))
	}
	return all
}

func newCore(t fatal) *Core {
	c, err := New("one", load(t, "one"), routes[0], engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reborn goes through a snapshot and its JSON.
func reborn(t fatal, c *Core) *Core {
	b, err := json.Marshal(c.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var s Snapshot
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if c, err = Restore(load(t, s.RulesID), s); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRestartsChangeNothing: a core that goes through snapshots and lines
// decides what one decided that never stopped, byte for byte.
func TestRestartsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawer{T: t, core: newCore(t), at: noon}
		lines, want := d.run()
		c := newCore(t)
		for i, line := range lines {
			if pick(t, "restart", false, false, true) {
				c = reborn(t, c)
			}
			written := rewritten(t, line)
			out := step(t, c, written, i)
			if diff := cmp.Diff(want[i], text(&out)); diff != "" {
				t.Fatalf("entry %d, %s (-live +restarted):\n%s", i, line, diff)
			}
		}
	})
}

// rewritten is the line as the journal has it.
func rewritten(t fatal, line string) string {
	e, err := Parse([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return string(e.AppendJSON(nil))
}

// TestEmptyTicksNeedNotBeKept: the passing of time that decided nothing is not
// in the log, and makes no difference.
func TestEmptyTicksNeedNotBeKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawer{T: t, core: newCore(t), at: noon}
		lines, want := d.run()
		live, logged, at := newCore(t), newCore(t), int64(noon)
		for i, line := range lines {
			e, err := Parse([]byte(line))
			if err != nil {
				t.Fatal(err)
			}
			// What is due between two entries is decided when a tick comes: it is kept.
			for range rapid.IntRange(0, 2).Draw(t, "ticks") {
				tick := Entry{At: rapid.Int64Range(at, e.At).Draw(t, "tick")}
				if probe := reborn(t, live).Step(tick); !probe.Empty() {
					continue
				}
				if out := live.Step(tick); !out.Empty() {
					t.Fatalf("entry %d: a restart made a tick decide nothing that decides\n%s", i, text(&out))
				}
			}
			at = e.At
			a, b := step(t, live, line, i), Output{}
			if _, isTime := strings.CutPrefix(line, `{"qmpalert":"time"`); isTime && a.Empty() {
				continue // nor is this one kept
			}
			b = step(t, logged, line, i)
			if diff := cmp.Diff(text(&a), text(&b)); diff != "" {
				t.Fatalf("entry %d, %s (-live +from the log):\n%s", i, line, diff)
			}
			if diff := cmp.Diff(want[i], text(&a)); diff != "" {
				t.Fatalf("entry %d, %s (-without ticks +with):\n%s", i, line, diff)
			}
		}
	})
}
