package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// durable is an outbox in memory that counts as one that survives.
func durable(m *Memory) disk { return disk{Memory: m, p: newProcess(0)} }

// commit puts messages into the outbox and tells the deliverer.
func commit(t *testing.T, d *Deliverer, m *Memory, ns ...notifiers.Notification) {
	t.Helper()
	for _, n := range ns {
		to, known := d.Wanted(&n)
		if !known {
			t.Fatalf("nobody is %q", n.Receiver)
		}
		for _, e := range to {
			it, ok := m.Put(e, n, time.Now().UnixMicro())
			if !ok {
				t.Fatalf("%s is not put", n.ID)
			}
			d.PutCommitted(e, it)
		}
	}
}

func failing(class notifiers.Class) func(context.Context, notifiers.Notification) error {
	return func(context.Context, notifiers.Notification) error {
		return &notifiers.Error{Class: class, Op: "POST", Err: errors.New("no")}
	}
}

// breakers collects what is told about breakers.
func breakers(o *Options) *[]string {
	var told []string
	o.OnBreaker = func(b Breaker) {
		if b.Open {
			told = append(told, fmt.Sprint("open ", b.Class, " ", b.Err != nil))
		} else {
			told = append(told, fmt.Sprint("closed ", b.Err != nil))
		}
	}
	return &told
}

// TestBreaker: after five failures in a row one message is the probe, and others
// get a chance at the second, fourth and eighth.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		f := newFar(func(ctx context.Context, n notifiers.Notification) error {
			if down.Load() {
				return errors.New("down")
			}
			return nil
		})
		o := (&reports{}).options()
		told := breakers(&o)
		d := New(o)
		mustSwap(t, d, to(f))
		for i := range 10 {
			mustPut(t, d, msg(fmt.Sprint("m", i), fmt.Sprint("g", i), alert.Firing))
		}
		time.Sleep(9 * time.Minute)
		synctest.Wait()
		equal(t, "tries", f.tried(), []string{
			"0s m0", "1s m1", "3s m2", "7s m3", "15s m4", // closed
			"31s m4", "1m3s m5", "2m3s m4", "3m3s m6", "4m3s m4", "5m3s m4", "6m3s m4", "7m3s m7", "8m3s m4",
		})
		if s := d.Stats()[0]; !s.Open || s.Queued != 10 || s.Retries != 14 || s.Oldest != f.start.UnixMicro() {
			t.Errorf("stats %+v", s)
		}
		down.Store(false)
		d.Close(context.Background())
		equal(t, "told", *told, []string{"open retry true", "closed false"})
		if got := f.accepted(); len(got) != 10 || got[0] != "m4" {
			t.Errorf("accepted %v", got)
		}
	})
}

// TestPoisonAlone: a message that only looks like an endpoint that is down does
// not keep the others.
func TestPoisonAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(func(ctx context.Context, n notifiers.Notification) error {
			if n.ID == "poison" {
				return errors.New("500")
			}
			return nil
		})
		o := (&reports{}).options()
		d := New(o)
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("poison", "g", alert.Firing))
		time.Sleep(10 * time.Minute)
		mustPut(t, d, msg("other", "h", alert.Firing))
		put := time.Now()
		for len(f.accepted()) == 0 {
			time.Sleep(time.Second)
		}
		if took := time.Since(put); took > 10*time.Minute {
			t.Errorf("the other one came after %v", took)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		d.Close(ctx)
	})
}

func TestMisconfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(failing(notifiers.Misconfigured))
		r := &reports{}
		o := r.options()
		told := breakers(&o)
		d := New(o)
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("a", "g", alert.Firing), msg("b", "h", alert.Firing))
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		equal(t, "tries", f.tried(), []string{"0s a", "5m0s a", "10m0s b"})
		mended := newFar(nil)
		mustSwap(t, d, to(mended))
		d.Close(context.Background())
		equal(t, "mended", mended.tried(), []string{"0s a", "0s b"})
		equal(t, "told", *told, []string{"open misconfigured true", "closed false"})
		equal(t, "failed", r.failures(), nil)
	})
}

// TestSharedLimit: endpoints of one channel share its rate, its tokens and its
// wish to be left alone.
func TestSharedLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		f := newFar(func(context.Context, notifiers.Notification) error {
			if n++; n == 7 {
				return &notifiers.Error{Class: notifiers.Wait, After: 30 * time.Second, Err: errors.New("429")}
			}
			return nil
		})
		d := New(Options{})
		mustSwap(t, d, []Endpoint{
			{Receiver: "ops", Name: "slack", Whole: true, Limit: slackLimit, Notifier: f},
			{Receiver: "dev", Name: "slack", Whole: true, Limit: slackLimit, Notifier: f},
		})
		time.Sleep(10 * time.Second)
		for i := range 5 {
			for _, receiver := range []string{"ops", "dev"} {
				m := msg("m", fmt.Sprint("g", i), alert.Firing)
				m.ID, m.Receiver = fmt.Sprint("m", i), receiver
				mustPut(t, d, m)
			}
		}
		d.Close(context.Background())
		var at []string
		for _, s := range f.tried() {
			at = append(at, s[:len(s)-3])
		}
		equal(t, "times", at, []string{"10s", "10s", "10s", "10s", "10s", "11s", "12s", "42s", "42s", "42s", "42s"})
	})
}

