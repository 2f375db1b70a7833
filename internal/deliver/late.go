package deliver

import (
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// lateOnes are messages that the outbox got after they had come to their end:
// while it refused changes they went out from memory.
type lateOnes struct {
	ended recent[Outcome] // by ID; not yet in the outbox
	due   []lateOne       // to be taken out of the outbox again
}

type lateOne struct {
	seq uint64
	o   Outcome
}

// stored notes that a message is in the outbox now, and says whether it is
// known.
func (l *lateOnes) stored(q *queue, it Item) bool {
	if x := q.ids[it.ID]; x != nil {
		q.stored(x, it.Seq)
		return true
	}
	x, ok := l.ended.of[it.ID]
	if ok {
		l.ended.forget(it.ID)
		l.due = append(l.due, lateOne{it.Seq, x.value})
	}
	return ok
}

// settleLate takes what came late out of the outbox.
func (w *worker) settleLate(now time.Time) {
	w.mu.Lock()
	due := w.late.due
	w.late.due = nil
	upToDate := len(due) == 0 && len(w.late.ended.of) == 0 && w.ledger.storing()
	w.mu.Unlock()
	if upToDate {
		clear(w.stale)
	}
	for _, x := range due {
		var still []GroupReceipt // those that nothing newer has replaced
		for _, r := range x.o.Receipts {
			if known, ok := w.ledger.late.of[r.Group]; ok && known.value == r.Receipt {
				still = append(still, r)
			}
		}
		x.o.Receipts = still
		w.ledger.done(now, x.seq, x.o)
	}
}

// putHere takes over a message that is in no outbox.
func (w *worker) putHere(n notifiers.Notification, at int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	it := newItem(itemOf(&n, 0, at))
	switch {
	case w.queue.ids[n.ID] != nil:
		return
	case len(w.queue.ids) >= w.opts.QueueSize:
		w.drop(it)
	default:
		it.n = &n
		w.add(it)
	}
	w.signal()
}

// putMemory takes over a message and puts it into an outbox that cannot fail.
func (w *worker) putMemory(m *Memory, n notifiers.Notification, at int64) {
	stored, isNew := m.Put(w.id, n, at)
	switch {
	case isNew:
		w.put(stored)
	case stored.Seq == 0:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.drop(newItem(itemOf(&n, 0, at)))
		w.signal()
	}
}

// left empties the queue of a worker that has ended and returns what is lost
// with it.
func (w *worker) left(volatile bool) []Failure {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.dropped
	w.dropped = nil
	for _, it := range append([]*item(nil), w.queue.items...) {
		if volatile || it.Seq == 0 {
			w.queue.remove(it)
			w.count.Failed += int64(it.Messages)
			out = append(out, w.failure(Stopped, it))
		}
	}
	return out
}
