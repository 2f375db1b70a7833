package engine

// phase orders what happens at one instant (docs/semantics.md, rule 5).
type phase uint8

const (
	phaseLeave phase = iota // (a) matches leave their windows, attempts are dropped
	phaseKeep               // (b) keep_firing_for ends
	phaseEvent              // (c) events and the records made of them
	phaseLast               // (d) records made by absent_for,
	phaseOver               // then for and absent_for are over
	phases
)

// waiting is an event or record that its lane cannot evaluate yet.
type waiting struct {
	time  int64
	order uint64 // see arrival.order
	event *kept
}

// Said once for staticcheck, which does not see a method's use in a heap.
var (
	_ sortable[waiting]  = waiting{}
	_ sortable[deadline] = deadline{}
)

func (a waiting) before(b *waiting) bool {
	switch {
	case a.time != b.time:
		return a.time < b.time
	case a.order != b.order:
		return a.order < b.order
	case a.event.from == nil || b.event.from == nil:
		return b.event.from != nil // the event comes before what is made of it
	}
	return compareRecords(a.event, b.event) < 0
}

func (a *waiting) at() point {
	if a.order == orderLast {
		return point{a.time, phaseLast}
	}
	return point{a.time, phaseEvent}
}

// deadline is a time at which a track has something to do.
type deadline struct {
	time  int64
	phase phase
	life  uint32 // of the track
	born  uint64 // of the track: a stable order among equals
	track *track
}

func (a deadline) before(b *deadline) bool {
	switch {
	case a.time != b.time:
		return a.time < b.time
	case a.phase != b.phase:
		return a.phase < b.phase
	}
	return a.born < b.born
}

func (a *deadline) at() point { return point{a.time, a.phase} }

// dueQueue holds deadlines, the next one first. A deadline that was moved or
// cancelled stays in it; the track knows better (track.take). When most of them
// may be such ones they are swept out: keys that come and go in a storm must not
// be held until what they once waited for is over.
type dueQueue struct {
	heap[deadline]
	room int // how long the heap may become before the next sweep
}

// minSweep is the length of a queue below which nothing is swept.
const minSweep = 1024

// set moves the track's deadline of a phase to t; never cancels it. The queue
// gets a new entry only when t is earlier than the one it has, so that a
// window that every match prolongs costs nothing here.
func (q *dueQueue) set(tr *track, ph phase, t int64) {
	tr.due[ph] = t
	if t < tr.queued[ph] {
		tr.queued[ph] = t
		if len(q.heap) >= max(q.room, minSweep) {
			q.sweep()
		}
		q.push(deadline{time: t, phase: ph, life: tr.life, born: tr.born, track: tr})
	}
}

// next returns the earliest true deadline, if it is before a point, without
// removing it; moved and cancelled ones in front of it are tidied away. Nearly
// always there is none, and no track has to be looked at to see that.
func (q *dueQueue) next(until point) (deadline, bool) {
	for len(q.heap) > 0 {
		d := q.heap[0]
		if !d.at().before(until) {
			break
		}
		tr := d.track
		switch {
		case tr.life != d.life, tr.queued[d.phase] != d.time: // of a forgotten track, or replaced by an earlier one
			q.pop()
		case tr.due[d.phase] == d.time:
			return d, true
		default:
			q.pop()
			tr.queued[d.phase] = never
			if tr.due[d.phase] != never {
				q.set(tr, d.phase, tr.due[d.phase])
			}
		}
	}
	return deadline{}, false
}

// sweep removes the deadlines that are not true any more. It makes room for as
// many as are left, so that it costs each entry a constant share.
func (q *dueQueue) sweep() {
	all := q.heap
	q.heap = all[:0]
	for _, d := range all {
		tr := d.track
		switch {
		case tr.life != d.life, tr.queued[d.phase] != d.time:
		case tr.due[d.phase] == never:
			tr.queued[d.phase] = never
		default:
			q.push(d)
		}
	}
	clear(all[len(q.heap):])
	q.room = 2 * len(q.heap)
}

// take removes the deadline that next returned.
func (q *dueQueue) take() deadline {
	d := q.pop()
	d.track.due[d.phase], d.track.queued[d.phase] = never, never
	return d
}
