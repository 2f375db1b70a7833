package state

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Outbox is deliver.Outbox in the database. Messages get in by Commit.
type Outbox struct{ s *State }

var _ deliver.Outbox = (*Outbox)(nil)

// Outbox returns the outbox, to be handed to internal/deliver.
func (s *State) Outbox() *Outbox { return &Outbox{s} }

// putItem writes a message without its body. Its place is in the key.
func putItem(tx store.Tx, bucket string, e deliver.EndpointID, it deliver.Item) error {
	return putJSON(tx, bucket, itemKey(e, it.Seq), it)
}

// waiting reads a message that waits; deliver.ErrNoMessage when there is none.
func waiting(tx store.Tx, e deliver.EndpointID, seq uint64) (it deliver.Item, err error) {
	b := tx.Get(outboxBucket, itemKey(e, seq))
	if b == nil || json.Unmarshal(b, &it) != nil {
		return it, deliver.ErrNoMessage
	}
	return it, nil
}

// Endpoints implements deliver.Outbox.
func (o *Outbox) Endpoints() (all []deliver.EndpointID, err error) {
	err = o.s.db.View(func(tx store.Tx) error {
		return tx.Keys(outboxBucket, nil, func(key []byte) error {
			if e, _, ok := parseItemKey(key); ok && (len(all) == 0 || all[len(all)-1] != e) {
				all = append(all, e)
			}
			return nil
		})
	})
	return all, err
}

// Items implements deliver.Outbox.
func (o *Outbox) Items(e deliver.EndpointID) (all []deliver.Item, err error) {
	err = o.s.db.View(func(tx store.Tx) error {
		return tx.Each(outboxBucket, endpointKey(e), func(_, value []byte) error {
			var it deliver.Item
			if err := json.Unmarshal(value, &it); err != nil {
				return fmt.Errorf("what waits for %s: %w", e, err)
			}
			all = append(all, it)
			return nil
		})
	})
	return all, err
}

// Load implements deliver.Outbox.
func (o *Outbox) Load(e deliver.EndpointID, seq uint64) (n notifiers.Notification, err error) {
	err = o.s.db.View(func(tx store.Tx) error {
		body := tx.Get(bodiesBucket, itemKey(e, seq))
		if body == nil {
			return deliver.ErrNoMessage
		}
		if n, err = notifiers.ParseStored(body); err != nil {
			return fmt.Errorf("%w: %w", deliver.ErrNoMessage, err)
		}
		return nil
	})
	return n, err
}

// Receipt implements deliver.Outbox.
func (o *Outbox) Receipt(e deliver.EndpointID, group string) (r notifiers.Receipt, err error) {
	err = o.s.db.View(func(tx store.Tx) error {
		if b := tx.Get(receiptsBucket, groupKey(e, group)); len(b) >= 8 {
			r = notifiers.Receipt(b[8:])
		}
		return nil
	})
	return r, err
}

// Standing implements deliver.Outbox.
func (o *Outbox) Standing(e deliver.EndpointID) (groups []string, err error) {
	err = o.s.db.View(func(tx store.Tx) error {
		return tx.Each(standingBucket, endpointKey(e), func(_, value []byte) error {
			if group, _, ok := cutText(value[min(8, len(value)):]); ok {
				groups = append(groups, group)
			}
			return nil
		})
	})
	slices.Sort(groups)
	return groups, err
}

// LoadStanding implements deliver.Outbox.
func (o *Outbox) LoadStanding(e deliver.EndpointID, group string) (n notifiers.Notification, err error) {
	err = o.s.db.View(func(tx store.Tx) error {
		b := tx.Get(standingBucket, groupKey(e, group))
		_, body, ok := cutText(b[min(8, len(b)):])
		if !ok {
			return deliver.ErrNoMessage
		}
		if n, err = notifiers.ParseStored(body); err != nil {
			return fmt.Errorf("%w: %w", deliver.ErrNoMessage, err)
		}
		return nil
	})
	return n, err
}

// DeadLetters implements deliver.Outbox. They are kept for as long as the
// retention says, at most 10,000.
func (o *Outbox) DeadLetters() (all []deliver.DeadLetter, err error) {
	err = o.s.db.View(func(tx store.Tx) error {
		return tx.Each(deadBucket, nil, func(_, value []byte) error {
			var l deliver.DeadLetter
			if err := json.Unmarshal(value, &l); err != nil {
				return fmt.Errorf("a dead letter: %w", err)
			}
			all = append(all, l)
			return nil
		})
	})
	slices.SortStableFunc(all, func(a, b deliver.DeadLetter) int { return cmp.Compare(a.At, b.At) })
	return all, err
}

// stamped begins a value with the time at which it was set, so that the oldest
// can be found.
func stamped(at int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(at)) }
