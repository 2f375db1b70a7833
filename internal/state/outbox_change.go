package state

import (
	"encoding/json"
	"fmt"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Seal implements deliver.Outbox.
func (o *Outbox) Seal(e deliver.EndpointID, seq uint64) error {
	return o.s.writer.update(func(tx store.Tx) error {
		it, err := waiting(tx, e, seq)
		if err != nil || it.Sealed {
			return err
		}
		it.Sealed = true
		return putItem(tx, outboxBucket, e, it)
	})
}

// Compose implements deliver.Outbox.
func (o *Outbox) Compose(e deliver.EndpointID, carried []uint64, n notifiers.Notification) (deliver.Item, error) {
	var composed deliver.Item
	body := n.AppendStored(nil)
	err := o.s.writer.update(func(tx store.Tx) error {
		all, err := carriers(tx, e, carried)
		if err != nil {
			return err
		}
		composed = deliver.Item{
			Seq: carried[0], ID: n.ID, Group: n.GroupKey, Kind: n.Kind, Status: n.Status, At: n.At, Put: all[0].Put, Sealed: true,
		}
		for _, it := range all {
			composed.Put = min(composed.Put, it.Put)
			composed.Messages += it.Messages
			if err := take(tx, e, it.Seq, true); err != nil {
				return err
			}
			// Nobody says what time it is: not before it was put, at least.
			if err := log(tx, Delivery{At: max(n.At, it.Put), ID: it.ID, Endpoint: e, What: Carried, Carrier: n.ID}); err != nil {
				return err
			}
		}
		if err := putJSON(tx, messagesBucket, appendText(nil, n.ID), messageOf(&n, 0, composed.Put, e)); err != nil {
			return err
		}
		if err := tx.Put(bodiesBucket, itemKey(e, composed.Seq), body); err != nil {
			return err
		}
		return putItem(tx, outboxBucket, e, composed)
	})
	return composed, err
}

// carriers reads the messages that one is composed of, which are in order.
func carriers(tx store.Tx, e deliver.EndpointID, seqs []uint64) (all []deliver.Item, err error) {
	for i, seq := range seqs {
		it, err := waiting(tx, e, seq)
		if err != nil {
			return nil, err
		}
		if i > 0 && seq <= seqs[i-1] {
			return nil, fmt.Errorf("%w: %d behind %d", deliver.ErrNoMessage, seq, seqs[i-1])
		}
		all = append(all, it)
	}
	if len(all) == 0 {
		return nil, deliver.ErrNoMessage
	}
	return all, nil
}

// take removes a message from those that wait.
func take(tx store.Tx, e deliver.EndpointID, seq uint64, andBody bool) error {
	key := itemKey(e, seq)
	if andBody {
		if err := tx.Delete(bodiesBucket, key); err != nil {
			return err
		}
	}
	return tx.Delete(outboxBucket, key)
}

// Done implements deliver.Outbox.
func (o *Outbox) Done(e deliver.EndpointID, seq uint64, out deliver.Outcome) error {
	return o.s.writer.update(func(tx store.Tx) error {
		it, err := waiting(tx, e, seq)
		if err != nil {
			return err
		}
		if err := stand(tx, e, &it, out.At, out.Standing); err != nil {
			return err
		}
		for _, r := range out.Receipts {
			if err := keepReceipt(tx, e, r, out.At); err != nil {
				return err
			}
		}
		dead := out.Reason != ""
		if err := take(tx, e, seq, !dead); err != nil {
			return err
		}
		d := Delivery{At: out.At, ID: it.ID, Endpoint: e, What: Delivered, Tries: out.Tries, Error: out.Err}
		if dead {
			d.What, d.Reason, d.Partly = Dead, string(out.Reason), out.Partly
			it.Tries = out.Tries
			l := deliver.DeadLetter{Endpoint: e, Item: it, At: out.At, Reason: out.Reason, Partly: out.Partly, Err: out.Err}
			if err := putJSON(tx, deadBucket, itemKey(e, seq), l); err != nil {
				return err
			}
		}
		return log(tx, d)
	})
}

// stand keeps or drops the standing message of a group.
func stand(tx store.Tx, e deliver.EndpointID, it *deliver.Item, at int64, what deliver.Standing) error {
	key := groupKey(e, it.Group)
	switch what {
	case deliver.StandingKeep:
		body := tx.Get(bodiesBucket, itemKey(e, it.Seq))
		return tx.Put(standingBucket, key, append(appendText(stamped(at), it.Group), body...))
	case deliver.StandingDrop:
		return tx.Delete(standingBucket, key)
	default:
		return nil
	}
}

// DropStanding implements deliver.Outbox.
func (o *Outbox) DropStanding(e deliver.EndpointID, group string) error {
	return o.s.writer.update(func(tx store.Tx) error { return tx.Delete(standingBucket, groupKey(e, group)) })
}

func keepReceipt(tx store.Tx, e deliver.EndpointID, r deliver.GroupReceipt, at int64) error {
	key := groupKey(e, r.Group)
	if r.Receipt == "" {
		return tx.Delete(receiptsBucket, key)
	}
	return tx.Put(receiptsBucket, key, append(stamped(at), r.Receipt...))
}

// Tried implements deliver.Outbox.
func (o *Outbox) Tried(e deliver.EndpointID, seq uint64, t deliver.Try) error {
	return o.s.writer.update(func(tx store.Tx) error {
		it, err := waiting(tx, e, seq)
		if err != nil {
			return err
		}
		it.Tries++
		if err := putItem(tx, outboxBucket, e, it); err != nil {
			return err
		}
		if t.Receipt != "" {
			if err := keepReceipt(tx, e, deliver.GroupReceipt{Group: it.Group, Receipt: t.Receipt}, t.At); err != nil {
				return err
			}
		}
		if !worthALine(it.Tries) {
			return nil
		}
		return log(tx, Delivery{At: t.At, ID: it.ID, Endpoint: e, What: Tried, Tries: it.Tries, Reason: t.Class.String(), Error: t.Err})
	})
}

// worthALine bounds the log of a message that is tried for days: the first 20
// tries, then the 32nd, the 64th and so on.
func worthALine(tries int) bool { return tries <= 20 || tries&(tries-1) == 0 }

// Revive implements deliver.Outbox.
func (o *Outbox) Revive(e deliver.EndpointID, seq uint64, at int64) (deliver.Item, error) {
	next := o.s.nextSeqs(1)
	var it deliver.Item
	err := o.s.writer.update(func(tx store.Tx) error {
		key := itemKey(e, seq)
		b, body := tx.Get(deadBucket, key), tx.Get(bodiesBucket, key)
		var l deliver.DeadLetter
		if b == nil || body == nil || json.Unmarshal(b, &l) != nil {
			return deliver.ErrNoMessage
		}
		it = l.Item
		it.Seq, it.Put, it.Tries, it.Sealed = next, at, 0, true
		if err := tx.Put(bodiesBucket, itemKey(e, it.Seq), body); err != nil {
			return err
		}
		if err := putItem(tx, outboxBucket, e, it); err != nil {
			return err
		}
		if err := tx.Delete(deadBucket, key); err != nil {
			return err
		}
		if err := tx.Delete(bodiesBucket, key); err != nil {
			return err
		}
		if err := log(tx, Delivery{At: at, ID: it.ID, Endpoint: e, What: Revived}); err != nil {
			return err
		}
		return putSeq(tx, next)
	})
	return it, err
}

// rebuildItems lets bodies wait whose items were damaged. Who is to get them
// and what they say is known; that they were tried is assumed.
func (s *State) rebuildItems() error {
	type lost struct {
		e  deliver.EndpointID
		it deliver.Item
	}
	var found []lost
	err := s.db.View(func(tx store.Tx) error {
		return tx.Keys(bodiesBucket, nil, func(key []byte) error {
			e, seq, ok := parseItemKey(key)
			if !ok || tx.Has(outboxBucket, key) || tx.Has(deadBucket, key) {
				return nil
			}
			if n, err := notifiers.ParseStored(tx.Get(bodiesBucket, key)); err == nil {
				found = append(found, lost{e, deliver.Item{
					Seq: seq, ID: n.ID, Group: n.GroupKey, Kind: n.Kind, Status: n.Status, At: n.At, Put: n.At,
					Sealed: true, Messages: max(1, len(n.Carries)),
				}})
			}
			return nil
		})
	})
	if err != nil || len(found) == 0 {
		return err
	}
	return s.db.Update(func(tx store.Tx) error {
		for _, l := range found {
			if err := putItem(tx, outboxBucket, l.e, l.it); err != nil {
				return err
			}
		}
		return nil
	})
}
