package alert

import (
	"encoding/json"
	"fmt"

	"github.com/qmpalert/qmpalert/event"
)

// stored is a Change as the database keeps it: whole, unlike the form that is
// printed.
type stored struct {
	plain
	Evidence evidence
}

// plain has the members of Change but no methods.
type plain Change

type evidence struct {
	Events  []json.RawMessage `json:",omitempty"`
	Omitted int64
	Bounded int64
	Note    string
}

// AppendStored appends the change as one line of JSON that ParseStored reads
// back without loss. It is not for people.
func (c *Change) AppendStored(b []byte) []byte {
	s := stored{plain: plain(*c)}
	s.plain.Evidence = Evidence{}
	s.Evidence = evidence{Omitted: c.Evidence.Omitted, Bounded: c.Evidence.Bounded, Note: c.Evidence.Note}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no member of it can fail: strings and numbers
	}
	if len(c.Evidence.Events) == 0 {
		return append(b, text...)
	}
	// encoding/json would read the events again, which takes longer than all else.
	// Evidence is the last member.
	b = append(b, text[:len(text)-len("}}")]...)
	b = append(b, `,"Events":[`...)
	for i, e := range c.Evidence.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.AppendJSON(b)
	}
	return append(b, "]}}"...)
}

// ParseStored is the inverse of AppendStored. An event that is no record is
// left out: the alert is worth more than its evidence. The change shares no
// memory with text.
func ParseStored(text []byte) (Change, error) {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return Change{}, fmt.Errorf("stored alert: %w", err)
	}
	c := Change(s.plain)
	c.Evidence = Evidence{Omitted: s.Evidence.Omitted, Bounded: s.Evidence.Bounded, Note: s.Evidence.Note}
	for _, raw := range s.Evidence.Events {
		if e, err := event.Parse(raw); err == nil {
			c.Evidence.Events = append(c.Evidence.Events, e)
		}
	}
	return c, nil
}
