package state

import (
	"encoding/json"
	"slices"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/store"
)

// What happened to a message.
type What string

// The things that can happen.
const (
	Tried     What = "tried" // and failed; it will be tried again
	Delivered What = "delivered"
	Dead      What = "dead"    // given up
	Carried   What = "carried" // another message stands for it
	Revived   What = "resent"  // a dead letter that waits again
)

// Delivery is one line of the log of deliveries. Texts may come from outside.
type Delivery struct {
	At       int64              `json:"at"` // microseconds since 1970 UTC
	ID       string             `json:"-"`  // of the notification
	Endpoint deliver.EndpointID `json:"-"`
	What     What               `json:"what"`
	Carrier  string             `json:"carrier,omitempty"` // ID of the message that stands for it, if Carried
	Tries    int                `json:"tries,omitempty"`   // this one included
	Reason   string             `json:"reason,omitempty"`  // why it is dead; class of the error, if Tried
	Partly   bool               `json:"partly,omitempty"`  // dead, but a part of the endpoint has it
	Error    string             `json:"error,omitempty"`
}

// log adds a line.
func log(tx store.Tx, d Delivery) error {
	key := append(appendTime(appendText(nil, d.ID), d.At), endpointKey(d.Endpoint)...)
	return putJSON(tx, deliveriesBucket, append(key, d.What...), d)
}

// Message is a notification for one endpoint, without its body, and what became
// of it.
type Message struct {
	ID       string
	Endpoint deliver.EndpointID
	Route    string
	Kind     string
	Status   string
	Group    string
	At       int64 // of the newest change that it tells, microseconds since 1970 UTC
	Put      int64 // when it was decided
	// State is delivered, dead or carried, else queued.
	State   What
	Carrier string
	Log     []Delivery // oldest first
}

// Waiting is the state of a message that is neither delivered nor given up.
const Waiting What = "queued"

// Messages returns what is known about notifications, for each endpoint that
// they were put for, in order of the ids, with those that carry them behind
// each. What is older than the retention is not known any more.
func (s *State) Messages(ids ...string) (all []Message, err error) {
	err = s.db.View(func(tx store.Tx) error {
		seen := make(map[string]bool)
		for i := 0; i < len(ids); i++ {
			if seen[ids[i]] {
				continue
			}
			seen[ids[i]] = true
			found, err := messagesOf(tx, ids[i])
			if err != nil {
				return err
			}
			all = append(all, found...)
			for _, m := range found {
				if m.Carrier != "" {
					ids = slices.Insert(slices.Clone(ids), i+1, m.Carrier)
				}
			}
		}
		return nil
	})
	return all, err
}

// messagesOf are those of one id.
func messagesOf(tx store.Tx, id string) ([]Message, error) {
	var m message
	key := appendText(nil, id)
	if b := tx.Get(messagesBucket, key); b == nil || json.Unmarshal(b, &m) != nil {
		return nil, nil
	}
	var all []Message
	for _, name := range m.Endpoints {
		all = append(all, Message{
			ID: id, Endpoint: deliver.EndpointID{Receiver: m.Receiver, Name: name}, Route: m.Route, Kind: string(m.Kind),
			Status: string(m.Status), Group: m.Group, At: m.At, Put: m.PutAt, State: Waiting,
		})
	}
	err := tx.Each(deliveriesBucket, key, func(k, value []byte) error {
		d := Delivery{ID: id}
		if len(k) < len(key)+8 || json.Unmarshal(value, &d) != nil {
			return nil
		}
		e, _, ok := cutEndpoint(k[len(key)+8:])
		i := slices.IndexFunc(all, func(m Message) bool { return m.Endpoint == e })
		if !ok || i < 0 {
			return nil
		}
		d.Endpoint = e
		all[i].add(d)
		return nil
	})
	return all, err
}

func (m *Message) add(d Delivery) {
	m.Log = append(m.Log, d)
	switch d.What {
	case Delivered, Dead, Carried:
		m.State, m.Carrier = d.What, d.Carrier
	case Revived:
		m.State = Waiting
	case Tried, Waiting:
	}
}
