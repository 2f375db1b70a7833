package state

import (
	"bytes"
	"encoding/json"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Batch is what was decided by stepping through entries of the log.
type Batch struct {
	// Position is that of the last entry that was stepped through.
	Position uint64
	// At is the time of the commit, in microseconds since 1970 UTC.
	At int64
	// Steps are the entries that decided something, in order of position.
	Steps []Step
}

// Step is what one entry of the log decided.
type Step struct {
	Position uint64
	Changes  []alert.Change
	Notes    []dispatch.Note
	Puts     []Put
}

// Put is a notification and those who want it.
type Put struct {
	Notification notifiers.Notification
	Endpoints    []deliver.EndpointID
}

// Queued is a message that Commit has put into the outbox.
type Queued struct {
	Endpoint deliver.EndpointID
	Item     deliver.Item
}

// Commit keeps a batch in one transaction. When it returns without an error all
// of it survives the death of process and machine; with one, nothing has
// happened, and the same batch may be committed again. What was committed
// already, by position or by the ID of a notification, changes nothing, also if
// it was delivered since. Queued are the messages that are new, in order.
func (s *State) Commit(b Batch) ([]Queued, error) {
	known := s.Position()
	texts, total := encode(b.Steps, known)
	first := s.nextSeqs(total)
	var queued []Queued
	err := s.writer.update(func(tx store.Tx) error {
		queued = queued[:0]
		c := commit{tx: tx, at: b.At, seq: first, lives: map[string]*life{}}
		done := max(known, number(tx, positionKey))
		for i := range b.Steps {
			step := &b.Steps[i]
			for j := range step.Puts {
				var err error
				if queued, err = c.put(queued, &step.Puts[j], texts[i].bodies[j], step.Position); err != nil {
					return err
				}
			}
			if step.Position <= done {
				continue
			}
			if err := c.history(step, texts[i].changes); err != nil {
				return err
			}
		}
		return c.finish(max(done, b.Position), b.At)
	})
	if err != nil {
		return nil, err
	}
	for {
		now := s.position.Load()
		if now >= b.Position || s.position.CompareAndSwap(now, b.Position) {
			return queued, nil
		}
	}
}

// encoded are the large texts of a step.
type encoded struct{ bodies, changes [][]byte }

// encode writes them before anybody waits for the transaction, and counts the
// messages. The changes of steps up to position done are in the history already.
func encode(steps []Step, done uint64) (all []encoded, messages int) {
	var buf []byte // grows once, not for each text
	for i := range steps {
		var texts encoded
		for j := range steps[i].Puts {
			put := &steps[i].Puts[j]
			buf = put.Notification.AppendStored(buf[:0])
			texts.bodies = append(texts.bodies, bytes.Clone(buf))
			messages += len(put.Endpoints)
		}
		for j := range steps[i].Changes {
			if steps[i].Position <= done {
				break
			}
			buf = steps[i].Changes[j].AppendStored(buf[:0])
			texts.changes = append(texts.changes, bytes.Clone(buf))
		}
		all = append(all, texts)
	}
	return all, messages
}

// commit is a batch on its way into a transaction.
type commit struct {
	tx    store.Tx
	at    int64
	seq   uint64           // of the next message
	lives map[string]*life // that changed, by key
	order []*life          // the same
}

// message is what is remembered of a notification, whether it waits or not.
type message struct {
	Position uint64         `json:"position"` // of the entry that decided it; 0 if it was composed
	PutAt    int64          `json:"put"`
	At       int64          `json:"at"`
	Receiver string         `json:"receiver"`
	Kind     notifiers.Kind `json:"kind"`
	Status   alert.Status   `json:"status"`
	Route    string         `json:"route,omitempty"`
	Group    string         `json:"group"`
	// Endpoints are the names of those that it was put for.
	Endpoints []string `json:"endpoints"`
}

func messageOf(n *notifiers.Notification, position uint64, at int64, to ...deliver.EndpointID) message {
	m := message{Position: position, PutAt: at, At: n.At, Receiver: n.Receiver, Kind: n.Kind, Status: n.Status, Route: n.Route, Group: n.GroupKey}
	for _, e := range to {
		m.Endpoints = append(m.Endpoints, e.Name)
	}
	return m
}

// put adds a notification to the outbox of each endpoint, unless its ID is known.
func (c *commit) put(queued []Queued, p *Put, body []byte, position uint64) ([]Queued, error) {
	n := &p.Notification
	known := appendText(nil, n.ID)
	if len(p.Endpoints) == 0 || c.tx.Get(messagesBucket, known) != nil {
		return queued, nil
	}
	if err := putJSON(c.tx, messagesBucket, known, messageOf(n, position, c.at, p.Endpoints...)); err != nil {
		return nil, err
	}
	for _, e := range p.Endpoints {
		it := deliver.Item{
			Seq: c.seq, ID: n.ID, Group: n.GroupKey, Kind: n.Kind, Status: n.Status, At: n.At, Put: c.at, Messages: 1,
		}
		c.seq++
		if err := putItem(c.tx, outboxBucket, e, it); err != nil {
			return nil, err
		}
		if err := c.tx.Put(bodiesBucket, itemKey(e, it.Seq), body); err != nil {
			return nil, err
		}
		queued = append(queued, Queued{e, it})
	}
	return queued, nil
}

// finish writes what the whole batch changed.
func (c *commit) finish(position uint64, at int64) error {
	for _, l := range c.order {
		if err := l.put(c.tx); err != nil {
			return err
		}
	}
	if err := putSeq(c.tx, c.seq-1); err != nil {
		return err
	}
	if err := putNumber(c.tx, seenKey, uint64(max(at, 0))); err != nil {
		return err
	}
	return putNumber(c.tx, positionKey, position)
}

func putJSON(tx store.Tx, bucket string, key []byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.Put(bucket, key, text)
}
