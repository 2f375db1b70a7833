package oracle

import (
	"math"
	"slices"
	"time"
)

// Rule 3's numbers.
const (
	defaultLateness = 2 * time.Second
	silence         = 200 * time.Millisecond
)

// lane is the part of a recording that one rule evaluates in one order: the
// events of one VM, one host or the fleet.
type lane struct {
	all    []Event
	in     []placed // by (time, arrival)
	after  []int64  // watermark after the arrival of each event of the recording
	newest int64    // newest time of the recording
}

// placed is an event at the time at which the rule sees it.
type placed struct {
	stampedEvent
	at   int64
	late bool
}

// lateness of a rule: 0 when no event of it is throttled and its scope is one
// VM, else 2 s, or what the rule says.
func (r Rule) lateness(w World) time.Duration {
	if r.LatenessGiven {
		return r.Lateness
	}
	if r.Scope != VM {
		return defaultLateness
	}
	for _, p := range append([]Pattern{r.Match}, r.Resolve...) {
		if slices.ContainsFunc(p.Events, w.Throttled) {
			return defaultLateness
		}
	}
	return 0
}

// lanes cuts the recording for a rule.
func lanes(w World, r Rule, events []Event, stamped []stampedEvent) []lane {
	cuts := map[Place]bool{} // a wide scope leaves out what it does not tell apart
	var order []Place
	for _, p := range places(events) {
		if c := r.Scope.cut(p); !cuts[c] {
			cuts[c] = true
			order = append(order, c)
		}
	}
	var out []lane
	for _, c := range order {
		inside := func(p Place) bool { return r.Scope.cut(p) == c }
		out = append(out, newLane(w, r, events, stamped, inside))
	}
	return out
}

// cut is the part of a place that a scope keeps in the key.
func (s Scope) cut(p Place) Place {
	switch s {
	case VM:
		return p
	case Host:
		return Place{Host: p.Host}
	}
	return Place{}
}

func newLane(w World, r Rule, events []Event, stamped []stampedEvent, inside func(Place) bool) lane {
	ln := lane{all: events, newest: NoTime}
	mark, now := int64(NoTime), int64(NoTime)
	marks := map[Place]int64{}
	si := 0
	for i, e := range events {
		// The clock of the world is the newest `received` of any record. What
		// passed in silence counts before the event at hand.
		now = max(now, e.Received)
		mark = max(mark, level(w, r, events, stamped[:si], inside, nil, marks, now))
		if p := (Place{e.Host, e.VM}); inside(p) {
			mark = max(mark, level(w, r, events, stamped[:si], inside, &p, marks, now))
		}
		for ; si < len(stamped) && stamped[si].ref.Index == i; si++ {
			s := stamped[si]
			ln.newest = max(ln.newest, s.time)
			if inside(Place{s.Host, s.VM}) {
				ln.in = append(ln.in, placed{s, max(s.time, mark), s.time < mark})
			}
		}
		mark = max(mark, level(w, r, events, stamped[:si], inside, nil, marks, now))
		ln.after = append(ln.after, mark)
	}
	slices.SortStableFunc(ln.in, func(a, b placed) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return a.seq - b.seq
	})
	return ln
}

// level is how far the VMs of a lane have come when the events so far have
// arrived and the clock of the world is at now: the least over its VMs. Neither
// a VM (marks) nor the lane goes back.
func level(w World, r Rule, events []Event, sofar []stampedEvent, inside func(Place) bool, joined *Place, marks map[Place]int64, now int64) int64 {
	for _, p := range places(events) {
		if _, ok := marks[p]; !ok {
			marks[p] = NoTime
		}
		marks[p] = max(marks[p], reached(w, r, sofar, p, now))
	}
	least := int64(math.MaxInt64)
	for _, p := range counting(w, r, events, sofar, inside, joined) {
		mark, ok := marks[p]
		if !ok {
			mark = NoTime // not heard in the whole recording
		}
		least = min(least, mark)
	}
	if least == math.MaxInt64 {
		return NoTime // nobody was heard yet
	}
	return least
}

// counting lists the VMs over which the least is taken: those that are known,
// which is from the first event (joined: the one that is being taken) or from
// the beginning (World.Known) until it goes away. When all went away, the one
// that went last goes on counting, so that what it left behind is evaluated.
func counting(w World, r Rule, events []Event, sofar []stampedEvent, inside func(Place) bool, joined *Place) []Place {
	last := map[Place]Event{}
	var newest Place
	for _, s := range sofar {
		if p := (Place{s.Host, s.VM}); inside(p) {
			last[p], newest = s.Event, p
		}
	}
	var known []Place
	for _, p := range places(events) {
		e, heard := last[p]
		if heard && (r.Scope == VM || !e.gone()) || joined != nil && *joined == p {
			known = append(known, p)
		}
	}
	for _, p := range w.Known {
		if _, heard := last[p]; !heard && inside(p) {
			known = append(known, p)
		}
	}
	if len(known) == 0 && len(last) > 0 {
		known = append(known, newest)
	}
	return known
}

// reached is how far one VM has come: its newest time less the lateness, or in
// silence its clock less the lateness and 200 ms.
func reached(w World, r Rule, sofar []stampedEvent, p Place, now int64) int64 {
	newest, received := int64(NoTime), int64(NoTime)
	for _, s := range sofar {
		if (Place{s.Host, s.VM}) == p && s.time > newest {
			newest, received = s.time, s.Received
		}
	}
	if newest == NoTime {
		return NoTime
	}
	late := micros(r.lateness(w))
	if received == NoTime || now == NoTime {
		return newest - late
	}
	return max(newest-late, newest+now-received-late-micros(silence))
}

// lateWanted says that the recording's event i was late for the rule, and that
// it is about something to the rule: a name in a pattern, or the end of a VM.
func (ln lane) lateWanted(r Rule, i int) bool {
	for _, p := range ln.in {
		wanted := r.names(p.Name) || p.gone()
		if p.ref.Index == i && !p.ref.Step && p.late && wanted {
			return true
		}
	}
	return false
}

// out is when a change at time at is known: when the watermark has reached it
// (or, for (d) of rule 5, has passed it), and the last event that had a part in
// it has arrived.
func (ln lane) out(at int64, passed bool, arrived int) int {
	for i, mark := range ln.after {
		if i >= arrived && (mark > at || mark == at && !passed) {
			return i
		}
	}
	return len(ln.all)
}
