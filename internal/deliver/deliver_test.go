package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// far is a far end: answer decides about each message, accepted ones are kept.
type far struct {
	answer func(ctx context.Context, n notifiers.Notification) error

	mu    sync.Mutex
	start time.Time
	tries []string // "12s a1"
	got   []string // IDs accepted
	prevs []string
}

func newFar(answer func(context.Context, notifiers.Notification) error) *far {
	if answer == nil {
		answer = func(context.Context, notifiers.Notification) error { return nil }
	}
	return &far{answer: answer, start: time.Now()}
}

func (f *far) Notify(ctx context.Context, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	f.mu.Lock()
	f.tries = append(f.tries, fmt.Sprint(time.Since(f.start), " ", n.ID))
	f.mu.Unlock()
	if err := f.answer(ctx, n); err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, n.ID)
	f.prevs = append(f.prevs, string(prev))
	return notifiers.Receipt("receipt of " + n.ID), nil
}

func (f *far) accepted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}

func (f *far) tried() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.tries)
}

func msg(id, group string, status alert.Status) notifiers.Notification {
	return notifiers.Notification{ID: id, Receiver: "ops", GroupKey: group, Status: status}
}

func to(n notifiers.Notifier) []Endpoint {
	return []Endpoint{{Receiver: "ops", Name: "fake", SendResolved: true, Whole: true, Notifier: n}}
}

// reports collects what the callbacks are told.
type reports struct {
	mu     sync.Mutex
	failed []string
	retry  []time.Duration
}

func (r *reports) options() Options {
	return Options{
		MaxAge: time.Hour,
		Rand:   func() float64 { return 1 }, // the bound itself, so that times can be written down
		OnFailed: func(f Failure) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.failed = append(r.failed, fmt.Sprintf("%s: %s x%d", f.Item.ID, f.Reason, f.Count))
		},
		OnRetry: func(x Retry) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.retry = append(r.retry, x.After)
		},
	}
}

func (r *reports) failures() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.failed)
}

func mustSwap(t *testing.T, d *Deliverer, e []Endpoint) {
	t.Helper()
	if err := d.Swap(e); err != nil {
		t.Fatal(err)
	}
}

func mustPut(t *testing.T, d *Deliverer, ns ...notifiers.Notification) {
	t.Helper()
	for _, n := range ns {
		if err := d.Put(n); err != nil {
			t.Fatal(err)
		}
	}
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestOrderAndReceipts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(nil)
		d := New(Options{})
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("f1", "g", alert.Firing), msg("f1", "g", alert.Firing), msg("r1", "g", alert.Resolved), msg("f2", "g", alert.Firing))
		if left := d.Close(context.Background()); left != nil {
			t.Errorf("left %v", left)
		}
		equal(t, "accepted", f.accepted(), []string{"f1", "r1", "f2"})
		equal(t, "receipts", f.prevs, []string{"", "receipt of f1", ""})
	})
}

func TestBackoffDoublesToItsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(func(context.Context, notifiers.Notification) error { return errors.New("down") })
		r := &reports{}
		d := New(r.options())
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("a", "g", alert.Firing))
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		equal(t, "tries", f.tried(), []string{"0s a", "1s a", "3s a", "7s a", "15s a", "31s a", "1m3s a", "2m3s a", "3m3s a"})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		left := d.Close(ctx)
		if len(left) != 1 || left[0].Reason != Stopped || left[0].Err == nil {
			t.Errorf("left %+v", left)
		}
	})
}

func TestJitterIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		draws := []float64{0, 0.5, 0.25}
		o := Options{Rand: func() float64 { x := draws[0]; draws = draws[1:]; return x }}
		tries := 0
		f := newFar(func(context.Context, notifiers.Notification) error {
			if tries++; tries <= 3 {
				return errors.New("down")
			}
			return nil
		})
		d := New(o)
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("a", "g", alert.Firing))
		d.Close(context.Background())
		equal(t, "tries", f.tried(), []string{"0s a", "0s a", "1s a", "2s a"})
	})
}

func TestWaitPausesTheEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		f := newFar(func(context.Context, notifiers.Notification) error {
			if tries++; tries == 1 {
				return &notifiers.Error{Class: notifiers.Wait, After: 42 * time.Second, Op: "POST", Err: errors.New("429")}
			}
			return nil
		})
		d := New(Options{})
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("a", "g", alert.Firing))
		synctest.Wait()
		mustPut(t, d, msg("b", "h", alert.Firing))
		d.Close(context.Background())
		equal(t, "tries", f.tried(), []string{"0s a", "42s a", "42s b"})
	})
}

