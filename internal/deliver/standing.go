package deliver

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// standing knows the groups whose message is sent again and again while they
// fire, in the order in which that is due.
type standing struct {
	queue []standingGroup
	turn  bool // the next one goes before a message that waits
}

type standingGroup struct {
	group string
	due   time.Time
}

// set makes a group's message due.
func (s *standing) set(group string, due time.Time) {
	s.forget(group)
	s.queue = append(s.queue, standingGroup{group, due})
}

func (s *standing) forget(group string) {
	s.queue = slices.DeleteFunc(s.queue, func(g standingGroup) bool { return g.group == group })
}

// standingAfter says what becomes of the standing message of a group.
func standingAfter(it *item, to *Endpoint, arrived bool) Standing {
	switch {
	case it.Kind == notifiers.KindSilence || it.Kind == notifiers.KindDigest:
		return StandingStays
	case it.Status == alert.Resolved:
		return StandingDrop
	case arrived && to.Resend > 0:
		return StandingKeep
	default:
		return StandingStays
	}
}

// resend sends the standing message of a group once more. It is not tried again
// before its next turn comes, nor recorded: nothing is lost with it.
func (w *worker) resend(ctx context.Context, group string, to notifiers.Notifier) {
	now := time.Now()
	w.mu.Lock()
	due := now.Add(w.to.Resend)
	w.standing.set(group, due)
	w.standing.turn = false
	newer := w.queue.has(group) || w.stale[group]
	w.mu.Unlock()
	if newer {
		return // what the outbox has is not so any more
	}
	var n notifiers.Notification
	err := w.ledger.read(now, func() (err error) {
		n, err = w.ledger.box.LoadStanding(w.id, group)
		return err
	})
	if errors.Is(err, ErrNoMessage) {
		w.dropStanding(now, group)
		return
	}
	prev, err2 := w.ledger.receipt(now, group)
	if err = errors.Join(err, err2); err != nil {
		w.waitForOutbox()
		return
	}
	w.ticket.held = nil
	o := w.notify(ctx, to, &n, prev)
	if o.err != nil && ctx.Err() != nil {
		return
	}
	w.bookStanding(group, o)
}

// bookStanding enters the outcome of sending a standing message.
func (w *worker) bookStanding(group string, o outcome) {
	class, after := classify(o.err)
	w.mu.Lock()
	if o.err == nil || o.stack != nil || class == notifiers.Rejected {
		w.count.Resent++
		told := w.answered()
		w.mu.Unlock()
		w.reportBreaker(told, nil)
		return
	}
	told, _ := w.failed(nil, class, after, o.err, time.Now())
	w.standing.set(group, w.pause)
	r := Retry{Receiver: w.id.Receiver, Endpoint: w.id.Name, Class: class, Err: o.err, After: time.Until(w.pause)}
	w.mu.Unlock()
	w.reportBreaker(told, o.err)
	w.opts.OnRetry(r)
}

// dropStanding forgets the standing message of a group.
func (w *worker) dropStanding(now time.Time, group string) {
	w.mu.Lock()
	w.standing.forget(group)
	w.mu.Unlock()
	w.ledger.write(now, func() error { return w.ledger.box.DropStanding(w.id, group) })
}
