package deliver

import (
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// item is a message that waits, or is being sent.
type item struct {
	Item
	groups []string // those it is about; of a digest several

	n        *notifiers.Notification // the body of one that is not in the outbox (Seq is 0)
	unsealed bool                    // the outbox does not know yet that it is sealed

	notBefore time.Time // of the next try
	fails     int       // tries without those that were told to wait: not its fault
	err       error     // of the last try
}

func newItem(it Item, groups ...string) *item {
	if groups == nil {
		groups = []string{it.Group}
	}
	return &item{Item: it, groups: groups, unsealed: !it.Sealed}
}

// put is when it was decided.
func (it *item) put() time.Time { return time.UnixMicro(it.Put) }

// queue holds messages in their order.
type queue struct {
	items []*item
	seqs  map[uint64]*item // those in the outbox
	ids   map[string]*item // those that are not
	seen  map[string]bool  // of next, kept to spare allocations
	count int64            // decided messages
}

func newQueue() queue {
	return queue{seqs: map[uint64]*item{}, ids: map[string]*item{}, seen: map[string]bool{}}
}

// add puts a message at its place: at the end, but before those in the outbox
// with a greater Seq.
func (q *queue) add(it *item) {
	i := len(q.items)
	if it.Seq == 0 {
		q.ids[it.ID] = it
	} else {
		for i > 0 && q.items[i-1].Seq > it.Seq {
			i--
		}
		q.seqs[it.Seq] = it
	}
	q.items = slices.Insert(q.items, i, it)
	q.count += int64(it.Messages)
}

// remove takes a message out, wherever it is.
func (q *queue) remove(it *item) {
	if i := slices.Index(q.items, it); i >= 0 {
		q.items = slices.Delete(q.items, i, i+1)
		q.forget(it)
	}
}

// replace puts a message in the place of others.
func (q *queue) replace(gone []*item, by *item) {
	left := map[*item]bool{}
	for _, it := range gone {
		left[it] = true
		q.forget(it)
	}
	q.items = slices.DeleteFunc(q.items, func(it *item) bool { return left[it] })
	q.add(by)
}

// forget books that a message was taken out.
func (q *queue) forget(it *item) {
	q.count -= int64(it.Messages)
	if it.Seq == 0 {
		delete(q.ids, it.ID)
	} else {
		delete(q.seqs, it.Seq)
	}
}

// stored notes that a message of memory is in the outbox now.
func (q *queue) stored(it *item, seq uint64) {
	delete(q.ids, it.ID)
	it.Seq, it.n = seq, nil
	q.seqs[seq] = it
}

// holds reports whether a message is still there.
func (q *queue) holds(it *item) bool {
	return it != nil && (it.Seq != 0 && q.seqs[it.Seq] == it || it.Seq == 0 && q.ids[it.ID] == it)
}

// has reports whether something about a group waits.
func (q *queue) has(group string) bool {
	return slices.ContainsFunc(q.items, func(it *item) bool { return slices.Contains(it.groups, group) })
}

// next returns the message to send: of those that are first in their groups and
// whose time has come, the one that failed least often, of these the oldest; if
// no time has come, the message whose time comes first. So a message that the
// far end cannot digest holds up its own group only. With fresh, only those that
// were never tried count. nil when there is none.
func (q *queue) next(now time.Time, fresh bool) *item {
	if len(q.seen) < 1000 {
		clear(q.seen)
	} else {
		q.seen = map[string]bool{} // clearing takes as long as the map once was large
	}
	var due, later *item
	for _, it := range q.items {
		behind := slices.ContainsFunc(it.groups, func(g string) bool { return q.seen[g] })
		for _, g := range it.groups {
			q.seen[g] = true
		}
		switch {
		case behind, fresh && it.Sealed:
		case it.notBefore.After(now):
			if later == nil || it.notBefore.Before(later.notBefore) {
				later = it
			}
		case it.fails == 0:
			return it
		case due == nil || it.fails < due.fails:
			due = it
		}
	}
	if due != nil {
		return due
	}
	return later
}
