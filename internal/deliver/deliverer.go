package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// Errors of Put and Resend.
var (
	ErrClosed          = errors.New("delivery is stopped")
	ErrUnknownReceiver = errors.New("no such receiver")
)

// Deliverer delivers. Its methods may be called by several goroutines.
type Deliverer struct {
	opts    Options
	memory  *Memory            // the outbox, if it is one
	abort   context.CancelFunc // ends every try that is under way
	ctx     context.Context    // until abort
	wg      sync.WaitGroup
	limits  limits
	trouble trouble

	mu      sync.Mutex
	closed  bool
	workers map[EndpointID]*worker
	order   []*worker // those of workers, as Swap was given them
	gone    []*worker // taken away by Swap, perhaps still at work
}

// New returns a Deliverer without endpoints. Close must be called.
func New(o Options) *Deliverer {
	ctx, cancel := context.WithCancel(context.Background())
	d := &Deliverer{opts: o.withDefaults(), ctx: ctx, abort: cancel, workers: map[EndpointID]*worker{}}
	d.memory, _ = d.opts.Outbox.(*Memory)
	return d
}

// Swap makes these the endpoints. One that was there under the same receiver
// and name keeps what waits for it; if its Notifier is another one, that is
// tried at once with it. What waits for one that is no longer named (in the
// outbox too, from before the start) becomes dead letters, after a try that is
// under way. Two of the same receiver and name are an error, and nothing changes.
func (d *Deliverer) Swap(endpoints []Endpoint) error {
	seen := map[EndpointID]bool{}
	for _, e := range endpoints {
		if seen[e.ID()] {
			return fmt.Errorf("receiver %q has two endpoints named %q", e.Receiver, e.Name)
		}
		seen[e.ID()] = true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	d.limits.set(endpoints, time.Now())
	for id, w := range d.workers {
		if !seen[id] {
			d.remove(w)
		}
	}
	d.forget()
	d.order = nil
	for _, e := range endpoints {
		w, ok := d.workers[e.ID()]
		if ok {
			w.swap(e)
		} else {
			w = d.start(e)
		}
		d.order = append(d.order, w)
	}
	d.orphans()
	return nil
}

// start makes the worker of an endpoint.
func (d *Deliverer) start(e Endpoint) *worker {
	var before *worker
	for _, w := range d.gone {
		if w.id == e.ID() {
			w.follow()
			before = w
		}
	}
	w := newWorker(e, &d.opts, &d.limits, &d.trouble, before)
	d.workers[w.id] = w
	d.wg.Go(func() { w.run(d.ctx) })
	return w
}

func (d *Deliverer) remove(w *worker) {
	w.remove()
	d.gone = append(d.gone, w)
	delete(d.workers, w.id)
}

// orphans makes dead letters of what waits for endpoints that are not named any
// more. When the outbox cannot say, the next Swap asks again.
func (d *Deliverer) orphans() {
	waiting, err := d.opts.Outbox.Endpoints()
	if err != nil {
		return
	}
	for _, id := range waiting {
		if d.workers[id] == nil && !slices.ContainsFunc(d.gone, func(w *worker) bool { return w.id == id }) {
			d.remove(d.start(Endpoint{Receiver: id.Receiver, Name: id.Name}))
		}
	}
}

// Wanted returns the endpoints that are to get a message, in order of Swap:
// those of its receiver, but for what they do not send (resolved ones, updates).
// known says that there is such a receiver.
func (d *Deliverer) Wanted(n *notifiers.Notification) (to []EndpointID, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.order {
		if w.id.Receiver == n.Receiver {
			known = true
			if w.wants(n) {
				to = append(to, w.id)
			}
		}
	}
	return to, known
}

// PutCommitted takes over a message that is in the outbox, and returns at once.
// One that it has already changes nothing; one that Put has taken is from now on
// kept by the outbox. For an endpoint that is not there it becomes a dead letter.
// After Close it stays in the outbox.
func (d *Deliverer) PutCommitted(e EndpointID, it Item) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	if w := d.workers[e]; w != nil {
		w.put(it)
		return
	}
	w := d.start(Endpoint{Receiver: e.Receiver, Name: e.Name})
	w.put(it)
	d.remove(w)
}

