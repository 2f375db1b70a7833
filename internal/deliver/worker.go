package deliver

import (
	"context"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// worker owns one endpoint: its queue, its receipts and its pace.
type worker struct {
	receiver, endpoint string
	opts               *Options
	wake               chan struct{} // one token: something changed
	done               chan struct{} // closed when run has returned

	mu       sync.Mutex
	to       Endpoint
	queue    queue
	receipts receipts
	pause    time.Time // nothing is sent before
	fails    int       // tries that failed since the far end last answered sense
	removed  bool      // by Swap: fail what is queued, then end
	finished bool      // by Close: end when the queue is empty
	dropped  []Failure // at most one, of Count messages, not yet reported
	told     time.Time // when dropped ones were last reported
	count    Stat
}

func newWorker(e Endpoint, o *Options) *worker {
	return &worker{receiver: e.Receiver, endpoint: e.Name, opts: o, to: e, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

func (w *worker) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // the token that lies there says the same
	}
}

func (w *worker) put(n notifiers.Notification) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.to.wants(&n) || w.queue.has(n.ID) {
		return
	}
	w.count.Put++
	if len(w.queue) >= w.opts.QueueSize {
		w.count.Dropped++
		if w.dropped == nil {
			w.dropped = []Failure{w.failure(QueueFull, nil, n)}
			w.dropped[0].Count = 0
		}
		w.dropped[0].Count++
		w.dropped[0].Notification = n
	} else {
		w.queue = append(w.queue, &item{n: n, put: time.Now()})
	}
	w.signal()
}

// swap takes over a new way to the endpoint. Another Notifier may be the
// mended one, so nothing waits for an old pause.
func (w *worker) swap(e Endpoint) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.to.Notifier != e.Notifier {
		w.pause, w.fails = time.Time{}, 0
		for _, it := range w.queue {
			it.notBefore = time.Time{}
		}
	}
	w.to = e
	w.signal()
}

func (w *worker) remove() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.removed = true
	w.signal()
}

func (w *worker) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finished = true
	w.signal()
}

// run sends until the worker is removed or finished, or ctx is done. What is
// queued then stays in the queue.
func (w *worker) run(ctx context.Context) {
	defer close(w.done)
	for ctx.Err() == nil {
		s := w.plan(time.Now())
		for _, f := range s.failed {
			w.opts.OnFailed(f)
		}
		switch {
		case s.send != nil:
			w.try(ctx, s.send, s.to, s.prev)
		case s.end:
			return
		case len(s.failed) == 0:
			w.sleep(ctx, s.wait)
		}
	}
}

// step is what a worker does next: report what failed, and then send, end, or
// wait (for a signal when wait is negative).
type step struct {
	failed []Failure
	send   *item
	to     notifiers.Notifier
	prev   notifiers.Receipt
	end    bool
	wait   time.Duration
}

func (w *worker) plan(now time.Time) step {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := step{failed: w.overflow(now), wait: -1}
	s.failed = append(s.failed, w.expire(now)...)
	if w.dropped != nil {
		s.wait = w.told.Add(dropReport).Sub(now)
	}
	it := w.queue.next(now)
	if it == nil {
		s.end = w.removed || w.finished
		return s
	}
	due := it.notBefore
	if w.pause.After(due) {
		due = w.pause
	}
	if !due.After(now) {
		s.send, s.to, s.prev = it, w.to.Notifier, w.receipts.of[it.n.GroupKey].handle
		return s
	}
	for _, it := range w.queue {
		if end := it.put.Add(w.opts.MaxAge); end.Before(due) {
			due = end
		}
	}
	if wait := due.Sub(now); s.wait < 0 || wait < s.wait {
		s.wait = wait
	}
	return s
}

// dropReport is the least time between two reports of dropped messages: a storm
// must not become one of reports, each of them a log line and an event.
const dropReport = time.Second

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

// expire gives up what is too old, or everything when the endpoint was removed.
func (w *worker) expire(now time.Time) []Failure {
	var out []Failure
	for _, it := range append(queue(nil), w.queue...) {
		reason := TooOld
		if w.removed {
			reason = Removed
		} else if now.Sub(it.put) < w.opts.MaxAge {
			continue
		}
		w.queue.remove(it)
		w.count.Failed++
		out = append(out, w.failure(reason, it.err, it.n))
	}
	return out
}

func (w *worker) sleep(ctx context.Context, d time.Duration) {
	var due <-chan time.Time
	if d >= 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		due = t.C
	}
	select {
	case <-ctx.Done():
	case <-w.wake:
	case <-due:
	}
}

// left empties the queue of a worker that has ended and returns what was in it.
func (w *worker) left() []Failure {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.dropped
	w.dropped = nil
	for _, it := range w.queue {
		w.count.Failed++
		out = append(out, w.failure(Stopped, it.err, it.n))
	}
	w.queue = nil
	return out
}

func (w *worker) stats() Stat {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.count
	s.Receiver, s.Endpoint, s.Queued = w.receiver, w.endpoint, int64(len(w.queue))
	return s
}

func (w *worker) failure(r Reason, err error, n notifiers.Notification) Failure {
	return Failure{Receiver: w.receiver, Endpoint: w.endpoint, Reason: r, Err: err, Count: 1, Notification: n}
}
