package oracle

import (
	"slices"
	"strings"
)

// stampedEvent is an event with the time that rules see, and its place in the
// order of arrival. A clock step that was noticed is an event of its own.
type stampedEvent struct {
	Event
	ref  Ref
	time int64 // after rules 2 and 4, before rule 3
	seq  int   // order of arrival, own events included
}

// clock is what is known of one VM's times.
type clock struct {
	seen     bool
	newest   int64 // newest (shifted) time
	received int64 // when the newest time was first received, or NoTime
	shift    int64 // added to the VM's own times
	before   int64 // newest time from before the last step
}

// stamp gives every event its time: rule 2 (missing times) and rule 4 (steps
// of the host's clock).
func stamp(w World, events []Event) []stampedEvent {
	clocks := map[Place]*clock{}
	var out []stampedEvent
	for i, e := range events {
		own := e.Time
		if own == NoTime {
			own = e.Received // rule 2
		}
		p := Place{e.Host, e.VM}
		if clocks[p] == nil {
			clocks[p] = &clock{}
		}
		t, step, isStep := clocks[p].take(w, e, own)
		if isStep {
			// "One that the engine makes comes right before the event that
			// showed it", and "own events about a VM carry that VM's clock".
			own := Event{Host: e.Host, VM: e.VM, Name: "QMPALERT_CLOCK_STEP", Time: t, Received: e.Received,
				Members: map[string]any{"seconds": step}}
			out = append(out, stampedEvent{own, Ref{Index: i, Step: true, Seconds: step}, t, len(out)})
		}
		out = append(out, stampedEvent{e, Ref{Index: i}, t, len(out)})
	}
	return out
}

// take returns the time of the VM's next event, whose own time is given, and,
// when it shows a step of the clock, the length of the step in seconds.
func (c *clock) take(w World, e Event, own int64) (t int64, step float64, isStep bool) {
	if own == NoTime {
		own = c.newest // only in the middle of a file; the reader does better
	}
	if !c.seen {
		*c = clock{seen: true, newest: own, received: e.Received}
		return own, 0, false
	}
	if e.Time == NoTime && strings.HasPrefix(e.Name, "QMPALERT_") {
		return c.read(e.Received), 0, false
	}
	limit := micros(w.ClockStep)
	t = own + c.shift
	if c.shift != 0 {
		// "As soon as an event's own time is not older than the newest shifted
		// time, the shift is over." After a step forward every own time is
		// that new, so there it takes a step back as well.
		held := w.Throttled(e.Name) && c.before-1e6 <= own && own <= c.before
		switch {
		case c.shift > 0 && own >= c.newest:
			c.shift, t = 0, own
		case held:
			return own, 0, false // older than the step: neither shifted nor one itself
		case c.shift < 0 && own >= c.newest && t < c.newest-limit:
			c.shift, t = 0, own
		}
	}
	expected := t
	switch {
	case t < c.newest-limit:
		expected = c.newest
	case e.Received != NoTime && c.received != NoTime:
		if now := c.newest + elapsed(c.received, e.Received); t > now+limit {
			expected = now
		}
	}
	if expected != t {
		step, isStep = float64(t-expected)/1e6, true
		c.shift, c.before, t = expected-own, c.newest, expected
	}
	if t > c.newest {
		c.newest, c.received = t, e.Received
	}
	return t, step, isStep
}

// read is rule 3's "own events about a VM carry that VM's clock": the newest
// time and what passed since, as far as that is known.
func (c *clock) read(received int64) int64 {
	if c.received != NoTime && received > c.received {
		c.newest, c.received = c.newest+elapsed(c.received, received), received
	}
	return c.newest
}

// elapsed is what passed between two arrivals: `received` never goes back, so
// where it seems to, nothing did.
func elapsed(from, to int64) int64 { return max(0, to-from) }

// gone says that the event tells of a VM that went away (rule 16).
func (e Event) gone() bool {
	return e.Name == "QMPALERT_DISCONNECTED" && e.Members["gone"] == true
}

func places(events []Event) []Place {
	var ps []Place
	for _, e := range events {
		if p := (Place{e.Host, e.VM}); !slices.Contains(ps, p) {
			ps = append(ps, p)
		}
	}
	return ps
}
