package qmpsock

import (
	"context"
	"sync"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// maxOwn is how many events about the connection may wait before the monitor
// is left alone until they are taken.
const maxOwn = 64

// queue stands between the reader of a monitor, who never waits, and emit, who
// may. It lives as long as the monitor is known, so order is kept over
// reconnects.
type queue struct {
	host, source string
	maxEvents    int // of the wire
	maxBytes     int

	mu      sync.Mutex
	items   []item // those before head are taken
	head    int
	wire    int // items of the wire that wait
	own     int // items of ours that wait
	bytes   int
	vm      event.VM
	holding bool // items behind `ready` wait for the name of their VM
	ready   int
	closed  bool
	gap     struct {
		dropped  int64
		received int64 // when the last of them was
	}
	counts sources.Counts

	work  chan struct{} // a token when there may be something to take
	space chan struct{} // a token when an own event was taken
}

// item is an event that waits, and the memory it takes.
type item struct {
	ev   event.Event
	size int
	own  bool
}

func newQueue(host, source string, maxEvents, maxBytes int) *queue {
	return &queue{
		host: host, source: source, maxEvents: maxEvents, maxBytes: maxBytes,
		work: make(chan struct{}, 1), space: make(chan struct{}, 1),
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// sizeOf is what a clone of ev takes, roughly: its text twice (in Raw, and in
// the strings of Data) and two structs.
func sizeOf(ev *qmp.Event) int { return 512 + len(ev.Name) + 2*len(ev.Raw) }

// put takes an event of the wire, or drops it. It never blocks.
func (q *queue) put(ev *qmp.Event, received int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer signal(q.work)
	q.counts.Received++
	size := sizeOf(ev)
	if q.gap.dropped > 0 || q.wire >= q.maxEvents || q.bytes+size > q.maxBytes {
		q.counts.Dropped++
		q.gap.dropped++
		q.gap.received = received
		return
	}
	q.wire++
	q.bytes += size
	q.push(item{ev: event.Event{Event: ev.Clone(), Received: received}, size: size})
}

// putOwn takes events about the connection, all received at once.
func (q *queue) putOwn(received int64, own ...qmp.Data) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closeGap()
	for _, d := range own {
		q.own++
		q.push(ownItem(d, received))
	}
	signal(q.work)
}

func ownItem(d qmp.Data, received int64) item {
	return item{ev: event.Event{Event: qmp.MakeEvent(d, qmp.NoTime), Received: received}, own: true}
}

// push appends an item and, when it is known, says whose it is.
func (q *queue) push(it item) {
	it.ev.Host, it.ev.Source, it.ev.VM = q.host, q.source, q.vm
	q.items = append(q.items, it)
}

// closeGap puts what was dropped in its place: behind everything that was
// there before it, and before everything that comes now.
func (q *queue) closeGap() {
	if q.gap.dropped == 0 {
		return
	}
	gap := &qmp.QMPAlertGap{Reason: qmp.Some("queue"), Dropped: qmp.Some(q.gap.dropped)}
	q.own++
	q.push(ownItem(gap, q.gap.received))
	q.gap.dropped = 0
}

// hold keeps what comes from now on until release says whose it is.
func (q *queue) hold() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closeGap() // it belongs to what came before
	q.holding, q.ready = true, len(q.items)
}

// held says how many events wait for release.
func (q *queue) held() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items) - q.ready
}

// release names the VM of what was held and of what is to come. Before it go
// the own events, first those of the VM that was there before, then those of
// this one.
func (q *queue) release(vm event.VM, received int64, before, now []qmp.Data) {
	q.mu.Lock()
	defer q.mu.Unlock()
	held := append([]item(nil), q.items[q.ready:]...)
	if len(held) > 0 {
		received = min(received, held[0].ev.Received) // what comes first was first
	}
	q.items = q.items[:q.ready]
	for _, d := range before {
		q.own++
		q.push(ownItem(d, received))
	}
	q.vm = vm
	for _, d := range now {
		q.own++
		q.push(ownItem(d, received))
	}
	for _, it := range held {
		q.push(it)
	}
	q.holding = false
	signal(q.work)
}

// discard drops what was held: nobody will ever say whose it is.
func (q *queue) discard() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.Dropped += q.drop(q.ready)
	q.gap.dropped = 0 // counted already
	q.holding = false
}

// drop takes away the items from index i on and returns how many were of the
// wire.
func (q *queue) drop(i int) uint64 {
	wire := uint64(0)
	for _, it := range q.items[i:] {
		if it.own {
			q.own--
			continue
		}
		q.wire--
		q.bytes -= it.size
		wire++
	}
	clear(q.items[i:])
	q.items = q.items[:i]
	return wire
}

// pump hands the events to emit, one at a time, until the queue is closed and
// empty, emit fails, or ctx ends; what is left then is counted as dropped.
func (q *queue) pump(ctx context.Context, emit sources.Emit) error {
	defer q.abandon()
	for ctx.Err() == nil {
		it, ok, end := q.take()
		switch {
		case end:
			return nil
		case ok:
			err := emit(ctx, &it.ev)
			q.taken(&it, err)
			if err != nil {
				return err
			}
		default:
			select {
			case <-q.work:
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// take returns the next item, or that there is none, now or ever.
func (q *queue) take() (it item, ok, end bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gap.dropped > 0 && q.wire <= q.maxEvents/2 && q.bytes <= q.maxBytes/2 {
		q.closeGap()
	}
	limit := len(q.items)
	if q.holding {
		limit = q.ready
	}
	if q.head == limit {
		return item{}, false, q.closed && !q.holding
	}
	it = q.items[q.head]
	q.items[q.head] = item{}
	q.head++
	if it.own {
		q.own--
		signal(q.space)
	} else {
		q.wire--
		q.bytes -= it.size
		q.counts.Pending = 1 // in emit's hands
	}
	q.compact()
	return it, true, false
}

// compact gives back the room of what was taken, all of it when nothing waits:
// a hundred silent monitors must not keep what a storm needed.
func (q *queue) compact() {
	switch {
	case q.head == len(q.items):
		q.items, q.head, q.ready = nil, 0, 0
	case q.head >= 256 && 2*q.head >= len(q.items):
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items = q.items[:n]
		q.ready -= min(q.ready, q.head)
		q.head = 0
	}
}

// taken counts what became of an item.
func (q *queue) taken(it *item, err error) {
	if it.own {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.counts.Pending = 0
	if err != nil {
		q.counts.Dropped++
		return
	}
	q.counts.Emitted++
}

// abandon counts everything that is left as dropped; so is what still comes.
func (q *queue) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.holding = false
	q.counts.Dropped += q.drop(q.head)
	q.maxEvents = 0
}

// close says that nothing more comes.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	signal(q.work)
}

// waitForRoom blocks until few enough own events wait, or ctx ends.
func (q *queue) waitForRoom(ctx context.Context) {
	for {
		q.mu.Lock()
		full := q.own >= maxOwn
		q.mu.Unlock()
		if !full {
			return
		}
		select {
		case <-q.space:
		case <-ctx.Done():
			return
		}
	}
}

// snapshot returns the counts of now.
func (q *queue) snapshot() sources.Counts {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.counts
	c.Pending += uint64(q.wire)
	return c
}
