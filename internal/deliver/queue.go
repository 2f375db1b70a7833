package deliver

import (
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// item is a message that waits, or is being sent.
type item struct {
	n         notifiers.Notification
	put       time.Time
	notBefore time.Time // of the next try
	tries     int
	fails     int   // tries without those that were told to wait: not its fault
	err       error // of the last try
}

// queue holds messages in the order of Put.
type queue []*item

// has reports whether a message with that ID waits.
func (q queue) has(id string) bool {
	for _, it := range q {
		if it.n.ID == id {
			return true
		}
	}
	return false
}

// next returns the message to send: of those that are first in their group and
// whose time has come, the one that failed least often, of these the oldest; if
// no time has come, the message whose time comes first. So a message that the
// far end cannot digest holds up its own group only. nil when q is empty.
func (q queue) next(now time.Time) *item {
	seen := make(map[string]bool, len(q))
	var due, later *item
	for _, it := range q {
		if seen[it.n.GroupKey] {
			continue
		}
		seen[it.n.GroupKey] = true
		switch {
		case it.notBefore.After(now):
			if later == nil || it.notBefore.Before(later.notBefore) {
				later = it
			}
		case due == nil || it.fails < due.fails:
			due = it
		}
	}
	if due != nil {
		return due
	}
	return later
}

// remove takes a message out, wherever it is.
func (q *queue) remove(gone *item) {
	for i, it := range *q {
		if it == gone {
			copy((*q)[i:], (*q)[i+1:])
			(*q)[len(*q)-1] = nil
			*q = (*q)[:len(*q)-1]
			return
		}
	}
}

// maxReceipts bounds the handles kept for an endpoint: groups that fire, and
// those whose end is never told. The oldest is forgotten; the message about
// its end is then a new one.
const maxReceipts = 10_000

// receipts are the handles of the last message of each group.
type receipts struct {
	of  map[string]receipt
	seq uint64
}

type receipt struct {
	handle notifiers.Receipt
	seq    uint64
}

// keep stores the handle that a delivered message gave. After a resolved one
// the group begins anew: the next firing is a message of its own.
func (r *receipts) keep(n *notifiers.Notification, handle notifiers.Receipt) {
	if n.Status == alert.Resolved || handle == "" {
		delete(r.of, n.GroupKey)
		return
	}
	if r.of == nil {
		r.of = map[string]receipt{}
	}
	r.seq++
	r.of[n.GroupKey] = receipt{handle, r.seq}
	if len(r.of) > maxReceipts {
		oldest, least := "", r.seq
		for group, x := range r.of {
			if x.seq < least {
				oldest, least = group, x.seq
			}
		}
		delete(r.of, oldest)
	}
}