// TestResend: the message of a group that fires is sent again until it is
// resolved, also by the next process, and not after its receiver was removed.
func TestResend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		f := newFar(nil)
		ends := []Endpoint{{Receiver: "ops", Name: "alertmanager", SendResolved: true, Resend: time.Minute, Notifier: f}}
		open := func() *Deliverer {
			d := New(Options{Outbox: durable(m)})
			mustSwap(t, d, ends)
			return d
		}
		d := open()
		commit(t, d, m, msg("a", "g", alert.Firing), msg("b", "h", alert.Firing))
		time.Sleep(90 * time.Second)
		commit(t, d, m, msg("c", "g", alert.Resolved))
		time.Sleep(time.Minute)
		if s := d.Stats()[0]; s.Resent != 3 || s.Put != 3 || s.Delivered != 3 {
			t.Errorf("stats %+v", s)
		}
		d.Close(context.Background())
		d = open()
		time.Sleep(30 * time.Second)
		mustSwap(t, d, nil)
		synctest.Wait()
		mustSwap(t, d, ends)
		time.Sleep(time.Hour)
		d.Close(context.Background())
		equal(t, "tries", f.tried(), []string{"0s a", "0s b", "1m0s a", "1m0s b", "1m30s c", "2m0s b", "2m30s b"})
	})
}

// TestResendWhileDown: a standing message is the probe when nothing else waits.
func TestResendWhileDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		var down atomic.Bool
		f := newFar(func(context.Context, notifiers.Notification) error {
			if down.Load() {
				return errors.New("down")
			}
			return nil
		})
		r := &reports{}
		o := r.options()
		o.Outbox = durable(m)
		told := breakers(&o)
		d := New(o)
		mustSwap(t, d, []Endpoint{{Receiver: "ops", Name: "alertmanager", Resend: time.Minute, Notifier: f}})
		commit(t, d, m, msg("a", "g", alert.Firing))
		synctest.Wait()
		down.Store(true)
		time.Sleep(3 * time.Minute)
		down.Store(false)
		time.Sleep(2 * time.Minute)
		d.Close(context.Background())
		equal(t, "told", *told, []string{"open retry true", "closed false"})
		if len(r.retry) != 7 {
			t.Errorf("%d retries, want 7: %v", len(r.retry), f.tried())
		}
	})
}

func TestDeadLettersAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		var refuse atomic.Bool
		refuse.Store(true)
		f := newFar(func(context.Context, notifiers.Notification) error {
			if refuse.Load() {
				return &notifiers.Error{Class: notifiers.Rejected, Op: "POST", Err: errors.New("400")}
			}
			return nil
		})
		d := New(Options{Outbox: durable(m)})
		mustSwap(t, d, to(f))
		commit(t, d, m, msg("a", "g", alert.Firing))
		synctest.Wait()
		letters, _ := m.DeadLetters()
		if len(letters) != 1 || letters[0].Reason != Rejected || letters[0].Err != "POST: 400" || letters[0].Item.Tries != 1 {
			t.Fatalf("dead letters %+v", letters)
		}
		if _, err := d.Resend("b"); !errors.Is(err, ErrNoMessage) {
			t.Errorf("Resend of nothing: %v", err)
		}
		refuse.Store(false)
		if n, err := d.Resend("a"); n != 1 || err != nil {
			t.Errorf("Resend: %d, %v", n, err)
		}
		synctest.Wait()
		equal(t, "accepted", f.accepted(), []string{"a"})
		refuse.Store(true)
		commit(t, d, m, msg("c", "g", alert.Resolved))
		synctest.Wait()
		mustSwap(t, d, nil)
		if _, err := d.Resend("c"); !errors.Is(err, ErrUnknownReceiver) {
			t.Errorf("Resend without an endpoint: %v", err)
		}
		d.Close(context.Background())
	})
}

// TestReceiversThatAreGone: what waits for them becomes dead letters, and a
// receiver that comes back at once gets nothing twice.
func TestReceiversThatAreGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		m.Put(EndpointID{"old", "mail"}, msg("x", "g", alert.Firing), time.Now().UnixMicro())
		slow := make(chan bool)
		f := newFar(func(context.Context, notifiers.Notification) error { <-slow; return nil })
		d := New(Options{Outbox: durable(m)})
		mustSwap(t, d, to(f))
		commit(t, d, m, msg("a", "g", alert.Firing), msg("b", "g", alert.Resolved))
		synctest.Wait()
		mustSwap(t, d, nil)
		mustSwap(t, d, to(f))
		commit(t, d, m, msg("c", "h", alert.Firing))
		synctest.Wait()
		close(slow)
		synctest.Wait()
		d.PutCommitted(EndpointID{"ops", "gone"}, Item{Seq: 77, ID: "y", Messages: 1, Put: time.Now().UnixMicro()})
		synctest.Wait()
		d.Close(context.Background())
		equal(t, "accepted", f.accepted()[:1], []string{"a"})
		var dead []string
		letters, _ := m.DeadLetters()
		for _, l := range letters {
			dead = append(dead, l.Item.ID+" "+string(l.Reason))
		}
		slices.Sort(dead)
		if all := len(dead) + len(f.accepted()); all != 4 || !slices.Contains(dead, "x receiver removed") {
			t.Errorf("dead %q, accepted %q", dead, f.accepted())
		}
		if left, _ := m.Endpoints(); len(left) != 0 {
			t.Errorf("%v wait for ever", left)
		}
	})
}

