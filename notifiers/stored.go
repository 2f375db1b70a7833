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
	Alerts []json.RawMessage
}

// plain has the members of Notification but no methods.
type plain Notification

// AppendStored appends the notification as one line of JSON that
// ParseStored reads back without loss. It is not for people.
func (n *Notification) AppendStored(b []byte) []byte {
	s := stored{plain: plain(*n)}
	s.plain.Alerts = nil
	for i := range n.Alerts {
		s.Alerts = append(s.Alerts, n.Alerts[i].AppendStored(nil))
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // no member of it can fail: strings, numbers and our own JSON
	}
	return append(b, text...)
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
