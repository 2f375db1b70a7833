package oracle

import (
	"cmp"
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
// events of one VM, one host or the fleet, and the records about it.
type lane struct {
	place  Place
	all    []Event
	in     []placed // by (time, phase, arrival, order of records)
	marks  []int64  // watermark after each moment of the recording
	newest int64    // newest time of the recording
	late   int64    // lateness
}

// The moments of a recording are three for each event: time has passed to its
// arrival, its VM is known, it is there and has been evaluated.
const (
	passing = iota
	joining
	taking
	moments
)

// phase is the part of an instant (rule 5) that an event belongs to.
type phase int

const (
	phaseA phase = iota // made by (a): before the events
	phaseC              // an event, or made by one
	phaseD              // made by (d): after the events
)

// placed is an event at the time at which the rule sees it.
type placed struct {
	stampedEvent
	at     int64
	late   bool
	moment int // from which on it is there
	phase  phase

	// Of a record: the level and the key of the rule that made it, and the moment
	// at which it was made if it was late.
	record bool
	behind int
	level  int
	key    []string
}

// before is the order in which a lane sees events and records.
func (a placed) order(b placed) int {
	isRecord := func(p placed) int {
		if p.record {
			return 1
		}
		return 0
	}
	return cmp.Or(
		cmp.Compare(a.at, b.at),
		cmp.Compare(a.phase, b.phase),
		cmp.Compare(a.seq, b.seq),
		cmp.Compare(isRecord(a), isRecord(b)), // the event, then what it made
		cmp.Compare(a.behind, b.behind),
		cmp.Compare(a.level, b.level),
		cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Host, b.Host),
		cmp.Compare(a.VM, b.VM),
		slices.Compare(a.key, b.key),
	)
}

// lateness of a rule: 0 when no event of it is throttled and its scope is one
// VM, else 2 s, or what the rule says; at least that of the records it uses.
func (r Rule) lateness(w World, rules []Rule) time.Duration {
	var late time.Duration
	if r.Scope != VM || slices.ContainsFunc(r.allNames(), w.Throttled) {
		late = defaultLateness
	}
	if r.LatenessGiven {
		late = r.Lateness
	}
	for _, other := range rules {
		if other.Record && r.names(other.Name) {
			late = max(late, other.lateness(w, rules))
		}
	}
	return late
}

