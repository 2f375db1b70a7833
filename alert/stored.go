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
	Events  []json.RawMessage
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
	for _, e := range c.Evidence.Events {
		s.Evidence.Events = append(s.Evidence.Events, e.AppendJSON(nil))
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no member of it can fail: strings, numbers and our own JSON
	}
	return append(b, text...)
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
