package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
)

// An event is the caller's again after Step, who writes over its memory; what a
// Change holds is never written again, whatever the machine does next.
func TestPropertyEventsAreTheCallersAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anything.draw(t)
		want := w.evaluate(t)
		r := w.runner(t)
		events := parseEvents(t, w.lines())
		var atOnce []string // evidence of each change when it was new
		r.before = func(m *engine.Machine, i int) (*engine.Machine, []alert.Change) {
			for _, c := range r.changes[len(atOnce):] {
				atOnce = append(atOnce, evidenceText(c))
			}
			if i > 0 {
				for b := range events[i-1].Raw { // strings of Data stand in it
					events[i-1].Raw[b] = 'x'
				}
				*events[i-1] = event.Event{}
			}
			return m, nil
		}
		w.compare(t, "the machine kept memory of the caller", want, r.run(events))
		var atLast []string
		for _, c := range r.changes[:len(atOnce)] {
			atLast = append(atLast, evidenceText(c))
		}
		if !slices.Equal(atOnce, atLast) {
			w.compare(t, "the evidence of a change was written again", atOnce, atLast)
		}
	})
}

// Evidence that was shown moves out of the alert as more matches come.
func TestShownEvidenceIsNotWrittenAgain(t *testing.T) {
	m := engine.New(rule(t, "alert: A", "event: DEVICE_DELETED", "for: 20s", "resolve: RESUME"), engine.Options{})
	var changes []alert.Change
	var before []string
	for i := range 60 {
		d := m.Step(ev(t, time.Duration(i)*time.Second, "a", "DEVICE_DELETED", fmt.Sprintf(`{"path":"/p%d"}`, i)))
		for _, c := range d.Changes {
			changes, before = append(changes, c), append(before, evidenceText(c))
		}
	}
	if len(changes) != 2 || len(changes[1].Evidence.Events) != 10 {
		t.Fatalf("changes:\n%s", briefs(changes))
	}
	for i, c := range changes {
		if after := evidenceText(c); after != before[i] {
			t.Errorf("%s was shown as\n%sand is now\n%s", brief(c), before[i], after)
		}
	}
}

func evidenceText(c alert.Change) string {
	var b []byte
	for _, e := range c.Evidence.Events {
		b = append(e.AppendJSON(b), '\n')
		if e.Data != nil {
			b = append(e.Data.AppendJSON(b), '\n')
		}
	}
	for _, l := range c.Labels {
		b = append(b, l.Name+"="+l.Value+"\n"...)
	}
	return string(b)
}
