package engine

import (
	"container/heap"

	"github.com/qmpalert/qmpalert/event"
)

// phase orders what happens at one instant (docs/semantics.md, rule 5).
type phase uint8

const (
	phaseLeave phase = iota // (a) matches leave their windows
	phaseKeep               // (b) keep_firing_for ends
	phaseEvent              // (c) events
	phaseFor                // (d) for is over
	phases
)

// waiting is an event that its lane cannot evaluate yet.
type waiting struct {
	time    int64
	arrival uint64
	event   *event.Event
}

// waitQueue holds waiting events, the next one first.
type waitQueue []waiting

func (q waitQueue) Len() int      { return len(q) }
func (q waitQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *waitQueue) Push(x any)   { *q = append(*q, x.(waiting)) }
func (q *waitQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = waiting{}
	*q = old[:len(old)-1]
	return last
}
func (q waitQueue) Less(i, j int) bool {
	if q[i].time != q[j].time {
		return q[i].time < q[j].time
	}
	return q[i].arrival < q[j].arrival
}

// deadline is a time at which a track has something to do.
type deadline struct {
	time  int64
	phase phase
	born  uint64 // of the track: a stable order among equals
	track *track
}

// dueQueue holds deadlines, the next one first. A deadline that was moved or
// cancelled stays in it; the track knows better (track.take).
type dueQueue []deadline

func (q dueQueue) Len() int      { return len(q) }
func (q dueQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *dueQueue) Push(x any)   { *q = append(*q, x.(deadline)) }
func (q *dueQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = deadline{}
	*q = old[:len(old)-1]
	return last
}
func (q dueQueue) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	if a.time != b.time {
		return a.time < b.time
	}
	if a.phase != b.phase {
		return a.phase < b.phase
	}
	return a.born < b.born
}

// set moves the track's deadline of a phase to t; never cancels it. The queue
// gets a new entry only when t is earlier than the one it has, so that a
// window that every match prolongs costs nothing here.
func (q *dueQueue) set(tr *track, ph phase, t int64) {
	tr.due[ph] = t
	if t < tr.queued[ph] {
		tr.queued[ph] = t
		heap.Push(q, deadline{time: t, phase: ph, born: tr.born, track: tr})
	}
}

// next returns the earliest true deadline without removing it; moved and
// cancelled ones in front of it are tidied away.
func (q *dueQueue) next() (deadline, bool) {
	for len(*q) > 0 {
		d := (*q)[0]
		tr := d.track
		switch {
		case tr.queued[d.phase] != d.time: // replaced by an earlier one
			heap.Pop(q)
		case tr.due[d.phase] == d.time:
			return d, true
		default:
			heap.Pop(q)
			tr.queued[d.phase] = never
			if tr.due[d.phase] != never {
				q.set(tr, d.phase, tr.due[d.phase])
			}
		}
	}
	return deadline{}, false
}

// take removes the deadline that next returned.
func (q *dueQueue) take() deadline {
	d := heap.Pop(q).(deadline)
	d.track.due[d.phase], d.track.queued[d.phase] = never, never
	return d
}
