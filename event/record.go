package event

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/qmp"
)

// AppendJSON appends the event as a record: the QMP object as it was received
// plus the members host, vm, source, received and seq, those that are known.
// It is one line without a line end.
func (e *Event) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	if e.Time != qmp.NoTime {
		seconds, micros := e.Time/1e6, e.Time%1e6
		if micros < 0 {
			seconds, micros = seconds-1, micros+1e6
		}
		b = append(b, `"timestamp":{"seconds":`...)
		b = strconv.AppendInt(b, seconds, 10)
		b = append(b, `,"microseconds":`...)
		b = strconv.AppendInt(b, micros, 10)
		b = append(b, `},`...)
	}
	b = appendMember(b, `"event":`, e.Name)
	if e.Raw != nil {
		b = append(b, `,"data":`...)
		b = appendCompact(b, e.Raw)
	}
	if e.Host != "" {
		b = appendMember(b, `,"host":`, e.Host)
	}
	if e.VM.Name != "" {
		b = appendMember(b, `,"vm":{"name":`, e.VM.Name)
		if e.VM.UUID != "" {
			b = appendMember(b, `,"uuid":`, e.VM.UUID)
		}
		b = append(b, '}')
	}
	if e.Source != "" {
		b = appendMember(b, `,"source":`, e.Source)
	}
	if e.Received != qmp.NoTime {
		b = append(b, `,"received":"`...)
		b = append(AppendTime(b, e.Received), '"')
	}
	if e.Position != "" {
		b = appendMember(b, `,"position":`, e.Position)
	}
	if e.Seq != 0 {
		b = append(b, `,"seq":`...)
		b = strconv.AppendUint(b, e.Seq, 10)
	}
	return append(b, '}')
}

func appendMember(b []byte, name, value string) []byte {
	return qmp.String(value).AppendJSON(append(b, name...))
}

// appendCompact appends JSON text without the white space between its tokens
// (a monitor with pretty=on spreads an event over many lines) and with U+FFFD
// for bytes that are not UTF-8, as the decoder reads them.
func appendCompact(b, raw []byte) []byte {
	if !utf8.Valid(raw) {
		raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	from := 0 // what was not appended yet
	inString := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			inString = !inString
		case inString:
			if c == '\\' {
				i++
			}
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			b = append(b, raw[from:i]...)
			from = i + 1
		}
	}
	return append(b, raw[from:]...)
}

// FromMessage returns the event that a message of qmp.TypeEvent carries, with
// the members that a record has beside QMP's. A member of ours that is not of
// our form is left out: another program may use the same name. The event
// shares memory with the message.
func FromMessage(m *qmp.Message) Event {
	e := Event{Event: m.Event, Received: qmp.NoTime}
	for _, x := range m.Extra {
		switch x.Name {
		case "host":
			e.Host, _ = qmp.ParseValue(x.Raw).AsString()
		case "vm":
			e.VM = parseVM(qmp.ParseValue(x.Raw))
		case "source":
			e.Source, _ = qmp.ParseValue(x.Raw).AsString()
		case "received":
			if s, ok := qmp.ParseValue(x.Raw).AsString(); ok {
				if t, err := ParseTime(s); err == nil {
					e.Received = t
				}
			}
		case "position":
			e.Position, _ = qmp.ParseValue(x.Raw).AsString()
		case "seq":
			if n, ok := qmp.ParseValue(x.Raw).AsUint(); ok {
				e.Seq = n
			}
		}
	}
	return e
}

// parseVM reads {"name":…,"uuid":…} or a plain name.
func parseVM(v qmp.Value) VM {
	if name, ok := v.AsString(); ok {
		return VM{Name: name}
	}
	name, _ := v.Get("name").AsString()
	uuid, _ := v.Get("uuid").AsString()
	return VM{Name: name, UUID: uuid}
}

// Parse reads one record, the inverse of AppendJSON. The event shares no
// memory with line.
func Parse(line []byte) (*Event, error) {
	var m qmp.Message
	if err := qmp.DecodeBytes(bytes.Clone(line), &m); err != nil {
		return nil, err
	}
	if m.Type != qmp.TypeEvent {
		return nil, errors.New("not an event: it has no member \"event\" that is a string")
	}
	e := FromMessage(&m)
	return &e, nil
}
