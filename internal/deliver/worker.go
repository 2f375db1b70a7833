package deliver

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// worker owns one endpoint: what waits for it, and its pace.
type worker struct {
	id     EndpointID
	opts   *Options
	limits *limits
	before *worker       // that had the endpoint, was taken away and may be at work still; may be nil
	wake   chan struct{} // one token: something changed
	done   chan struct{} // closed when run has returned

	// Of the goroutine of run.
	ledger  ledger
	posted  map[string]bool // groups that have a message there, as far as it was looked up
	stale   map[string]bool // groups whose standing message the outbox does not know yet
	ticket  ticket
	chosen  *item     // composed, and the next to be sent
	noFolds time.Time // the outbox could not compose: until when nothing is

	mu       sync.Mutex
	to       Endpoint
	queue    queue
	standing standing
	breaker  breaker
	pause    time.Time       // nothing is sent before
	loaded   map[uint64]bool // what was read from the outbox at the beginning, and may be put once more
	expiry   time.Time       // nothing is too old before
	removed  bool            // by Swap: what waits are dead letters, then end
	followed bool            // another worker has the endpoint now, and takes over what is owed
	finished bool            // by Close: end when nothing waits
	deadline time.Time       // with finished: nothing is sent behind it; may be zero
	late     lateOnes
	dropped  []Failure // at most one, of Count messages, not yet reported
	told     time.Time // when dropped ones were last reported
	count    Stat
}

func newWorker(e Endpoint, o *Options, l *limits, t *trouble, before *worker) *worker {
	w := &worker{
		id: e.ID(), opts: o, limits: l, before: before, to: e, queue: newQueue(),
		wake: make(chan struct{}, 1), done: make(chan struct{}), posted: map[string]bool{}, stale: map[string]bool{}, loaded: map[uint64]bool{},
		ledger: ledger{box: o.Outbox, id: e.ID(), opts: o, trouble: t},
	}
	w.ledger.receipts.size, w.ledger.late.size, w.late.ended.size = memoryReceipts, memoryReceipts, memoryReceipts
	return w
}

func (w *worker) signal() {
	select {
	case w.wake <- struct{}{}:
	default: // the token that lies there says the same
	}
}

// put takes over a message that is in the outbox.
func (w *worker) put(it Item) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.queue.seqs[it.Seq] == nil && !w.loaded[it.Seq] && !w.late.stored(&w.queue, it) {
		w.add(newItem(it))
	}
	delete(w.loaded, it.Seq)
	w.signal()
}

// add puts a message into the queue.
func (w *worker) add(it *item) {
	w.queue.add(it)
	w.count.Put += int64(it.Messages)
	if end := it.put().Add(w.opts.MaxAge); w.expiry.IsZero() || end.Before(w.expiry) {
		w.expiry = end
	}
}

// wants says whether a message is for the endpoint.
func (w *worker) wants(n *notifiers.Notification) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.wants(n)
}

