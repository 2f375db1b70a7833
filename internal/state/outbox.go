package state

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// EndpointID names one way to reach a receiver.
type EndpointID struct{ Receiver, Name string }

// Item is a message that waits in the outbox.
type Item struct {
	Seq    uint64
	ID     string
	Group  string
	Kind   notifiers.Kind
	Status alert.Status
	Put    int64
	Tries  int
	Sealed bool
	Dead   string
}

// Note is one decision about one alert.
type Note struct {
	At             int64
	Fingerprint    alert.Fingerprint
	StartsAt       int64
	What           string
	GroupKey       string
	Receiver       string
	NotificationID string
	By, Text       string
}

// Outbox returns the durable outbox, for deliver.New.
func (s *State) Outbox() *Outbox { return &Outbox{s} }

// Outbox keeps the messages that wait.
type Outbox struct{ s *State }
