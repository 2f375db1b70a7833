package daemon

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/qmpalert/qmpalert/event"
)

func waiting(i, size int) *event.Event {
	ev := &event.Event{Seq: uint64(i)}
	ev.Raw = make([]byte, size)
	return ev
}

// TestInbox: events come out in order, in batches, and the token is there as
// long as any are.
func TestInbox(t *testing.T) {
	b := newInbox()
	for i := range 10 {
		if err := b.put(t.Context(), waiting(i, 1)); err != nil {
			t.Fatal(err)
		}
	}
	var got []uint64
	for b.len() > 0 {
		<-b.ready
		for _, ev := range b.take(nil, 4) {
			got = append(got, ev.Seq)
		}
	}
	if want := "[0 1 2 3 4 5 6 7 8 9]"; fmt.Sprint(got) != want {
		t.Errorf("got %v", got)
	}
	select {
	case <-b.ready:
		t.Error("says that something is there")
	default:
	}
}

// TestInboxIsBounded: who puts more than there is room for waits until some of
// it was taken, or until his time is up.
func TestInboxIsBounded(t *testing.T) {
	for name, size := range map[string]int{"events": 0, "bytes": inboxBytes / 4} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newInbox()
				n := 0
				for b.try(waiting(n, size)) == nil {
					n++
				}
				if want := map[string]int{"events": inboxEvents, "bytes": 4}[name]; n != want {
					t.Errorf("there is room for %d, want %d", n, want)
				}
				short, cancel := context.WithCancel(t.Context())
				cancel()
				if err := b.put(short, waiting(n, size)); !errors.Is(err, context.Canceled) {
					t.Errorf("put without room: %v", err)
				}
				done := make(chan error)
				go func() { done <- b.put(t.Context(), waiting(n, size)) }()
				synctest.Wait()
				b.take(nil, 1)
				if err := <-done; err != nil {
					t.Error(err)
				}
				if b.len() != n {
					t.Errorf("%d wait, want %d", b.len(), n)
				}
			})
		})
	}
	t.Run("a giant passes", func(t *testing.T) {
		b := newInbox()
		if b.try(waiting(0, 2*inboxBytes)) != nil {
			t.Error("an event that is larger than all room waits for ever")
		}
	})
}