// swap takes over a new way to the endpoint. Another Notifier may be the
// mended one, so nothing waits for an old pause.
func (w *worker) swap(e Endpoint) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.to.Notifier != e.Notifier {
		w.pause = time.Time{}
		for _, it := range w.queue.items {
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

// follow tells a worker that was taken away that its endpoint is back.
func (w *worker) follow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.followed = true
	w.signal()
}

func (w *worker) finish(deadline time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finished, w.deadline = true, deadline
	w.signal()
}

// run sends until the worker is removed or finished, or ctx is done. What waits
// then stays in the outbox.
func (w *worker) run(ctx context.Context) {
	defer close(w.done)
	defer w.leave()
	if !w.load(ctx) {
		return
	}
	for ctx.Err() == nil {
		now := time.Now()
		w.ledger.flush(now)
		w.settleLate(now)
		s := w.plan(now)
		for _, f := range s.dropped {
			w.opts.OnFailed(f)
		}
		switch {
		case len(s.dead) > 0:
			w.bury(s.dead, s.reason)
		case s.send != nil:
			if !w.foldWith(now, s.send) {
				w.send(ctx, s.send, s.to)
			}
		case s.resend != "":
			w.resend(ctx, s.resend, s.to)
		case s.end:
			return
		case len(s.dropped) == 0:
			w.sleep(ctx, s.wait)
		}
	}
}

// load reads what waits in the outbox, until it can or nobody wants it any more.
func (w *worker) load(ctx context.Context) bool {
	if w.before != nil {
		<-w.before.done
		w.inherit()
	}
	for ctx.Err() == nil {
		now := time.Now()
		if w.loadOnce(now) == nil {
			return true
		}
		if w.isFinished() {
			return false
		}
		w.sleep(ctx, w.ledger.retry.Sub(now))
	}
	return false
}

// inherit takes over what the worker before could not store.
func (w *worker) inherit() {
	b := w.before
	w.before = nil
	w.stale, w.ledger.owed, w.ledger.receipts, w.ledger.late = b.stale, b.ledger.owed, b.ledger.receipts, b.ledger.late
	w.mu.Lock()
	defer w.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	w.late.ended, w.late.due = b.late.ended, append(w.late.due, b.late.due...)
}

func (w *worker) isFinished() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.finished
}

func (w *worker) isRemoved() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.removed
}

func (w *worker) loadOnce(now time.Time) error {
	var all []Item
	var standing []string
	err := w.ledger.read(now, func() (err error) {
		if all, err = w.ledger.box.Items(w.id); err == nil {
			standing, err = w.ledger.box.Standing(w.id)
		}
		return err
	})
	if err != nil {
		return err
	}
	var items []*item
	for _, it := range all {
		x := newItem(it)
		if it.Kind == notifiers.KindDigest {
			n, err := w.body(now, x)
			if err == nil {
				x.groups = groupsOf(&n)
			} else if !errors.Is(err, ErrNoMessage) {
				return err
			}
		}
		items = append(items, x)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range items {
		if w.loaded[it.Seq] = true; w.queue.seqs[it.Seq] == nil && !w.late.stored(&w.queue, it.Item) {
			w.add(it)
		}
	}
	for _, group := range standing {
		w.standing.set(group, now)
	}
	return nil
}

// body returns what a message says.
func (w *worker) body(now time.Time, it *item) (n notifiers.Notification, err error) {
	w.mu.Lock()
	seq, here := it.Seq, it.n
	w.mu.Unlock()
	if here != nil {
		return *here, nil
	}
	err = w.ledger.read(now, func() error {
		n, err = w.ledger.box.Load(w.id, seq)
		return err
	})
	return n, err
}

// leave stores what is still owed, if that is possible now.
func (w *worker) leave() {
	now := time.Now()
	w.ticket.put(now)
	w.settleLate(now)
	if w.isRemoved() {
		for _, g := range w.standing.queue {
			w.ledger.write(now, func() error { return w.ledger.box.DropStanding(w.id, g.group) })
		}
	}
	w.ledger.settle(now)
	if w.ledger.failing {
		w.ledger.trouble.end(w.opts.OnOutbox)
	}
}

func (w *worker) sleep(ctx context.Context, d time.Duration) {
	if len(w.ledger.owed) > 0 {
		if owed := max(time.Until(w.ledger.retry), 0); d < 0 || owed < d {
			d = owed
		}
	}
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

func (w *worker) stats() Stat {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.count
	s.Receiver, s.Endpoint, s.Queued, s.Open = w.id.Receiver, w.id.Name, w.queue.count, w.breaker.open
	for _, it := range w.queue.items {
		if s.Oldest == 0 || it.Put < s.Oldest {
			s.Oldest = it.Put
		}
	}
	return s
}

func (w *worker) failure(r Reason, it *item) Failure {
	return Failure{Receiver: w.id.Receiver, Endpoint: w.id.Name, Reason: r, Err: it.err, Count: it.Messages, Item: it.Item}
}
