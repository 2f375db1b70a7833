package alert

import (
	"strconv"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// AppendJSON appends the change as one line of JSON without a line end: the
// form that replay prints and receivers are given.
func (c *Change) AppendJSON(b []byte) []byte {
	b = append(b, `{"at":"`...)
	b = event.AppendTime(b, c.At)
	b = append(b, `","status":"`...)
	b = append(b, c.Status...)
	b = append(b, `","alertname":`...)
	b = appendString(b, c.Name)
	b = append(b, `,"labels":`...)
	b = c.Labels.AppendJSON(b)
	b = append(b, `,"annotations":`...)
	b = c.Annotations.AppendJSON(b)
	b = append(b, `,"fingerprint":"`...)
	b = append(b, c.Fingerprint.String()...)
	b = append(b, '"')
	b = appendTime(b, `,"activeAt":"`, c.ActiveAt)
	b = appendTime(b, `,"startsAt":"`, c.StartsAt)
	b = appendTime(b, `,"endsAt":"`, c.EndsAt)
	b = append(b, `,"count":`...)
	b = strconv.AppendInt(b, c.Count, 10)
	b = append(b, `,"reason":"`...)
	b = append(b, c.Reason...)
	b = append(b, `","evidence":`...)
	b = c.Evidence.appendJSON(b)
	return append(b, '}')
}

// MarshalJSON implements json.Marshaler.
func (c Change) MarshalJSON() ([]byte, error) { return c.AppendJSON(nil), nil }

func appendTime(b []byte, name string, us int64) []byte {
	if us == qmp.NoTime {
		return b
	}
	return append(event.AppendTime(append(b, name...), us), '"')
}

func appendString(b []byte, s string) []byte { return qmp.String(s).AppendJSON(b) }

// AppendJSON appends the labels as one object, in order of name.
func (ls Labels) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	for i, l := range ls {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, l.Name)
		b = append(b, ':')
		b = appendString(b, l.Value)
	}
	return append(b, '}')
}

func (e *Evidence) appendJSON(b []byte) []byte {
	b = append(b, `{"events":[`...)
	for i, ev := range e.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = ev.AppendJSON(b)
	}
	b = append(b, `],"omitted":`...)
	b = strconv.AppendInt(b, e.Omitted, 10)
	if e.Bounded > 0 {
		b = append(b, `,"bounded":`...)
		b = strconv.AppendInt(b, e.Bounded, 10)
	}
	if e.Note != "" {
		b = appendString(append(b, `,"note":`...), e.Note)
	}
	return append(b, '}')
}
