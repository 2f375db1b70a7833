package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/engine/oracle"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// fataler is what testing.T and rapid.T have in common here.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// loadRules loads a rule file that must be right; warnings are fine.
func loadRules(t fataler, text string) *rules.Set {
	t.Helper()
	set, findings := rules.Load([]rules.File{{Name: "rules.yml", Src: []byte(text)}}, rules.Options{})
	if set == nil {
		t.Fatalf("the rule file is refused:\n%v\n%s", findings, text)
	}
	return set
}

func parseEvents(t fataler, lines []string) []*event.Event {
	t.Helper()
	var out []*event.Event
	for _, l := range lines {
		e, err := event.Parse([]byte(l))
		if err != nil {
			t.Fatalf("event %s: %v", l, err)
		}
		out = append(out, e)
	}
	return out
}

// runner is a machine on its way through a recording. What a property varies,
// it does in before, which is called before each event and once at the end.
type runner struct {
	set     *rules.Set
	opts    engine.Options
	known   []oracle.Place
	limit   time.Duration // of the end
	ticks   bool          // Advance follows each event, for those places that the event is not about
	before  func(m *engine.Machine, i int) (*engine.Machine, []alert.Change)
	changes []alert.Change
	upTo    []int // number of changes that were out after each event and a tick
	late    []bool
}

func (w world) runner(t fataler) *runner {
	return &runner{set: loadRules(t, ruleFile(w.rules)), opts: engine.Options{ClockStep: w.ClockStep}, known: w.Known, limit: w.Limit}
}

// run takes the events and then the end of the recording.
func (r *runner) run(events []*event.Event) []string {
	m := engine.New(r.set, r.opts)
	for _, p := range r.known {
		m.Know(p.Host, p.VM)
	}
	hook := func(i int) {
		if r.before != nil {
			var changes []alert.Change
			m, changes = r.before(m, i)
			r.changes = append(r.changes, changes...)
		}
	}
	now := int64(qmp.NoTime)
	for i, e := range events {
		hook(i)
		d := m.Step(e)
		r.changes = append(r.changes, d.Changes...)
		if now = max(now, e.Received); r.ticks && now != qmp.NoTime {
			r.changes = append(r.changes, m.Advance(now).Changes...)
		}
		r.upTo = append(r.upTo, len(r.changes))
		r.late = append(r.late, d.Late)
	}
	hook(len(events))
	r.changes = append(r.changes, m.Finish(r.limit).Changes...)
	return engineLines(r.changes)
}

// evaluate runs the machine over a world and returns its changes as lines.
func (w world) evaluate(t fataler) []string {
	t.Helper()
	return w.runner(t).run(parseEvents(t, w.lines()))
}

// oracleRules are the rules in the oracle's form.
func (w world) oracleRules() []oracle.Rule {
	var rs []oracle.Rule
	for _, r := range w.rules {
		rs = append(rs, r.Rule)
	}
	return rs
}

// compare fails with the world, ready to be pasted, and the difference.
func (w world) compare(t *rapid.T, what string, want, got []string) {
	t.Helper()
	if !slices.Equal(want, got) {
		t.Fatalf("%s\n%s--- want (-), got (+)\n%s", what, w, cmp.Diff(want, got))
	}
}

// engineLines and oracleLines write changes in one form, sorted as on the wire:
// by time, name and key, then as they happened.
func engineLines(changes []alert.Change) []string {
	sorted := slices.Clone(changes)
	slices.SortStableFunc(sorted, func(a, b alert.Change) int {
		if a.At != b.At {
			return int(max(-1, min(1, a.At-b.At)))
		}
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(keyLabels(a), keyLabels(b))
	})
	var out []string
	for _, c := range sorted {
		var evidence []string
		for _, e := range c.Evidence.Events {
			evidence = append(evidence, evidenceName(e))
		}
		line := changeLine(string(c.Status), c.Name, keyLabels(c), string(c.Reason), c.Count, c.Evidence.Omitted, evidence,
			c.At, c.ActiveAt, c.StartsAt, c.EndsAt)
		if shown := c.Annotations.Get("shown"); shown != "" {
			line += ", shows " + shown
		}
		out = append(out, line)
	}
	return out
}

func oracleLines(changes []oracle.Change) []string {
	var out []string
	for _, c := range changes {
		var evidence []string
		for _, r := range c.Evidence {
			name := fmt.Sprint(r.Index + 1)
			switch {
			case r.Step:
				name = fmt.Sprintf("step %g", r.Seconds)
			case r.Record != nil:
				name = recordName(r.Record.Name, r.Record.Host, r.Record.VM, r.Record.Time, nested(r.Record.Members))
			}
			evidence = append(evidence, name)
		}
		line := changeLine(c.Status, c.Rule, c.Labels, c.Reason, int64(c.Count), int64(c.Omitted), evidence,
			c.At, c.ActiveAt, c.StartsAt, c.EndsAt)
		if shown := strings.Join(c.Shown, "|"); shown != "" {
			line += ", shows " + shown
		}
		out = append(out, line)
	}
	return out
}

func changeLine(status, name, labels, reason string, count, omitted int64, evidence []string, at, activeAt, startsAt, endsAt int64) string {
	line := fmt.Sprintf("%s %s %s{%s} %s, count %d of %s", clock(at), status, name, labels, reason, count, strings.Join(evidence, " "))
	if omitted > 0 {
		line += fmt.Sprintf(" and %d between", omitted)
	}
	if activeAt != at {
		line += ", active " + clock(activeAt)
	}
	if startsAt != qmp.NoTime && startsAt != at {
		line += ", started " + clock(startsAt)
	}
	if endsAt != qmp.NoTime && endsAt != at {
		line += ", ended " + clock(endsAt)
	}
	// What goes without saying is left out, so that what does not shows.
	fired, ended := status == "firing" || status == "resolved", status == "resolved"
	if fired != (startsAt != qmp.NoTime) || ended != (endsAt != qmp.NoTime) {
		line += fmt.Sprintf(", started %d, ended %d", startsAt, endsAt)
	}
	return line
}

// clock writes a time as the span since the beginning of the stream.
func clock(us int64) string { return (time.Duration(us-epoch) * time.Microsecond).String() }

// evidenceName is the number of an event in the stream, or the length of a step
// of the clock that the engine saw.
func evidenceName(e *event.Event) string {
	if strings.HasPrefix(e.Name, "REC_") {
		return recordName(e.Name, e.Host, e.VM.Name, e.Time, sortedJSON(e))
	}
	if e.Name != "QMPALERT_CLOCK_STEP" {
		return fmt.Sprint(e.Seq)
	}
	var data struct{ Seconds float64 }
	if err := json.Unmarshal(e.Data.AppendJSON(nil), &data); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("step %g", data.Seconds)
}

// keyLabels are the labels of an alert without its name and severity.
func keyLabels(c alert.Change) string {
	var ls []string
	for _, l := range c.Labels {
		if l.Name != "alertname" && l.Name != "severity" {
			ls = append(ls, l.Name+"="+l.Value)
		}
	}
	return strings.Join(ls, ",")
}

// recordName is all that a record says.
func recordName(name, host, vm string, at int64, members string) string {
	return fmt.Sprintf("%s(%s %s/%s %s)", name, clock(at), host, vm, members)
}

// sortedJSON is the data of an event with the members in order of name.
func sortedJSON(e *event.Event) string {
	var record struct{ Data any }
	d := json.NewDecoder(bytes.NewReader(e.AppendJSON(nil)))
	d.UseNumber()
	if err := d.Decode(&record); err != nil {
		return err.Error()
	}
	b, err := json.Marshal(record.Data)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
