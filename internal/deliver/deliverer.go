package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Endpoint is one way to reach a receiver: one entry of its slack_configs,
// email_configs, webhook_configs.
type Endpoint struct {
	Receiver     string
	Name         string // unique for the receiver: "slack", "email 2"; printed
	SendResolved bool
	// Edits says that it changes its messages: it gets notifiers.KindUpdate.
	Edits bool
	// Whole says that programs read it: every message goes out by itself, none is
	// carried by another one.
	Whole bool
	// Resend is after how long the message of a group that fires is sent again,
	// until the group is resolved; 0: never. It implies Whole.
	Resend   time.Duration
	Limit    Limit
	Notifier notifiers.Notifier // a pointer: Swap compares
}

// Limit is how fast a far end wants to be told. Endpoints of one Key share it;
// each try counts.
type Limit struct {
	Key   string        // what is limited: a channel of a workspace; "": there is no limit
	Every time.Duration // one message
	Burst int           // that many at once, after a pause; at least 1
}

// ID is the endpoint's name in the outbox.
func (e *Endpoint) ID() EndpointID { return EndpointID{e.Receiver, e.Name} }

// Errors of Put.
var (
	ErrClosed          = errors.New("delivery is stopped")
	ErrUnknownReceiver = errors.New("no such receiver")
)

// Deliverer delivers. Its methods may be called by several goroutines.
type Deliverer struct {
	opts  Options
	abort context.CancelFunc // ends every try that is under way
	ctx   context.Context    // until abort
	wg    sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	workers map[key]*worker
	order   []*worker // those of workers, as Swap was given them
	gone    []*worker // taken away by Swap, perhaps still at work
}

type key struct{ receiver, endpoint string }

// New returns a Deliverer without endpoints. Close must be called.
func New(o Options) *Deliverer {
	ctx, cancel := context.WithCancel(context.Background())
	return &Deliverer{opts: o.withDefaults(), ctx: ctx, abort: cancel, workers: map[key]*worker{}}
}

// Swap makes these the endpoints. One that was there under the same receiver
// and name keeps its queue and its receipts; if its Notifier is another one,
// what is queued is tried at once with that. What was queued for one that is
// no longer named fails with Removed, after a try that is under way. Two of
// the same receiver and name are an error, and nothing changes.
func (d *Deliverer) Swap(endpoints []Endpoint) error {
	seen := map[key]bool{}
	for _, e := range endpoints {
		k := key{e.Receiver, e.Name}
		if seen[k] {
			return fmt.Errorf("receiver %q has two endpoints named %q", e.Receiver, e.Name)
		}
		seen[k] = true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	for k, w := range d.workers {
		if !seen[k] {
			w.remove()
			d.gone = append(d.gone, w)
			delete(d.workers, k)
		}
	}
	d.forget()
	d.order = nil
	for _, e := range endpoints {
		k := key{e.Receiver, e.Name}
		w, ok := d.workers[k]
		if ok {
			w.swap(e)
		} else {
			w = newWorker(e, &d.opts)
			d.workers[k] = w
			d.wg.Go(func() { w.run(d.ctx) })
		}
		d.order = append(d.order, w)
	}
	return nil
}

// Put queues a message for every endpoint of its receiver that wants it and
// returns at once. A message whose ID waits there already changes nothing.
func (d *Deliverer) Put(n notifiers.Notification) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return ErrClosed
	}
	known := false
	for _, w := range d.order {
		if w.receiver != n.Receiver {
			continue
		}
		known = true
		w.put(n)
	}
	if !known {
		return fmt.Errorf("%w: %q", ErrUnknownReceiver, n.Receiver)
	}
	return nil
}

// Wanted returns the endpoints that are to get a message, in order of Swap:
// those of its receiver, but for what they do not send (resolved ones, updates).
// known says that there is such a receiver.
func (d *Deliverer) Wanted(n *notifiers.Notification) (to []EndpointID, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.order {
		if w.receiver == n.Receiver {
			known = true
			if w.to.wants(n) {
				to = append(to, w.to.ID())
			}
		}
	}
	return to, known
}

// PutCommitted takes over a message that is in the outbox, and returns at once.
// One that it has already changes nothing.
func (d *Deliverer) PutCommitted(e EndpointID, it Item) {
	n, err := d.opts.Outbox.Load(e, it.Seq)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		if w, ok := d.workers[key{e.Receiver, e.Name}]; ok {
			w.put(n)
		}
	}
}

// Resend lets the dead letters with a notification's ID wait again, at every
// endpoint that is there, and returns how many they are.
func (d *Deliverer) Resend(id string) (int, error) { return 0, ErrNoMessage }

// Close delivers what is queued until ctx is done, then cancels the tries that
// are under way, waits for every goroutine, and returns what was left. It may
// be called again, and returns nothing then.
func (d *Deliverer) Close(ctx context.Context) []Failure {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		d.wg.Wait()
		return nil
	}
	d.closed = true
	workers := slices.Concat(d.order, d.gone)
	for _, w := range workers {
		w.finish()
	}
	d.mu.Unlock()

	stop := context.AfterFunc(ctx, d.abort)
	d.wg.Wait()
	stop()
	d.abort()

	var left []Failure
	for _, w := range workers {
		left = append(left, w.left()...)
	}
	return left
}

// Stat is the account of one endpoint: Put = Delivered + Failed + Dropped +
// Queued, at every moment.
type Stat struct {
	Receiver, Endpoint string

	Put       int64
	Delivered int64
	Failed    int64 // given up; those delivered partly too
	Dropped   int64 // refused by a full queue
	Queued    int64 // the one under way included
	Retries   int64 // tries that failed and were or will be repeated
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

func (e *Endpoint) wants(n *notifiers.Notification) bool {
	return e.SendResolved || n.Status != alert.Resolved
}
