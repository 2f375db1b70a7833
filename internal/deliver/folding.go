package deliver

import (
	"errors"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// foldWith composes, before a message is tried, what is to go out with it, and
// lets that be the next to be sent. false: it goes out as it is.
func (w *worker) foldWith(now time.Time, it *item) bool {
	if it.Sealed || !w.ledger.storing() || now.Before(w.noFolds) {
		return false
	}
	w.mu.Lock()
	to, crowd := w.to, w.queue.count > digestAbove
	w.mu.Unlock()
	if !to.folds() {
		return false
	}
	posted := func(string) bool { return false }
	if to.Edits && crowd {
		if !w.lookUp(now) {
			return false
		}
		posted = func(group string) bool { return w.posted[group] }
	}
	w.mu.Lock()
	runs := w.queue.fold(it, posted)
	w.mu.Unlock()
	if len(runs) == 0 {
		return false
	}
	err := w.compose(now, runs)
	return err == nil || errors.Is(err, ErrNoMessage) // one of them is gone, so it looks different now
}

// lookUp finds out which of the groups that wait have a message at the endpoint.
// That one is edited, or it would say for ever what is not so any more; so such
// a group is not for a digest.
func (w *worker) lookUp(now time.Time) bool {
	var unknown []string
	w.mu.Lock()
	waiting := map[string]bool{}
	for _, it := range w.queue.head() {
		if _, known := w.posted[it.Group]; !known && !waiting[it.Group] {
			unknown = append(unknown, it.Group)
		}
		waiting[it.Group] = true
	}
	w.mu.Unlock()
	for group := range w.posted {
		if !waiting[group] {
			delete(w.posted, group)
		}
	}
	for _, group := range unknown {
		r, err := w.ledger.receipt(now, group)
		if err != nil {
			return false
		}
		w.posted[group] = r != ""
	}
	return true
}

// compose makes one message of runs, stores it and puts it in their place. The
// bodies are read one after the other, so that a large backlog needs no memory.
func (w *worker) compose(now time.Time, runs []*run) error {
	all := carried(runs)
	var n notifiers.Notification
	for _, r := range runs {
		one, err := w.merged(now, r)
		if err != nil {
			return err
		}
		if len(runs) == 1 {
			n = one
		} else {
			addToDigest(&n, &one)
		}
	}
	if len(runs) > 1 {
		finishDigest(&n)
	}
	seqs := make([]uint64, len(all))
	for i, it := range all {
		seqs[i] = it.Seq
	}
	stored, err := w.ledger.box.Compose(w.id, seqs, n)
	if err != nil {
		w.noFolds = now.Add(w.opts.MaxBackoff)
		if !errors.Is(err, ErrNoMessage) {
			w.ledger.failed(err, now)
		}
		return err
	}
	w.ledger.well()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.chosen = newItem(stored, groupsOf(&n)...)
	w.queue.replace(all, w.chosen)
	return nil
}

// merged reads a run and makes one message of it.
func (w *worker) merged(now time.Time, r *run) (n notifiers.Notification, err error) {
	for i, it := range r.items {
		next, err := w.body(now, it)
		if errors.Is(err, ErrNoMessage) {
			it.err = err
			w.bury([]*item{it}, Damaged)
		}
		if err != nil {
			return n, err
		}
		if i == 0 {
			n = next
		} else {
			n = merge(n, next)
		}
	}
	return n, nil
}