// blind is an outbox that cannot be read.
type blind struct {
	disk
	why atomic.Pointer[error]
}

func (b *blind) err() error { return *b.why.Load() }

func (b *blind) Load(e EndpointID, seq uint64) (notifiers.Notification, error) {
	return notifiers.Notification{}, b.err()
}

func (b *blind) Items(e EndpointID) ([]Item, error) {
	if err := b.err(); !errors.Is(err, ErrNoMessage) {
		return nil, err
	}
	return b.disk.Items(e)
}

func TestOutboxThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		for i := range 12 {
			m.Put(EndpointID{"ops", "fake"}, msg(fmt.Sprint(i), fmt.Sprint("g", i), alert.Firing), time.Now().UnixMicro())
		}
		b := &blind{disk: durable(m)}
		broken, damaged := errors.New("input/output error"), ErrNoMessage
		b.why.Store(&broken)
		r := &reports{}
		o := r.options()
		o.Outbox = b
		var told []string
		o.OnOutbox = func(err error) { told = append(told, fmt.Sprint(err)) }
		d := New(o)
		f := newFar(nil)
		ends := to(f)
		ends[0].Whole = false
		mustSwap(t, d, ends)
		time.Sleep(10 * time.Second)
		b.why.Store(&damaged)
		d.Close(context.Background())
		equal(t, "told", told, []string{"input/output error", "<nil>"})
		if got := r.failures(); len(got) != 12 || got[0] != "0: damaged x1" || len(f.tried()) != 0 {
			t.Errorf("failed %q, tried %q", got, f.tried())
		}
	})
}

// TestCloseDoesNotWaitForNothing: what cannot be sent before the deadline stays
// in the outbox at once.
func TestCloseDoesNotWaitForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		d := New(Options{Outbox: durable(m)})
		mustSwap(t, d, to(newFar(failing(notifiers.Misconfigured))))
		commit(t, d, m, msg("a", "g", alert.Firing))
		synctest.Wait()
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if left := d.Close(ctx); left != nil || time.Since(began) != 0 {
			t.Errorf("left %v after %v", left, time.Since(began))
		}
		d.PutCommitted(EndpointID{"ops", "fake"}, Item{Seq: 9})
		if _, err := d.Resend("a"); !errors.Is(err, ErrNoMessage) {
			t.Errorf("Resend after Close: %v", err)
		}
		if all, _ := m.Items(EndpointID{"ops", "fake"}); len(all) != 1 || all[0].Tries != 1 || !all[0].Sealed {
			t.Errorf("in the outbox: %+v", all)
		}
	})
}

// TestTimeoutOfAnEndpoint: one that says how long a try may take has as long.
func TestTimeoutOfAnEndpoint(t *testing.T) {
	for _, tt := range []struct{ all, own, want time.Duration }{
		{0, 0, 30 * time.Second},
		{time.Second, 0, time.Second},
		{time.Second, 2 * time.Minute, 2 * time.Minute},
		{time.Minute, 2 * time.Second, 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			var took time.Duration
			f := newFar(func(ctx context.Context, n notifiers.Notification) error {
				begin := time.Now()
				<-ctx.Done()
				took = time.Since(begin)
				return nil
			})
			o := (&reports{}).options()
			o.Timeout = tt.all
			d := New(o)
			e := to(f)
			e[0].Timeout = tt.own
			mustSwap(t, d, e)
			mustPut(t, d, msg("m", "g", alert.Firing))
			time.Sleep(time.Hour)
			synctest.Wait()
			d.Close(t.Context())
			if took != tt.want {
				t.Errorf("%v: a try took %v", tt, took)
			}
		})
	}
}

// TestUpdatesNeedAMessage: a quiet update without a message that it could change
// is not sent.
func TestUpdatesNeedAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(0)
		f := newFar(nil)
		var latencies []time.Duration
		d := New(Options{Outbox: durable(m), OnDelivered: func(x Delivery) { latencies = append(latencies, x.Latency) }})
		ends := to(f)
		ends[0].Edits = true
		mustSwap(t, d, append(ends, Endpoint{Receiver: "ops", Name: "mail", Notifier: f}))
		update := msg("u", "g", alert.Firing)
		update.Kind, update.At = notifiers.KindUpdate, time.Now().Add(-time.Minute).UnixMicro()
		commit(t, d, m, update)
		synctest.Wait()
		d.Close(context.Background())
		if len(f.tried()) != 0 || !slices.Equal(latencies, []time.Duration{time.Minute}) {
			t.Errorf("tried %q, latencies %v", f.tried(), latencies)
		}
	})
}
