package web

import (
	"encoding/json"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// Change is the JSON form of alert.Change, read and written.
type Change struct {
	At          Time              `json:"at"`
	Status      alert.Status      `json:"status"`
	Name        string            `json:"alertname"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Fingerprint string            `json:"fingerprint"`
	ActiveAt    Time              `json:"activeAt"`
	StartsAt    Time              `json:"startsAt,omitzero"`
	EndsAt      Time              `json:"endsAt,omitzero"`
	Count       int64             `json:"count"`
	Reason      alert.Reason      `json:"reason"`
	Evidence    *Evidence         `json:"evidence,omitempty"` // left out where nobody asked for it
	Shadow      bool              `json:"shadow,omitempty"`
}

// Evidence is the events that made an alert.
type Evidence struct {
	Events  []json.RawMessage `json:"events"`
	Omitted int64             `json:"omitted"`
	Bounded int64             `json:"bounded,omitempty"`
	Note    string            `json:"note,omitempty"`
}

// ChangeOf returns the JSON form of a change.
func ChangeOf(c *alert.Change, evidence bool) Change {
	out := Change{
		At: Time(c.At), Status: c.Status, Name: c.Name, Labels: LabelMap(c.Labels), Annotations: LabelMap(c.Annotations),
		Fingerprint: c.Fingerprint.String(), ActiveAt: Time(c.ActiveAt), StartsAt: TimeOf(c.StartsAt), EndsAt: TimeOf(c.EndsAt),
		Count: c.Count, Reason: c.Reason, Shadow: c.Shadow,
	}
	if !evidence {
		return out
	}
	out.Evidence = &Evidence{
		Events: []json.RawMessage{}, Omitted: c.Evidence.Omitted, Bounded: c.Evidence.Bounded, Note: c.Evidence.Note,
	}
	for _, ev := range c.Evidence.Events {
		out.Evidence.Events = append(out.Evidence.Events, ev.AppendJSON(nil))
	}
	return out
}

// LabelMap returns labels as a JSON object wants them; never nil.
func LabelMap(ls alert.Labels) map[string]string {
	out := make(map[string]string, len(ls))
	for _, l := range ls {
		out[l.Name] = l.Value
	}
	return out
}

// Time is microseconds since 1970 UTC, in JSON RFC 3339 with six digits; 0 is
// none.
type Time int64

// TimeOf returns a time in which qmp.NoTime is none.
func TimeOf(us int64) Time {
	if us == qmp.NoTime {
		return 0
	}
	return Time(us)
}

// IsZero says that there is no time.
func (t Time) IsZero() bool { return t == 0 || int64(t) == qmp.NoTime }

// String returns the form that JSON has, "" for none.
func (t Time) String() string {
	if t.IsZero() {
		return ""
	}
	return string(event.AppendTime(nil, int64(t)))
}

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler: RFC 3339 in any zone.
func (t *Time) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*t = 0
		return nil
	}
	us, err := event.ParseTime(string(b))
	*t = Time(us)
	return err
}
