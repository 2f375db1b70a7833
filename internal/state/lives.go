package state

import (
	"github.com/qmpalert/qmpalert/alert"
)

// Life is one life of an alert: from pending or firing to its end.
type Life struct {
	Fingerprint alert.Fingerprint
	Name        string
	Labels      alert.Labels
	Annotations alert.Labels
	Status      alert.Status // of the newest change
	ActiveAt    int64        // microseconds since 1970 UTC; with Fingerprint the identity
	StartsAt    int64        // qmp.NoTime if it never fired
	EndsAt      int64        // qmp.NoTime if it has not ended
	UpdatedAt   int64        // of the newest change
	Count       int64
	Reason      alert.Reason // of the newest change
	Shadow      bool
	Changes     int // how many are kept
	Omitted     int // changes and notes that were too many to be kept
}

// Filter says which lives Lives returns; the zero value: the newest 100.
type Filter struct {
	Fingerprint alert.Fingerprint // 0: any
	Name        string            // alertname; "": any
	Labels      alert.Labels      // all of them must be equal
	Status      []alert.Status    // nil: any
	Since       int64             // active or changed at or after; 0: any
	Before      *Life             // go on behind this one; nil: from the newest
	Limit       int               // 0: 100
}

// Story is everything that is known about one life.
type Story struct {
	Life
	Changes    []alert.Change // oldest first
	Notes      []Note         // oldest first
	Deliveries []Delivery     // of the notifications that Notes name, oldest first
}

// Delivery is one line of the log of deliveries: a try, or what became of a
// message.
type Delivery struct {
	At       int64  // microseconds since 1970 UTC
	ID       string // of the notification
	Endpoint EndpointID
	What     string // delivered, partly, dead, try, carried
	Carrier  string // the notification that stands for it, if What is carried
	Try      int
	Error    string
}

// Lives returns lives without their changes, the one that became active last
// first.
func (s *State) Lives(f Filter) ([]Life, error) { return nil, errNotYet }

// Story returns the life of an alert that started at startsAt (microseconds
// since 1970 UTC); 0: its newest life. Nil: there is none.
func (s *State) Story(f alert.Fingerprint, startsAt int64) (*Story, error) { return nil, errNotYet }

// Deliveries returns what became of one notification, oldest first, that of
// those which carried it included.
func (s *State) Deliveries(id string) ([]Delivery, error) { return nil, errNotYet }
