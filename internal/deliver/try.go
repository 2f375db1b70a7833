package deliver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// maxWait bounds what a far end can ask for by Retry-After: beyond it we knock
// again.
const maxWait = time.Hour

// outcome of one try.
type outcome struct {
	receipt notifiers.Receipt
	err     error
	stack   []byte // of a panic
}

// send tries one message once and books the outcome. When ctx ends meanwhile
// the message stays in the queue, unless the far end has it, or a part of it.
func (w *worker) send(ctx context.Context, it *item, to notifiers.Notifier) {
	now := time.Now()
	n, err := w.body(now, it)
	if errors.Is(err, ErrNoMessage) {
		it.err = err
		w.bury([]*item{it}, Damaged)
		return
	}
	prev, err2 := w.ledger.receipt(now, it.Group)
	if err = errors.Join(err, err2); err != nil {
		w.waitForOutbox()
		return
	}
	if it.Kind == notifiers.KindUpdate && prev == "" {
		w.end(now, it, Outcome{Err: "there is no message to edit", Tries: it.Tries})
		return
	}
	w.seal(now, it)
	w.ticket.held = nil
	o := w.notify(ctx, to, &n, prev)
	if o.err != nil && o.receipt == "" && ctx.Err() != nil {
		it.err = o.err
		return
	}
	w.book(it, &n, prev, o)
}

// waitForOutbox pauses the endpoint: its messages cannot be read.
func (w *worker) waitForOutbox() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pause = w.ledger.retry
}

// seal fixes what the far end is going to see.
func (w *worker) seal(now time.Time, it *item) {
	w.mu.Lock()
	it.Sealed = true
	seq, unsealed := it.Seq, it.unsealed
	it.unsealed = unsealed && seq == 0
	w.mu.Unlock()
	if unsealed && seq != 0 {
		w.ledger.write(now, func() error { return w.ledger.box.Seal(w.id, seq) })
	}
}

// notify calls the notifier, and survives it.
func (w *worker) notify(ctx context.Context, to notifiers.Notifier, n *notifiers.Notification, prev notifiers.Receipt) (o outcome) {
	w.mu.Lock()
	timeout := cmp.Or(w.to.Timeout, w.opts.Timeout)
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			o = outcome{err: fmt.Errorf("the notifier panicked: %v", p), stack: debug.Stack()}
		}
	}()
	o.receipt, o.err = to.Notify(ctx, *n, prev)
	return o
}

// classify says what an error asks for.
func classify(err error) (class notifiers.Class, after time.Duration) {
	if e := (*notifiers.Error)(nil); errors.As(err, &e) {
		return e.Class, min(e.After, maxWait)
	}
	return notifiers.Retry, 0
}

// book enters the outcome of a try.
func (w *worker) book(it *item, n *notifiers.Notification, prev notifiers.Receipt, o outcome) {
	now := time.Now()
	end := Outcome{Tries: it.Tries + 1}
	class, after := classify(o.err)
	var asked *notifiers.Error
	resume := errors.As(o.err, &asked) && asked.Resume && o.receipt != "" && class != notifiers.Rejected
	switch {
	case o.err == nil:
	case o.stack != nil:
		end.Reason = Panicked
	case o.receipt != "" && !resume:
		end.Partly, end.Reason = true, Rejected
		if class == notifiers.Misconfigured {
			end.Reason = Misconfigured
		}
	case class == notifiers.Rejected:
		end.Reason = Rejected
	default:
		w.again(now, it, class, after, o)
		return
	}
	if o.err != nil {
		it.err, end.Err = o.err, o.err.Error()
	}
	end.Receipts = receiptsAfter(n, prev, o.receipt, end.Reason == "" || end.Partly)
	w.mu.Lock()
	told := w.answered()
	w.mu.Unlock()
	w.end(now, it, end, o.stack...)
	w.reportBreaker(told, nil)
}

// receiptsAfter are the handles that change when a message has come to its end.
// After a resolved one the group begins anew: the next firing is a message of
// its own. What a digest tells has no message of its own to go on with.
func receiptsAfter(n *notifiers.Notification, prev, receipt notifiers.Receipt, arrived bool) []GroupReceipt {
	switch {
	case n.Kind == notifiers.KindSilence:
		return nil
	case n.Kind == notifiers.KindDigest:
		if !arrived {
			return nil
		}
		var out []GroupReceipt
		for _, e := range newest(n) {
			if e.Status == alert.Resolved {
				out = append(out, GroupReceipt{Group: e.GroupKey})
			}
		}
		return out
	case n.Status == alert.Resolved:
		receipt = ""
	case !arrived:
		return nil
	}
	if receipt == prev {
		return nil
	}
	return []GroupReceipt{{n.GroupKey, receipt}}
}

