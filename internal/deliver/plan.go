package deliver

import (
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/qmpalert/qmpalert/notifiers"
)

// step is what a worker does next: bury what is dead, send, end, or wait (for a
// signal when wait is negative).
type step struct {
	dropped []Failure
	dead    []*item
	reason  Reason // why
	send    *item
	resend  string // a group that has a standing message
	to      notifiers.Notifier
	end     bool
	wait    time.Duration
}

// plan decides. Of a message that waits and a standing one that is due they take
// turns; while the breaker is open only what waits is a probe, if anything does.
func (w *worker) plan(now time.Time) step {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := step{dropped: w.overflow(now), to: w.to.Notifier, wait: -1}
	if w.dropped != nil {
		s.wake(now, w.told.Add(dropReport))
	}
	if s.dead, s.reason = w.expire(now); len(s.dead) > 0 {
		return s
	}
	it, due := w.choose(now)
	group, again := w.repeated()
	if group != "" && !again.After(now) && (it == nil || !w.breaker.open && (w.standing.turn || due.After(now))) {
		it, due = nil, again
	} else if it == nil {
		w.ticket.put(now)
		s.end = w.finished || w.removed && (w.followed || w.ledger.storing())
		s.wake(now, again)
		return s
	}
	if due.After(now) {
		w.ticket.put(now) // others may use it meanwhile
	} else {
		due = w.ticket.take(w.limits, w.to.Limit.Key, now)
	}
	if due.After(now) {
		s.end = w.finished && !w.deadline.IsZero() && due.After(w.deadline)
		s.wake(now, due)
		s.wake(now, w.expiry)
		if !w.breaker.open {
			s.wake(now, again)
		}
		return s
	}
	if s.send = it; it == nil {
		s.resend = group
	}
	return s
}

// wake makes the wait end at t, if not earlier; the zero time says nothing.
func (s *step) wake(now, t time.Time) {
	if wait := max(t.Sub(now), 0); !t.IsZero() && (s.wait < 0 || wait < s.wait) {
		s.wait = wait
	}
}

// choose returns the message that is next, and when: one that was just composed,
// the one that the breaker lets through, or that of the queue.
func (w *worker) choose(now time.Time) (it *item, due time.Time) {
	paused := w.pause
	if shared := w.limits.paused(w.to.Limit.Key); shared.After(paused) {
		paused = shared
	}
	if it = w.chosen; w.queue.holds(it) {
		return it, paused
	}
	if !w.breaker.open {
		if it = w.queue.next(now, false); it != nil && it.notBefore.After(paused) {
			return it, it.notBefore
		}
		return it, paused
	}
	if w.breaker.other() {
		it = w.queue.next(now, true)
	}
	if it == nil {
		it = w.breaker.head
	}
	if !w.queue.holds(it) {
		it = w.queue.next(now, false)
		w.breaker.head = it
	}
	return it, paused
}

// repeated returns the group whose standing message is the next to be sent
// again, and when; "" when there is none.
func (w *worker) repeated() (group string, due time.Time) {
	if w.removed || w.finished || w.to.Resend <= 0 || len(w.standing.queue) == 0 {
		return "", time.Time{}
	}
	e := w.standing.queue[0]
	if w.pause.After(e.due) {
		return e.group, w.pause
	}
	return e.group, e.due
}

// dropReport is the least time between two reports of dropped messages: a storm
// must not become one of reports, each of them a log line and an event.
const dropReport = time.Second

// drop refuses a message that there is no room for.
func (w *worker) drop(it *item) {
	w.count.Put++
	w.count.Dropped++
	if w.dropped == nil {
		w.dropped = []Failure{{Receiver: w.id.Receiver, Endpoint: w.id.Name, Reason: QueueFull}}
	}
	w.dropped[0].Count++
	w.dropped[0].Item = it.Item
}

// overflow returns the report of what was dropped, when it is time for one; the
// end of the worker is.
func (w *worker) overflow(now time.Time) []Failure {
	if w.dropped == nil || !w.removed && !w.finished && now.Sub(w.told) < dropReport {
		return nil
	}
	out := w.dropped
	w.dropped, w.told = nil, now
	return out
}

// expire returns what is too old, or everything when the endpoint was removed.
func (w *worker) expire(now time.Time) ([]*item, Reason) {
	if w.removed {
		return slices.Clone(w.queue.items), Removed
	}
	if w.expiry.IsZero() || now.Before(w.expiry) {
		return nil, ""
	}
	w.expiry = time.Time{}
	var old []*item
	for _, it := range w.queue.items {
		end := it.put().Add(w.opts.MaxAge)
		if !end.After(now) {
			old = append(old, it)
		} else if w.expiry.IsZero() || end.Before(w.expiry) {
			w.expiry = end
		}
	}
	return old, TooOld
}

// ticket is a token of the limit that a worker waits for.
type ticket struct {
	held *rate.Reservation
	key  string
}

// take returns when there is a token for the worker; from then on it has it.
func (t *ticket) take(l *limits, key string, now time.Time) time.Time {
	if t.held == nil || t.key != key {
		t.put(now)
		if t.held, t.key = l.reserve(key, now), key; t.held == nil {
			return now
		}
	}
	return now.Add(t.held.DelayFrom(now))
}

// put gives the token back.
func (t *ticket) put(now time.Time) {
	if t.held != nil {
		t.held.CancelAt(now)
		t.held = nil
	}
}
