package dispatch

import "github.com/qmpalert/qmpalert/notifiers"

// Silence hides the alerts that match from all receivers for a time. It holds
// from StartsAt until before EndsAt, in microseconds since 1970 UTC.
type Silence struct {
	ID        string   `json:"id"` // chosen by whoever makes it
	Matchers  []string `json:"matchers"`
	StartsAt  int64    `json:"startsAt"`
	EndsAt    int64    `json:"endsAt"`
	CreatedBy string   `json:"createdBy,omitempty"`
	Comment   string   `json:"comment,omitempty"`
	UpdatedAt int64    `json:"updatedAt"` // set by the Planner
	ExpiredBy string   `json:"expiredBy,omitempty"`
}

// State is where a silence is in its life.
type State string

// The life of a silence. Expired ones are kept for KeepExpired.
const (
	Pending State = "pending"
	Active  State = "active"
	Expired State = "expired"
)

// State says where the silence is at an instant.
func (s *Silence) State(at int64) State {
	switch {
	case at < s.StartsAt:
		return Pending
	case at < s.EndsAt:
		return Active
	}
	return Expired
}

// notice is the silence as a message has it.
func (s *Silence) notice() *notifiers.Silence {
	return &notifiers.Silence{
		ID: s.ID, Matchers: s.Matchers, StartsAt: s.StartsAt, EndsAt: s.EndsAt, CreatedBy: s.CreatedBy, Comment: s.Comment,
	}
}