func TestGivesUp(t *testing.T) {
	classes := map[notifiers.Class]string{
		notifiers.Misconfigured: "a: max age x1",
		notifiers.Rejected:      "a: rejected x1",
		notifiers.Retry:         "a: max age x1",
		notifiers.Wait:          "a: max age x1",
	}
	for class, want := range classes {
		t.Run(class.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFar(func(_ context.Context, n notifiers.Notification) error {
					if n.ID == "a" {
						return &notifiers.Error{Class: class, After: 90 * time.Minute, Op: "x", Err: errors.New("no")}
					}
					return nil
				})
				r := &reports{}
				d := New(r.options())
				mustSwap(t, d, to(f))
				mustPut(t, d, msg("a", "g", alert.Firing), msg("b", "g", alert.Resolved))
				if class != notifiers.Rejected {
					time.Sleep(59 * time.Minute)
					synctest.Wait()
					equal(t, "failed within the hour", r.failures(), nil)
					mustPut(t, d, msg("c", "h", alert.Firing))
				}
				d.Close(context.Background())
				equal(t, "failed", r.failures()[:1], []string{want})
			})
		})
	}
}

func TestPoisonedMessageLetsOthersPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(func(_ context.Context, n notifiers.Notification) error {
			if n.GroupKey == "poison" {
				return errors.New("500")
			}
			return nil
		})
		r := &reports{}
		d := New(r.options())
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("p", "poison", alert.Firing), msg("q", "poison", alert.Resolved))
		for i := range 20 {
			mustPut(t, d, msg(fmt.Sprint(i), fmt.Sprint("g", i), alert.Firing))
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := len(f.accepted()); got != 20 {
			t.Errorf("%d of 20 healthy messages passed", got)
		}
		if tries := len(f.tried()) - 20; tries > 16 {
			t.Errorf("the poisoned message was tried %d times in 10 minutes", tries)
		}
		d.Close(context.Background())
		equal(t, "failed", r.failures(), []string{"p: max age x1", "q: max age x1"})
	})
}

func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(func(ctx context.Context, _ notifiers.Notification) error {
			<-ctx.Done()
			return ctx.Err()
		})
		r := &reports{}
		o := r.options()
		o.QueueSize = 2
		d := New(o)
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("a", "a", alert.Firing), msg("b", "b", alert.Firing), msg("c", "c", alert.Firing), msg("d", "d", alert.Firing))
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := r.failures(); !slices.Equal(got, []string{"d: queue full x2"}) && !slices.Equal(got, []string{"c: queue full x1", "d: queue full x1"}) {
			t.Errorf("failed: %q", got)
		}
		s := d.Stats()[0]
		if s.Put != 4 || s.Dropped != 2 || s.Queued != 2 {
			t.Errorf("stats %+v", s)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if left := d.Close(ctx); len(left) != 2 {
			t.Errorf("left %d, want 2", len(left))
		}
	})
}

// TestStormIsReportedOnceASecond: what a full queue refuses is reported with its
// number, but not message by message.
func TestStormIsReportedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(func(ctx context.Context, _ notifiers.Notification) error { return errors.New("down") })
		r := &reports{}
		o := r.options()
		o.QueueSize = 1
		d := New(o)
		mustSwap(t, d, to(f))
		for i := range 1001 { // for 10 s
			mustPut(t, d, msg(fmt.Sprint(i), fmt.Sprint(i), alert.Firing))
			synctest.Wait()
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := r.failures(); len(got) != 11 || got[0] != "1: queue full x1" || !strings.HasPrefix(got[10], "1000: ") {
			t.Errorf("%d reports: %q", len(got), got)
		}
		d.Close(t.Context())
	})
}

func TestPanicIsCaught(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFar(func(_ context.Context, n notifiers.Notification) error {
			if n.ID == "a" {
				panic("index out of range")
			}
			return nil
		})
		r := &reports{}
		d := New(r.options())
		mustSwap(t, d, to(f))
		mustPut(t, d, msg("a", "g", alert.Firing), msg("b", "g", alert.Resolved))
		d.Close(context.Background())
		equal(t, "accepted", f.accepted(), []string{"b"})
		equal(t, "failed", r.failures(), []string{"a: panic x1"})
	})
}

func TestSlowEndpointDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung := newFar(func(ctx context.Context, _ notifiers.Notification) error { <-ctx.Done(); return ctx.Err() })
		quick := newFar(nil)
		mute := newFar(nil)
		d := New(Options{})
		mustSwap(t, d, []Endpoint{
			{Receiver: "ops", Name: "hung", SendResolved: true, Whole: true, Notifier: hung},
			{Receiver: "ops", Name: "quick", SendResolved: true, Whole: true, Notifier: quick},
			{Receiver: "ops", Name: "mute", Notifier: mute},
			{Receiver: "other", Name: "quick", Notifier: mute},
		})
		mustPut(t, d, msg("a", "g", alert.Firing), msg("b", "g", alert.Resolved))
		synctest.Wait()
		equal(t, "quick", quick.tried(), []string{"0s a", "0s b"})
		equal(t, "without resolved", mute.tried(), []string{"0s a"})
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		left := d.Close(ctx)
		if took := time.Since(hung.start); took != 10*time.Second {
			t.Errorf("Close took %v", took)
		}
		if len(left) != 2 || left[0].Item.ID != "a" || left[0].Endpoint != "hung" {
			t.Errorf("left %+v", left)
		}
	})
}

func TestSwapKeepsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := newFar(func(context.Context, notifiers.Notification) error { return errors.New("down") })
		mended := newFar(nil)
		r := &reports{}
		d := New(r.options())
		mustSwap(t, d, to(broken))
		mustPut(t, d, msg("a", "g", alert.Firing), msg("b", "g", alert.Resolved))
		time.Sleep(40 * time.Second)
		mustSwap(t, d, to(broken)) // nothing changed: the pause stays
		synctest.Wait()
		if got := len(broken.tried()); got != 6 {
			t.Errorf("%d tries before the swap, want 6", got)
		}
		mended.start = time.Now()
		mustSwap(t, d, to(mended))
		synctest.Wait()
		equal(t, "mended", mended.tried(), []string{"0s a", "0s b"})
		d.Close(context.Background())
		equal(t, "failed", r.failures(), nil)
	})
}

func TestSwapRemoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := newFar(func(context.Context, notifiers.Notification) error { return errors.New("down") })
		r := &reports{}
		d := New(r.options())
		mustSwap(t, d, to(broken))
		mustPut(t, d, msg("a", "g", alert.Firing), msg("b", "g", alert.Resolved))
		synctest.Wait()
		mustSwap(t, d, nil)
		synctest.Wait()
		equal(t, "failed", r.failures(), []string{"a: receiver removed x1", "b: receiver removed x1"})
		if s := d.Stats(); len(s) != 0 {
			t.Errorf("stats %+v", s)
		}
		if err := d.Put(msg("c", "g", alert.Firing)); !errors.Is(err, ErrUnknownReceiver) {
			t.Errorf("Put: %v", err)
		}
		if err := d.Swap(append(to(broken), to(broken)...)); err == nil {
			t.Error("two endpoints of one name were taken")
		}
		d.Close(context.Background())
		d.Close(context.Background())
		if err := d.Put(msg("d", "g", alert.Firing)); !errors.Is(err, ErrClosed) {
			t.Errorf("Put after Close: %v", err)
		}
		if err := d.Swap(to(broken)); !errors.Is(err, ErrClosed) {
			t.Errorf("Swap after Close: %v", err)
		}
	})
}

// TestPartly: a receipt beside an error is kept, and the message not repeated.
func TestPartly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var prevs []string
		n := notifyFunc(func(_ context.Context, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
			prevs = append(prevs, n.ID+" "+string(prev))
			return "half", &notifiers.Error{Class: notifiers.Retry, Op: "RCPT TO", Err: errors.New("550 one of two")}
		})
		partly := 0
		d := New(Options{OnFailed: func(f Failure) {
			if f.Partly && f.Reason == Rejected {
				partly++
			}
		}})
		mustSwap(t, d, to(&n))
		mustPut(t, d, msg("a", "g", alert.Firing), msg("b", "g", alert.Resolved))
		d.Close(context.Background())
		equal(t, "calls", prevs, []string{"a ", "b half"})
		if partly != 2 {
			t.Errorf("%d reports, want 2", partly)
		}
	})
}

type notifyFunc func(context.Context, notifiers.Notification, notifiers.Receipt) (notifiers.Receipt, error)

func (f *notifyFunc) Notify(ctx context.Context, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	return (*f)(ctx, n, prev)
}
