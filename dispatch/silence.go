package dispatch

import (
	"fmt"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// Silence hides the alerts that match from all receivers for a time. It holds
// from StartsAt until before EndsAt, in microseconds since 1970 UTC.
type Silence struct {
	ID        string   `json:"id"` // chosen by whoever makes it
	Matchers  []string `json:"matchers"`
	StartsAt  int64    `json:"startsAt"`
	EndsAt    int64    `json:"endsAt"`
	CreatedBy string   `json:"createdBy,omitempty"`
	Comment   string   `json:"comment,omitempty"`
	UpdatedAt int64    `json:"updatedAt"`           // set by the Planner
	ExpiredBy string   `json:"expiredBy,omitempty"` // who ended it early; set by the Planner
}

// State is where a silence is in its life.
type State string

// The life of a silence. Expired ones are remembered for KeepExpired.
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

// text says what the silence is, for people.
func (s *Silence) text() string {
	by := ""
	if s.CreatedBy != "" {
		by = " by " + s.CreatedBy
	}
	return "silenced " + s.span(by)
}

// span says how long it lasts, who made it, and why.
func (s *Silence) span(by string) string {
	text := "until " + time.UnixMicro(s.EndsAt).UTC().Format(time.RFC3339) + by
	if s.Comment != "" {
		text += ": " + s.Comment
	}
	return text
}

func (s *Silence) mute() Mute { return Mute{BySilence, s.ID, s.text()} }

// notice is the silence as a message has it.
func (s *Silence) notice() *notifiers.Silence {
	return &notifiers.Silence{
		ID: s.ID, Matchers: s.Matchers, StartsAt: s.StartsAt, EndsAt: s.EndsAt, CreatedBy: s.CreatedBy, Comment: s.Comment,
	}
}

// maxMatchers bounds what an alert has to be compared with.
const maxMatchers = 100

// maxWords bounds what a person can write into a silence or an
// acknowledgement, in bytes.
const maxWords = 4 << 10

// words is a text of a person within its bound.
func words(text string) string {
	if len(text) <= maxWords {
		return text
	}
	return strings.ToValidUTF8(text[:maxWords-3], "") + "…"
}

// check says what is wrong with a silence that somebody wants.
func (s *Silence) check(now int64) error {
	switch {
	case s.ID == "":
		return fmt.Errorf("a silence needs an ID")
	case len(s.Matchers) > maxMatchers:
		return fmt.Errorf("the silence has %d matchers; at most %d make sense", len(s.Matchers), maxMatchers)
	case s.EndsAt <= s.StartsAt:
		return fmt.Errorf("the silence ends at %s, which is not after its start", time.UnixMicro(s.EndsAt).UTC().Format(time.RFC3339))
	case s.EndsAt <= now:
		return fmt.Errorf("the silence ends at %s, which is over", time.UnixMicro(s.EndsAt).UTC().Format(time.RFC3339))
	}
	return nil
}
