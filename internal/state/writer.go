package state

import (
	"errors"
	"sync"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/store"
)

// writer lets those who write at the same time share one transaction, and so
// one wait for the disk: while one is written, the next gathers.
type writer struct {
	db *store.DB

	mu      sync.Mutex // of waiting
	waiting []*change

	writing sync.Mutex // held while a transaction is written; of change.done, err
}

// change is one caller's part of a transaction.
type change struct {
	run  func(store.Tx) error
	done bool
	err  error
}

// update runs f in a transaction, which others may share. When it returns nil
// all that f did is on the disk, else nothing of it has happened. f may run
// twice; when it returns deliver.ErrNoMessage, it must have changed nothing.
func (w *writer) update(f func(store.Tx) error) error {
	c := &change{run: f}
	w.mu.Lock()
	w.waiting = append(w.waiting, c)
	w.mu.Unlock()

	w.writing.Lock()
	defer w.writing.Unlock()
	if c.done {
		return c.err // whoever was first took it along
	}
	w.mu.Lock()
	all := w.waiting
	w.waiting = nil
	w.mu.Unlock()
	w.perform(all)
	return c.err
}

// perform runs changes in one transaction; if that fails, each in its own.
func (w *writer) perform(all []*change) {
	err := w.db.Update(func(tx store.Tx) error {
		for _, c := range all {
			c.done = true
			if c.err = c.run(tx); c.err != nil && !errors.Is(c.err, deliver.ErrNoMessage) {
				return c.err
			}
		}
		return nil
	})
	for _, c := range all {
		switch {
		case err == nil:
		case len(all) == 1:
			c.done, c.err = true, err
		default:
			w.perform([]*change{c})
		}
	}
}
