package deliver

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

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

// try sends one message once and books the outcome. When ctx ends meanwhile
// the message stays in the queue, unless it was accepted.
func (w *worker) try(ctx context.Context, it *item, to notifiers.Notifier, prev notifiers.Receipt) {
	sendCtx, cancel := context.WithTimeout(ctx, w.opts.Timeout)
	defer cancel()
	o := notify(sendCtx, to, it.n, prev)
	if o.err != nil && ctx.Err() != nil {
		it.err = o.err
		return
	}
	failed, retry := w.book(it, o, time.Now())
	if failed != nil {
		w.opts.OnFailed(*failed)
	}
	if retry != nil {
		w.opts.OnRetry(*retry)
	}
}

func notify(ctx context.Context, to notifiers.Notifier, n notifiers.Notification, prev notifiers.Receipt) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{err: fmt.Errorf("the notifier panicked: %v", p), stack: debug.Stack()}
		}
	}()
	o.receipt, o.err = to.Notify(ctx, n, prev)
	return o
}

// book enters an outcome and returns what there is to report about it.
func (w *worker) book(it *item, o outcome, now time.Time) (*Failure, *Retry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.err == nil {
		w.receipts.keep(&it.n, o.receipt)
		w.count.Delivered++
		w.answered(it)
		return nil, nil
	}
	it.err = o.err
	class, after := notifiers.Retry, time.Duration(0)
	if e := (*notifiers.Error)(nil); errors.As(o.err, &e) {
		class, after = e.Class, min(e.After, maxWait)
	}
	giveUp := func(r Reason) (*Failure, *Retry) {
		w.count.Failed++
		w.answered(it)
		f := w.failure(r, o.err, it.n)
		f.Stack = o.stack
		return &f, nil
	}
	switch {
	case o.stack != nil:
		return giveUp(Panicked)
	case o.receipt != "":
		w.receipts.keep(&it.n, o.receipt)
		f, _ := giveUp(partly(class))
		f.Partly = true
		return f, nil
	case class == notifiers.Misconfigured:
		return giveUp(Misconfigured)
	case class == notifiers.Rejected:
		return giveUp(Rejected)
	case now.Sub(it.put) >= w.opts.MaxAge:
		return giveUp(TooOld)
	}
	return nil, w.again(it, class == notifiers.Wait && after > 0, after, now)
}

// answered takes a message out that the far end accepted or refused for good:
// either way it is there, so others need not wait.
func (w *worker) answered(it *item) {
	w.queue.remove(it)
	w.fails = 0
	w.pause = time.Time{}
}

// again sets the time of the next try. Full jitter: anything between nothing
// and the bound, so that many daemons that lost one server do not come back in
// step. The endpoint's own pause counts the failures of all its messages, so that
// a far end that is down is not asked once for each of them.
func (w *worker) again(it *item, told bool, after time.Duration, now time.Time) *Retry {
	it.tries++
	w.count.Retries++
	if told {
		w.pause = now.Add(after)
	} else {
		it.fails++
		w.fails++
		r := w.opts.Rand()
		it.notBefore = now.Add(time.Duration(r * float64(w.opts.window(it.fails))))
		w.pause = now.Add(time.Duration(r * float64(w.opts.window(w.fails))))
		after = w.pause.Sub(now)
		if d := it.notBefore.Sub(now); d > after {
			after = d
		}
	}
	return &Retry{
		Receiver: w.receiver, Endpoint: w.endpoint, Err: it.err, Attempt: it.tries, After: after, Notification: it.n,
	}
}

// partly is the reason of a message that some addresses refused.
func partly(c notifiers.Class) Reason {
	if c == notifiers.Misconfigured {
		return Misconfigured
	}
	return Rejected
}
