package deliver

import (
	"errors"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// ledger is the outbox as one endpoint sees it. What the outbox cannot store is
// owed: it counts as done and is stored later, in order. Only the goroutine of
// the endpoint uses it.
type ledger struct {
	box     Outbox
	id      EndpointID
	opts    *Options
	trouble *trouble
	failing bool // trouble was told

	owed     []func() error
	retry    time.Time                 // when owed ones are tried again
	fails    int                       // of them in a row
	receipts recent[notifiers.Receipt] // of what is owed
	late     recent[notifiers.Receipt] // of what was delivered before the outbox had it
}

// write makes a change, or owes it.
func (l *ledger) write(now time.Time, f func() error) {
	if len(l.owed) == 0 {
		err := f()
		if err == nil || errors.Is(err, ErrNoMessage) {
			l.well()
			return
		}
		l.failed(err, now)
	}
	l.owed = append(l.owed, f)
}

// flush stores what is owed, when it is time to try again.
func (l *ledger) flush(now time.Time) {
	if len(l.owed) > 0 && !now.Before(l.retry) {
		l.settle(now)
	}
}

// settle stores what is owed, as far as that is possible.
func (l *ledger) settle(now time.Time) {
	for len(l.owed) > 0 {
		if err := l.owed[0](); err != nil && !errors.Is(err, ErrNoMessage) {
			l.failed(err, now)
			return
		}
		l.owed = l.owed[1:]
	}
	l.well()
}

func (l *ledger) failed(err error, now time.Time) {
	l.fails++
	l.retry = now.Add(l.opts.window(l.fails))
	if !l.failing {
		l.failing = true
		l.trouble.begin(err, l.opts.OnOutbox)
	}
}

func (l *ledger) well() {
	l.fails = 0
	l.receipts.of = nil
	if l.failing {
		l.failing = false
		l.trouble.end(l.opts.OnOutbox)
	}
}

// storing says whether changes can be stored at all.
func (l *ledger) storing() bool { return len(l.owed) == 0 }

// read does what only looks; an error is one of the outbox that may pass.
func (l *ledger) read(now time.Time, f func() error) error {
	err := f()
	switch {
	case err != nil && !errors.Is(err, ErrNoMessage):
		l.failed(err, now)
	case len(l.owed) == 0:
		l.well()
	}
	return err
}

// receipt returns the handle of the last message about a group.
func (l *ledger) receipt(now time.Time, group string) (r notifiers.Receipt, err error) {
	for _, known := range []recent[notifiers.Receipt]{l.receipts, l.late} {
		if x, ok := known.of[group]; ok {
			return x.value, nil
		}
	}
	err = l.read(now, func() error {
		r, err = l.box.Receipt(l.id, group)
		return err
	})
	return r, err
}

// tried records a try that failed. One without a receipt may be lost.
func (l *ledger) tried(now time.Time, it Item, t Try) {
	var rs []GroupReceipt
	if t.Receipt != "" {
		rs = []GroupReceipt{{it.Group, t.Receipt}}
	}
	switch {
	case it.Seq == 0:
		l.unstored(rs)
	case rs != nil || l.storing():
		l.write(now, func() error { return l.box.Tried(l.id, it.Seq, t) })
		l.written(rs)
	}
}

// done records the end of a message.
func (l *ledger) done(now time.Time, seq uint64, o Outcome) {
	l.write(now, func() error { return l.box.Done(l.id, seq, o) })
	l.written(o.Receipts)
}

// written keeps handles in mind for as long as they are owed.
func (l *ledger) written(rs []GroupReceipt) {
	for _, r := range rs {
		l.late.forget(r.Group)
		if !l.storing() {
			l.receipts.set(r.Group, r.Receipt)
		}
	}
}

// unstored keeps handles in mind that belong to no message in the outbox.
func (l *ledger) unstored(rs []GroupReceipt) {
	for _, r := range rs {
		l.receipts.forget(r.Group)
		l.late.set(r.Group, r.Receipt)
	}
}

// trouble tells of an outbox that fails once, however many endpoints meet it.
// It tells while it is locked, so that the news come in order.
type trouble struct {
	mu   sync.Mutex
	with int // endpoints
}

func (t *trouble) begin(err error, tell func(error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.with++; t.with == 1 {
		tell(err)
	}
}

func (t *trouble) end(tell func(error)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.with--; t.with == 0 {
		tell(nil)
	}
}
