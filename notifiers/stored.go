package notifiers

import (
	"encoding/json"
	"fmt"

	"github.com/qmpalert/qmpalert/alert"
)

// stored is a Notification as the database keeps it: whole, unlike the forms
// that receivers get.
type stored struct {
	plain
	Alerts []json.RawMessage `json:",omitempty"`
}

// plain has the members of Notification but no methods.
type plain Notification

// AppendStored appends the notification as one line of JSON that
// ParseStored reads back without loss. It is not for people.
func (n *Notification) AppendStored(b []byte) []byte {
	s := stored{plain: plain(*n)}
	s.plain.Alerts = nil
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no member of it can fail: strings and numbers
	}
	if len(n.Alerts) == 0 {
		return append(b, text...)
	}
	// encoding/json would read the alerts again, which takes longer than all else.
	b = append(b, text[:len(text)-len("}")]...)
	b = append(b, `,"Alerts":[`...)
	for i := range n.Alerts {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.Alerts[i].AppendStored(b)
	}
	return append(b, "]}"...)
}

// ParseStored is the inverse of AppendStored. The notification shares no
// memory with text.
func ParseStored(text []byte) (Notification, error) {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return Notification{}, fmt.Errorf("stored notification: %w", err)
	}
	n := Notification(s.plain)
	for _, raw := range s.Alerts {
		c, err := alert.ParseStored(raw)
		if err != nil {
			return Notification{}, fmt.Errorf("stored notification %s: %w", n.ID, err)
		}
		n.Alerts = append(n.Alerts, c)
	}
	return n, nil
}
