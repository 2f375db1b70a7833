package engine_test

import (
	"strings"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/engine/oracle"
)

// grid is the unit of drawn times in microseconds; jitter of `received` has a
// finer one, in which 200 ms is a whole number.
const (
	grid   = 500_000
	jitter = 100_000
	epoch  = 1_700_000_000_000_000
)

// arrival is one event as it is drawn: relative to the one before, so that
// taking one away (which is what shrinking does) leaves the rest as it was.
type arrival struct {
	gap, delay, clock int64 // in units of grid
	jitter            int64 // in units of jitter
	received, own     bool
	place             int
	event             oracle.Event
}

// drawStream draws the events in order of arrival.
func (s shape) drawStream(t *rapid.T, kinds vocabulary, places []oracle.Place) []oracle.Event {
	mode := sample(t, "received", s.received...)
	one := rapid.Custom(func(t *rapid.T) arrival { return s.drawArrival(t, kinds, len(places), mode) })
	var (
		now            = epoch + sample[int64](t, "start", 0, midnight-epoch-5_000_000)
		received int64 = oracle.NoTime
		clocks         = map[int]int64{}
		out      []oracle.Event
	)
	atLeast := sample(t, "at least", 0, 8, 16, 30) // by itself rapid likes five or so
	for _, a := range rapid.SliceOfN(one, atLeast, 40).Draw(t, "events") {
		if a.event.Name == "" {
			continue
		}
		now += a.gap * grid
		clocks[a.place] += a.clock * grid
		e := a.event
		e.Host, e.VM = places[a.place].Host, places[a.place].VM
		e.Time, e.Received = now-a.delay*grid+clocks[a.place], oracle.NoTime
		if a.received {
			e.Received = now + a.jitter*jitter
			if mode == receivedAlways {
				e.Received = max(e.Received, received)
			}
			received = max(received, e.Received)
			if !a.own {
				e.Time = oracle.NoTime
			}
		}
		out = append(out, e)
	}
	return out
}

func (s shape) drawArrival(t *rapid.T, kinds vocabulary, places, mode int) arrival {
	a := arrival{
		gap:   sample[int64](t, "gap", 0, 0, 1, 1, 2, 2, 3, 4, 6, 10, 20, 120, 600),
		delay: sample[int64](t, "delay", 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 8),
		place: rapid.IntRange(0, places-1).Draw(t, "place"),
		own:   sample(t, "own time", true, true, true, true, true, true, true, false),
		event: s.drawEvent(t, kinds),
	}
	if !s.noSteps {
		a.clock = sample[int64](t, "clock", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -12, 12, -19, -20, -21, 20, 21, -60, 60)
	}
	if mode != receivedNever {
		a.received = mode != receivedSome || rapid.Bool().Draw(t, "has received")
		a.jitter = sample[int64](t, "jitter", 0, 0, 0, 2, 2, 3, 1)
	}
	return a
}

// drawEvent draws an event of one of the kinds; it has no name when the kind is
// one that only the engine makes.
func (s shape) drawEvent(t *rapid.T, kinds vocabulary) oracle.Event {
	k := sample(t, "kind", kinds...)
	if k.name == "QMPALERT_CLOCK_STEP" {
		return oracle.Event{}
	}
	e := oracle.Event{Name: k.name, Members: map[string]any{}}
	for _, m := range k.members {
		if v := sample(t, m.path, m.values...); v != nil {
			e.Members[m.path] = v
		}
	}
	if strings.HasPrefix(k.name, "QMPALERT_DISC") && s.noGone {
		e.Members["gone"] = false
	}
	return e
}
