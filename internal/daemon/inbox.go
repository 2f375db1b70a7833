package daemon

import (
	"context"
	"sync"

	"github.com/qmpalert/qmpalert/event"
)

// Bounds of what waits for the loop: events, and the bytes of what they say.
// Behind them the sources' own queues fill.
const (
	inboxEvents = 4096
	inboxBytes  = 32 << 20
)

// inbox is where sources put events and the loop takes them, many at a time:
// the more wait, the more are written to the disk at once.
type inbox struct {
	mu    sync.Mutex
	queue []*event.Event
	bytes int
	total uint64        // events, since the start
	room  chan struct{} // closed when there is room again; nil: nobody waits
	ready chan struct{} // one token: something is there
}

func newInbox() *inbox { return &inbox{ready: make(chan struct{}, 1)} }

// put adds an event. It blocks while there is no room, until ctx is done. The
// event is the inbox's.
func (b *inbox) put(ctx context.Context, ev *event.Event) error {
	for {
		room := b.try(ev)
		if room == nil {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// try adds an event, or returns what is closed when there may be room.
func (b *inbox) try(ev *event.Event) (room <-chan struct{}) {
	size := len(ev.Raw)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) > 0 && (len(b.queue) >= inboxEvents || b.bytes+size > inboxBytes) {
		if b.room == nil {
			b.room = make(chan struct{})
		}
		return b.room
	}
	b.queue = append(b.queue, ev)
	b.bytes += size
	b.total++
	select {
	case b.ready <- struct{}{}:
	default: // the token that lies there says the same
	}
	return nil
}

// take moves at most n events to dst[:0], in order.
func (b *inbox) take(dst []*event.Event, n int) []*event.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	n = min(n, len(b.queue))
	dst = append(dst[:0], b.queue[:n]...)
	for _, ev := range dst {
		b.bytes -= len(ev.Raw)
	}
	rest := copy(b.queue, b.queue[n:])
	clear(b.queue[rest:])
	b.queue = b.queue[:rest]
	if rest > 0 {
		select {
		case b.ready <- struct{}{}:
		default:
		}
	}
	if b.room != nil {
		close(b.room)
		b.room = nil
	}
	return dst
}

// accepted is how many events were put since the start.
func (b *inbox) accepted() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.total
}

// len is how many events wait.
func (b *inbox) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.queue)
}