// again books a try that failed and will be repeated.
func (w *worker) again(now time.Time, it *item, class notifiers.Class, after time.Duration, o outcome) {
	w.mu.Lock()
	it.err = o.err
	it.Tries++
	w.count.Retries++
	told, pause := w.failed(it, class, after, o.err, now)
	r := Retry{
		Receiver: w.id.Receiver, Endpoint: w.id.Name, Class: class, Err: o.err, Attempt: it.Tries, After: pause, Item: it.Item,
	}
	w.mu.Unlock()
	if o.receipt != "" {
		delete(w.posted, it.Group)
	}
	w.ledger.tried(now, r.Item, Try{At: now.UnixMicro(), Class: class, Err: o.err.Error(), Receipt: o.receipt})
	w.reportBreaker(told, o.err)
	w.opts.OnRetry(r)
}

// failed sets the time of the next try. Full jitter: anything between nothing
// and the bound, so that many daemons that lost one server do not come back in
// step. The endpoint's own pause counts the failures of all its messages, so that
// a far end that is down is not asked once for each of them. it is nil for a
// standing message.
func (w *worker) failed(it *item, class notifiers.Class, after time.Duration, err error, now time.Time) (told *Breaker, pause time.Duration) {
	if class == notifiers.Wait && after > 0 {
		w.pause = now.Add(after)
		w.limits.pause(w.to.Limit.Key, w.pause)
		return nil, after
	}
	if w.breaker.failed(class, it) {
		told = &Breaker{Endpoint: w.id, Open: true, Class: w.breaker.class, Err: err}
	}
	r := w.opts.Rand()
	pause = time.Duration(r * float64(w.opts.window(w.breaker.fails)))
	if class == notifiers.Misconfigured {
		pause = w.opts.Probe
	}
	w.pause = now.Add(pause)
	if it != nil {
		it.fails++
		own := time.Duration(r * float64(w.opts.window(it.fails)))
		it.notBefore = now.Add(own)
		pause = max(pause, own)
	}
	return told, pause
}

// answered books that the far end took or refused a message for good: either
// way it is there, so others need not wait.
func (w *worker) answered() (told *Breaker) {
	w.pause = time.Time{}
	if w.breaker.answered() {
		told = &Breaker{Endpoint: w.id}
	}
	return told
}

func (w *worker) reportBreaker(b *Breaker, err error) {
	if b != nil {
		b.Err = err
		w.opts.OnBreaker(*b)
	}
}

// bury makes dead letters.
func (w *worker) bury(dead []*item, why Reason) {
	now := time.Now()
	for _, it := range dead {
		o := Outcome{Reason: why, Tries: it.Tries}
		if it.err != nil {
			o.Err = it.err.Error()
		}
		if it.Status == alert.Resolved && it.Kind != notifiers.KindDigest {
			o.Receipts = []GroupReceipt{{Group: it.Group}}
		}
		w.end(now, it, o)
	}
}

// end takes a message out of the queue, stores how it ended, and reports it.
func (w *worker) end(now time.Time, it *item, o Outcome, stack ...byte) {
	o.At = now.UnixMicro()
	w.mu.Lock()
	o.Standing = standingAfter(it, &w.to, o.Reason == "" || o.Partly)
	switch o.Standing {
	case StandingKeep:
		w.standing.set(it.Group, now.Add(w.to.Resend))
	case StandingDrop:
		w.standing.forget(it.Group)
	}
	w.standing.turn = true
	w.queue.remove(it)
	if o.Reason == "" {
		w.count.Delivered += int64(it.Messages)
	} else {
		w.count.Failed += int64(it.Messages)
	}
	if it.Seq == 0 {
		w.late.ended.set(it.ID, o)
		w.ledger.unstored(o.Receipts)
	}
	seq := it.Seq
	w.mu.Unlock()
	for _, r := range o.Receipts {
		delete(w.posted, r.Group)
	}
	if seq != 0 {
		w.ledger.done(now, seq, o)
	}
	if o.Standing != StandingStays && (seq == 0 || !w.ledger.storing()) {
		w.stale[it.Group] = true
	}
	if o.Reason != "" {
		f := w.failure(o.Reason, it)
		f.Partly, f.Stack = o.Partly, stack
		w.opts.OnFailed(f)
		return
	}
	w.opts.OnDelivered(Delivery{Endpoint: w.id, Item: it.Item, Tries: o.Tries, Latency: now.Sub(time.UnixMicro(it.At))})
}
