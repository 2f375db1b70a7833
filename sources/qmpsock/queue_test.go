package qmpsock

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// model is what a queue must hand out: everything that was put, in order, with
// an exact gap in the place of what is missing.
type model struct {
	t       *rapid.T
	q       *queue
	put     int64 // numbers put so far
	next    int64 // number that must come next
	now     int64
	holding bool
	vm      string
	vms     map[int64]string // whose a number is, known at release
	held    []int64
}

func (m *model) wire(raw int) {
	m.now++
	m.q.put(&qmp.Event{Name: "E", Time: m.put, Raw: make([]byte, raw)}, m.now)
	if m.holding {
		m.held = append(m.held, m.put)
	} else {
		m.vms[m.put] = m.vm
	}
	m.put++
}

func (m *model) release(vm string) {
	for _, n := range m.held {
		m.vms[n] = vm
	}
	m.held, m.holding, m.vm = nil, false, vm
	m.q.release(event.VM{Name: vm}, m.now, nil, []qmp.Data{&qmp.QMPAlertConnected{}})
}

// taken checks an event that came out.
func (m *model) taken(it *item) {
	ev := &it.ev
	switch d := ev.Data.(type) {
	case *qmp.QMPAlertGap:
		if d.Reason.V != "queue" || d.Dropped.V <= 0 {
			m.t.Fatalf("gap %s", ev.Raw)
		}
		m.next += d.Dropped.V
	case nil:
		if ev.Time != m.next {
			m.t.Fatalf("event %d in the place of %d", ev.Time, m.next)
		}
		if ev.VM.Name != m.vms[m.next] {
			m.t.Fatalf("event %d is of %q, want %q", ev.Time, ev.VM.Name, m.vms[m.next])
		}
		m.next++
	}
	if m.q.counts.Pending = 0; !it.own {
		m.q.counts.Emitted++
	}
}

func (m *model) check() {
	c := m.q.snapshot()
	if c.Received != uint64(m.put) || c.Received != c.Emitted+c.Dropped+c.Pending {
		m.t.Fatalf("counts %+v after %d events", c, m.put)
	}
	if m.q.wire > m.q.maxEvents || m.q.bytes > m.q.maxBytes || m.q.own > len(m.q.items) {
		m.t.Fatalf("queue holds %d events of %d, %d bytes of %d", m.q.wire, m.q.maxEvents, m.q.bytes, m.q.maxBytes)
	}
}

func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue("h", "s", rapid.IntRange(1, 40).Draw(t, "events"), rapid.IntRange(0, 20000).Draw(t, "bytes"))
		m := &model{t: t, q: q, vms: map[int64]string{}}
		for i := range rapid.IntRange(1, 400).Draw(t, "steps") {
			switch rapid.IntRange(0, 12).Draw(t, "step") {
			case 0:
				if !m.holding {
					m.holding = true
					q.hold()
				}
			case 1:
				if m.holding {
					m.release(fmt.Sprint("vm", i))
				}
			case 2:
				if !m.holding {
					q.putOwn(m.now, &qmp.QMPAlertDisconnected{})
				}
			case 3, 4, 5, 6, 7:
				m.wire(rapid.IntRange(0, 300).Draw(t, "size"))
			default:
				if it, ok, _ := q.take(); ok {
					m.taken(&it)
				}
			}
			m.check()
		}
		if m.holding {
			m.release("last")
		}
		q.close()
		for {
			it, ok, end := q.take()
			if end {
				break
			}
			if !ok {
				t.Fatal("nothing to take, but not the end")
			}
			m.taken(&it)
			m.check()
		}
		if m.next != m.put {
			t.Fatalf("%d events accounted for of %d", m.next, m.put)
		}
		if q.bytes != 0 || q.wire != 0 || q.own != 0 || q.items != nil {
			t.Fatalf("empty queue has %d bytes, %d and %d events, %d items", q.bytes, q.wire, q.own, len(q.items))
		}
	})
}

// What was held and never named is dropped with a number.
func TestQueueDiscard(t *testing.T) {
	q := newQueue("h", "s", 2, 1<<20)
	q.put(&qmp.Event{Name: "BEFORE"}, 1)
	q.hold()
	for range 3 {
		q.put(&qmp.Event{Name: "HELD"}, 2)
	}
	q.discard()
	if c := q.snapshot(); c.Received != 4 || c.Dropped != 3 || c.Pending != 1 {
		t.Errorf("counts %+v, want 3 of 4 dropped", c)
	}
	if it, ok, _ := q.take(); !ok || it.ev.Name != "BEFORE" {
		t.Errorf("took %q, want what was there before", it.ev.Name)
	}
	if it, ok, _ := q.take(); ok {
		t.Errorf("took %q, want nothing", it.ev.Name)
	}
}

func TestQueueWaitsForRoom(t *testing.T) {
	q := newQueue("h", "s", 2, 1<<20)
	for range maxOwn {
		q.putOwn(1, &qmp.QMPAlertDisconnected{})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q.waitForRoom(ctx) // returns because of ctx alone
	free := make(chan struct{})
	go func() {
		defer close(free)
		q.waitForRoom(t.Context())
	}()
	select {
	case <-free:
		t.Error("there was room for one more")
	default:
	}
	q.take()
	<-free
}

// The reader's goroutine copies each event once.
func BenchmarkQueue(b *testing.B) {
	q := newQueue("h", "s", 4096, 8<<20)
	var m qmp.Message
	line := []byte(`{"timestamp": {"seconds": 1700000000, "microseconds": 5}, "event": "BLOCK_JOB_ERROR", "data": {"device": "ign", "operation": "read", "action": "ignore"}}`)
	if err := qmp.DecodeBytes(line, &m); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		q.put(&m.Event, 1)
		q.take()
	}
}
