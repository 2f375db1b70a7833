package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// Rig is one source that has not begun, and its far end.
type Rig struct {
	Source sources.Source
	Host   string // what its events must carry
	VM     string
	Origin string // Event.Source

	// Feed makes the far end send QMP text after what it was fed before. It
	// returns when everything was sent, so it may block until Run reads. For a
	// source that is not Live it is called before Run.
	Feed func(text string)
	// Live says that the source reads something that happens now: Run ends only
	// when told to, every event has Received, events may be dropped when emit is
	// slow, and the source tells of its connection by events of its own.
	Live bool
	// Waits says that a Live source waits for emit, as a file that grows can:
	// nothing is ever dropped.
	Waits bool
}

// Test runs the contract. make is called for each part of it.
func Test(t *testing.T, make func(t *testing.T) *Rig) {
	parts := []struct {
		name string
		test func(*testing.T, *Rig)
	}{
		{"every event in order, with who and when", inOrder},
		{"a slow receiver loses nothing without a number", slowReceiver},
		{"ends when told to while the receiver waits", cancelledWhileBlocked},
		{"ends when told to before it begins", cancelledBefore},
		{"ends with the receiver's error", receiverFails},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			rig := make(t)
			before := goleak.IgnoreCurrent()
			p.test(t, rig)
			goleak.VerifyNone(t, before)
		})
	}
}

const (
	name  = "SOURCETEST" // an event that no table has
	start = int64(1_700_000_000)
)

// text returns n numbered events from the given number on, a second apart.
func text(from, n int) string {
	var b []byte
	for i := from; i < from+n; i++ {
		b = fmt.Appendf(b, `{"timestamp": {"seconds": %d, "microseconds": 0}, "event": "%s", "data": {"n": %d, "vm": "liar"}}`+"\r\n",
			start+int64(i), name, i)
	}
	return string(b)
}

// number returns the number of an event, or ok = false for one of the source's
// own.
func number(t *testing.T, ev *event.Event) (n int, ok bool) {
	t.Helper()
	if ev.Name != name {
		return 0, false
	}
	v, isInt := qmp.ParseValue(ev.Raw).Get("n").AsInt()
	if !isInt {
		t.Errorf("event without its number: %s", ev.Raw)
	}
	return int(v), true
}

// receiver is the far side of emit: it checks that there is one call at a time
// and hands over what it was given.
type receiver struct {
	busy   chan struct{} // holds a token while emit runs
	events chan *event.Event
}

func newReceiver() *receiver {
	return &receiver{busy: make(chan struct{}, 1), events: make(chan *event.Event)}
}

