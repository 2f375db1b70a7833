package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/engine"
)

// Traces say for each event what it was to each rule, and how far away the
// condition is; without being asked for they are not there.
func TestTrace(t *testing.T) {
	set := load(t, `
groups:
- name: g
  rules:
  - {alert: Count, event: STOP, count: 2, within: 10s, exceptions: [{name: lab, expr: 'vm.name == "lab"'}]}
  - {alert: Having, event: STOP, within: 10s, having: 'distinct(host) >= 1 and count > 1'}
  - {alert: Seq, sequence: [STOP, RESET], until: SHUTDOWN, within: 10s}
  - {alert: All, all_of: [RESET, STOP], within: 10s, resolve: RESUME}
  - {record: STOPPED, event: STOP}
  - {alert: Absent, event: STOPPED, absent_for: 10s}
`)
	var lines []string
	m := engine.New(set, engine.Options{Trace: true})
	note := func(d engine.Decision) {
		for _, w := range d.Trace {
			line := fmt.Sprintf("%s %s%v %s", time.Duration(w.At-base)*time.Microsecond, w.Rule.Name, w.Key, w.What)
			if w.Event != nil {
				line += " " + w.Event.Name
			}
			if w.What == "step" || w.Need > 0 || w.Have > 0 {
				line += fmt.Sprintf(" step %d, %d of %d", w.Step, w.Have, w.Need)
			}
			for _, v := range w.Aggregates {
				line += " " + v.Text()
			}
			if w.Holds {
				line += " holds"
			}
			lines = append(lines, line+w.Exception)
		}
	}
	note(m.Step(ev(t, 0, "lab", "STOP", "")))
	lines = nil
	note(m.Step(ev(t, 0, "lab", "STOP", "")))
	if !strings.Contains(strings.Join(lines, "\n"), "0s Count[] excepted STOPlab") {
		t.Errorf("the exception is not there:\n%s", strings.Join(lines, "\n"))
	}
	m, lines = engine.New(set, engine.Options{Trace: true}), nil
	for i, name := range []string{"STOP", "RESET", "STOP", "SHUTDOWN", "RESUME"} {
		note(m.Step(ev(t, time.Duration(i)*time.Second, "a", name, "")))
	}
	note(m.Finish(10 * time.Second))
	want := strings.TrimSpace(`
0s Count[] match STOP step 0, 1 of 2
0s Having[] match STOP step 0, 1 of 0 1 1
0s Seq[] step STOP step 0, 1 of 2
0s All[] step STOP step 1, 1 of 2
0s STOPPED[] record STOPPED
0s Absent[] match STOPPED
1s Seq[] step RESET step 1, 2 of 2
1s Seq[] firing
1s All[] step RESET step 0, 2 of 2
1s All[] firing
2s Count[] match STOP step 0, 2 of 2
2s Count[] firing
2s Having[] match STOP step 0, 2 of 0 1 2 holds
2s Having[] firing
2s Seq[] step STOP step 0, 1 of 2
2s All[] step STOP step 1, 1 of 2
2s STOPPED[] record STOPPED
2s Absent[] match STOPPED
3s Seq[] until SHUTDOWN
4s All[] resolve RESUME
4s All[] resolved
10s Count[] left step 0, 1 of 2
10s Having[] left step 0, 1 of 0 1 1
10s Having[] resolved
12s Count[] left step 0, 0 of 2
12s Having[] left 0 0
12s Absent[] firing
`)
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got:\n%s", got)
	}
	quiet := engine.New(set, engine.Options{})
	if d := quiet.Step(ev(t, 0, "a", "STOP", "")); d.Trace != nil {
		t.Error("a trace that nobody asked for")
	}
}