// lanes cuts the recording, and the records made of it, for a rule.
func lanes(w World, rules []Rule, r Rule, events []Event, stamped []stampedEvent, made []placed) []lane {
	var cuts []Place
	add := func(p Place) {
		// A wide scope leaves out what it does not tell apart.
		if c := r.Scope.cut(p); !slices.Contains(cuts, c) {
			cuts = append(cuts, c)
		}
	}
	for _, p := range places(events) {
		add(p)
	}
	for _, m := range made {
		if r.names(m.Name) {
			add(Place{m.Host, m.VM})
		}
	}
	var out []lane
	for _, c := range cuts {
		ln := newLane(w, r, micros(r.lateness(w, rules)), c, events, stamped)
		for _, m := range made {
			if r.names(m.Name) && r.Scope.cut(Place{m.Host, m.VM}) == c {
				ln.in = append(ln.in, ln.receive(m, stamped))
			}
		}
		slices.SortStableFunc(ln.in, placed.order)
		out = append(out, ln)
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

// covers says that the place, which may be a host or the fleet, has the VM in
// it: all whose time such a place has to wait for.
func (p Place) covers(v Place) bool {
	return (p.Host == "" || p.Host == v.Host) && (p.VM == "" || p.VM == v.VM)
}

func newLane(w World, r Rule, late int64, c Place, events []Event, stamped []stampedEvent) lane {
	ln := lane{place: c, all: events, newest: NoTime, late: late}
	mark, now := int64(NoTime), int64(NoTime)
	marks := map[Place]int64{}
	si := 0
	for i, e := range events {
		// The clock of the world is the newest `received` of any record. What
		// passed in silence counts before the event at hand.
		now = max(now, e.Received)
		mark = max(mark, ln.level(w, stamped[:si], nil, marks, now))
		ln.marks = append(ln.marks, mark)
		if p := (Place{e.Host, e.VM}); c.covers(p) {
			mark = max(mark, ln.level(w, stamped[:si], &p, marks, now))
		}
		ln.marks = append(ln.marks, mark)
		for ; si < len(stamped) && stamped[si].ref.Index == i; si++ {
			s := stamped[si]
			ln.newest = max(ln.newest, s.time)
			if r.Scope.cut(Place{s.Host, s.VM}) == c {
				ln.in = append(ln.in, placed{stampedEvent: s, at: max(s.time, mark), late: s.time < mark, moment: i*moments + taking, phase: phaseC})
			}
		}
		mark = max(mark, ln.level(w, stamped[:si], nil, marks, now))
		ln.marks = append(ln.marks, mark)
	}
	return ln
}

// level is how far the VMs of a lane have come when the events so far have
// arrived and the clock of the world is at now: the least over its VMs. Neither
// a VM (marks) nor the lane goes back.
func (ln lane) level(w World, sofar []stampedEvent, joined *Place, marks map[Place]int64, now int64) int64 {
	for _, p := range places(ln.all) {
		if _, ok := marks[p]; !ok {
			marks[p] = NoTime
		}
		marks[p] = max(marks[p], ln.reached(sofar, p, now))
	}
	least := int64(math.MaxInt64)
	for _, p := range ln.counting(w, sofar, joined) {
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
func (ln lane) counting(w World, sofar []stampedEvent, joined *Place) []Place {
	last := map[Place]Event{}
	var newest Place
	for _, s := range sofar {
		if p := (Place{s.Host, s.VM}); ln.place.covers(p) {
			last[p], newest = s.Event, p
		}
	}
	var known []Place
	for _, p := range places(ln.all) {
		e, heard := last[p]
		if heard && (p == ln.place || !e.gone()) || joined != nil && *joined == p {
			known = append(known, p)
		}
	}
	for _, p := range w.Known {
		if _, heard := last[p]; !heard && ln.place.covers(p) {
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
func (ln lane) reached(sofar []stampedEvent, p Place, now int64) int64 {
	newest, received := int64(NoTime), int64(NoTime)
	for _, s := range sofar {
		if (Place{s.Host, s.VM}) == p && s.time > newest {
			newest, received = s.time, s.Received
		}
	}
	if newest == NoTime {
		return NoTime
	}
	if received == NoTime || now == NoTime {
		return newest - ln.late
	}
	return max(newest-ln.late, newest+now-received-ln.late-micros(silence))
}

// lateWanted says that the recording's event i was late for the rule, and that
// it is about something to the rule: a name in a pattern, or the end of a VM.
func (ln lane) lateWanted(r Rule, i int) bool {
	for _, p := range ln.in {
		wanted := r.names(p.Name) || p.gone()
		if p.ref.Index == i && !p.ref.Step && !p.record && p.late && wanted {
			return true
		}
	}
	return false
}

// receive gives a record the time at which the lane sees it: one before the
// watermark takes the watermark as its time, behind what arrived before it. That
// happens where a VM joined that was behind the others.
func (ln lane) receive(m placed, stamped []stampedEvent) placed {
	mark := int64(NoTime)
	if m.moment > 0 {
		mark = ln.marks[m.moment-1]
	}
	if m.at >= mark {
		return m
	}
	last := 0
	for _, s := range stamped {
		if s.ref.Index*moments+taking <= m.moment {
			last = s.seq
		}
	}
	m.at, m.phase, m.seq, m.behind = mark, phaseC, last, m.moment
	return m
}

// moment is when something at time at happens: when the watermark has reached
// it (or, for (d) of rule 5, has passed it), and all that had a part in it was
// there; len(ln.marks) if only the end of the recording shows it.
func (ln lane) moment(at int64, passed bool, from int) int {
	for i, mark := range ln.marks {
		if i >= from && (mark > at || mark == at && !passed) {
			return i
		}
	}
	return len(ln.marks)
}