// Put takes a message that is in no outbox, for every endpoint of its receiver
// that wants it, and returns at once: where nothing is kept on disk, or while the
// disk takes nothing. It is kept in memory; an endpoint for which too many
// are drops it. If the outbox gets it later all the same, PutCommitted says so,
// and it is not sent again.
func (d *Deliverer) Put(n notifiers.Notification) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	known := false
	now := time.Now().UnixMicro()
	for _, w := range d.order {
		if w.id.Receiver != n.Receiver {
			continue
		}
		known = true
		switch {
		case !w.wants(&n):
		case d.memory == nil:
			w.putHere(n, now)
		default:
			w.putMemory(d.memory, n, now)
		}
	}
	if !known {
		return fmt.Errorf("%w: %q", ErrUnknownReceiver, n.Receiver)
	}
	return nil
}

// Resend lets the dead letters with a notification's ID wait again, at every
// endpoint that is there, and returns how many they are: ErrNoMessage when there
// is none, ErrUnknownReceiver when no endpoint is left. It waits for the outbox.
func (d *Deliverer) Resend(id string) (int, error) {
	letters, err := d.opts.Outbox.DeadLetters()
	if err != nil {
		return 0, err
	}
	sent, unknown := 0, error(ErrNoMessage)
	for _, l := range letters {
		if l.Item.ID != id {
			continue
		}
		if !d.has(l.Endpoint) {
			unknown = fmt.Errorf("%w: %q", ErrUnknownReceiver, l.Endpoint)
			continue
		}
		it, err := d.opts.Outbox.Revive(l.Endpoint, l.Item.Seq, time.Now().UnixMicro())
		if err != nil {
			return sent, err
		}
		d.PutCommitted(l.Endpoint, it)
		sent++
	}
	if sent == 0 {
		return 0, unknown
	}
	return sent, nil
}

func (d *Deliverer) has(e EndpointID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.closed && d.workers[e] != nil
}

// Close delivers what waits until ctx is done (or sooner, when nothing may be
// sent before ctx's deadline), then cancels the tries that are under way and
// waits for every goroutine. What waits then stays in the outbox; what is lost
// with the process, because no outbox keeps it, is returned. Close may be called
// again, and returns nothing then.
func (d *Deliverer) Close(ctx context.Context) []Failure {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		d.wg.Wait()
		return nil
	}
	d.closed = true
	workers := slices.Concat(d.order, d.gone)
	deadline, _ := ctx.Deadline()
	for _, w := range workers {
		w.finish(deadline)
	}
	d.mu.Unlock()

	stop := context.AfterFunc(ctx, d.abort)
	d.wg.Wait()
	stop()
	d.abort()

	var left []Failure
	for _, w := range workers {
		left = append(left, w.left(d.memory != nil)...)
	}
	return left
}

// Stat is the account of one endpoint since the start, in decided messages: one
// that carries others counts as those. Put = Delivered + Failed + Dropped +
// Queued, at every moment.
type Stat struct {
	Receiver, Endpoint string

	Put       int64 // what waited at the start included
	Delivered int64
	Failed    int64 // dead letters; those delivered partly too
	Dropped   int64 // refused for want of room
	Queued    int64 // the one under way included
	Retries   int64 // tries that failed and were or will be repeated
	Resent    int64 // standing messages sent again; not part of the account
	Oldest    int64 // when the oldest that waits was decided, microseconds since 1970 UTC; 0: nothing waits
	Open      bool  // only probes are sent, because nothing arrives
}

// Stats returns the accounts in the order of Swap; after them those of endpoints
// that were taken away while a try was under way.
func (d *Deliverer) Stats() []Stat {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	var out []Stat
	for _, w := range slices.Concat(d.order, d.gone) {
		out = append(out, w.stats())
	}
	return out
}

// forget drops the workers that were taken away and have ended.
func (d *Deliverer) forget() {
	d.gone = slices.DeleteFunc(d.gone, func(w *worker) bool {
		select {
		case <-w.done:
			return true
		default:
			return false
		}
	})
}