func (r *receiver) emit(t *testing.T) sources.Emit {
	return func(ctx context.Context, ev *event.Event) error {
		select {
		case r.busy <- struct{}{}:
			defer func() { <-r.busy }()
		default:
			t.Error("two calls of emit for one VM at a time")
		}
		select {
		case r.events <- ev.Clone():
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// run starts the source; the channel gets what Run returned.
func run(ctx context.Context, rig *Rig, emit sources.Emit) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- rig.Source.Run(ctx, emit) }()
	return ended
}

// feed feeds the rig now, or beside a live source; wait for the channel.
func feed(rig *Rig, s string) <-chan struct{} {
	fed := make(chan struct{})
	if !rig.Live {
		rig.Feed(s)
		close(fed)
		return fed
	}
	go func() {
		defer close(fed)
		rig.Feed(s)
	}()
	return fed
}

func inOrder(t *testing.T, rig *Rig) {
	const count = 50
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fed := feed(rig, text(0, count))
	r := newReceiver()
	ended := run(ctx, rig, r.emit(t))
	received := int64(0)
	for next := 0; next < count; {
		var ev *event.Event
		select {
		case ev = <-r.events:
		case err := <-ended:
			t.Fatalf("Run ended with %v after %d events of %d", err, next, count)
		}
		if ev.Host != rig.Host || ev.VM.Name != rig.VM || ev.Source != rig.Origin {
			t.Errorf("%s of %q, %q, %q, want %q, %q, %q", ev.Name, ev.Host, ev.VM.Name, ev.Source, rig.Host, rig.VM, rig.Origin)
		}
		if rig.Live && (ev.Received == qmp.NoTime || ev.Received < received) {
			t.Errorf("%s received at %d, after one received at %d", ev.Name, ev.Received, received)
		}
		received = ev.Received
		n, ok := number(t, ev)
		if !ok {
			checkOwn(t, rig, ev)
			continue
		}
		if n != next || ev.Time != (start+int64(n))*1e6 {
			t.Errorf("event %d of time %d, want event %d of its time", n, ev.Time, next)
		}
		next++
	}
	<-fed
	if rig.Live {
		cancel()
	}
	if err := <-ended; err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}

// checkOwn checks an event that the source made.
func checkOwn(t *testing.T, rig *Rig, ev *event.Event) {
	t.Helper()
	if d := ev.Def(); !rig.Live || d == nil || !d.Own {
		t.Errorf("unexpected event %s", ev.Name)
	}
	if ev.Time != qmp.NoTime {
		t.Errorf("%s has the time %d, want that the engine gives it one", ev.Name, ev.Time)
	}
}

func slowReceiver(t *testing.T, rig *Rig) {
	const count = 20_000
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fed := feed(rig, text(0, count))
	r := newReceiver()
	ended := run(ctx, rig, r.emit(t))
	<-fed // before the first event is taken: what can not wait has to go somewhere
	for next := 0; next < count; {
		select {
		case ev := <-r.events:
			n, ok := number(t, ev)
			if gap, isGap := ev.Data.(*qmp.QMPAlertGap); isGap && rig.Live {
				next += int(gap.Dropped.V)
			} else if ok {
				if n != next {
					t.Fatalf("event %d in the place of %d", n, next)
				}
				next++
			}
		case err := <-ended:
			t.Fatalf("Run ended with %v after %d events of %d", err, next, count)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
	if s, ok := rig.Source.(sources.Reporter); ok && rig.Live {
		c := s.Statuses()[0].Counts
		if c.Received != count || c.Received != c.Emitted+c.Dropped+c.Pending {
			t.Errorf("counts %+v, want %d received and all accounted for", c, count)
		}
		switch {
		case rig.Waits && c.Dropped > 0:
			t.Errorf("%d events were dropped", c.Dropped)
		case !rig.Waits && c.Dropped == 0:
			t.Error("nothing was dropped: the rig's queue is too large for this test")
		}
	}
}

func cancelledWhileBlocked(t *testing.T, rig *Rig) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	feed(rig, text(0, 3))
	entered := make(chan struct{}, 1)
	ended := run(ctx, rig, func(ctx context.Context, _ *event.Event) error {
		select {
		case entered <- struct{}{}:
		default:
			t.Error("emit was called again after ctx had ended")
		}
		<-ctx.Done()
		return ctx.Err()
	})
	<-entered
	entered <- struct{}{} // so that a further call shows
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}

func cancelledBefore(t *testing.T, rig *Rig) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if !rig.Live {
		rig.Feed(text(0, 3))
	}
	err := rig.Source.Run(ctx, func(context.Context, *event.Event) error {
		t.Error("emit was called after ctx had ended")
		return nil
	})
	if err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
}

func receiverFails(t *testing.T, rig *Rig) {
	feed(rig, text(0, 10))
	full := errors.New("the receiver has enough")
	calls := 0
	err := rig.Source.Run(t.Context(), func(context.Context, *event.Event) error {
		if calls++; calls > 3 {
			t.Error("emit was called after it had failed")
		}
		if calls == 3 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) {
		t.Errorf("Run = %v, want the receiver's error", err)
	}
}
