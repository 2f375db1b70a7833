package qmp

import "math"

// NoTime is the time of an event that carries none: QEMU left the timestamp
// out (old examples) or wrote -1 because the host clock could not be read
// (possible up to QEMU 7.0).
const NoTime = math.MinInt64

// Kind is the type of an event: an index into the table of known events. The
// zero Kind is Unknown, an event that the table does not have.
type Kind uint8

// Event is one QMP event. Data is nil for an event without members and for an
// unknown one; Raw is the text of its data object as it was received, valid
// JSON, nil when absent. Strings inside Data and Raw share the memory of the
// buffer the event was read from, which is never written again; Clone detaches
// an event that is kept for long.
type Event struct {
	Kind Kind
	Name string
	Time int64 // microseconds since 1970-01-01 UTC, or NoTime
	Data Data
	Raw  []byte
}

// Data is the typed content of an event: a pointer to the generated struct of
// its kind.
type Data interface {
	Kind() Kind
	// Field returns the member in the given slot of Def.Slots, nil when it was
	// not sent.
	Field(slot int) Value
	// AppendJSON appends the members that are present as a JSON object.
	AppendJSON(b []byte) []byte
	// Clone returns a copy that shares no memory with a read buffer.
	Clone() Data
}

// Opt is a member that may be absent. Absent is distinct from empty.
type Opt[T any] struct {
	V   T
	Set bool
}

// Some returns a member that is present.
func Some[T any](v T) Opt[T] { return Opt[T]{V: v, Set: true} }

// MakeEvent returns an event of our own making: d at the given time, in
// microseconds since 1970, with its members written into Raw.
func MakeEvent(d Data, timeUS int64) Event {
	k := d.Kind()
	e := Event{Kind: k, Name: k.String(), Time: timeUS}
	if newData[k] != nil {
		e.Data, e.Raw = d, d.AppendJSON(nil)
	}
	return e
}

// Def returns what is known about the event, nil when that is nothing.
func (e *Event) Def() *Def { return e.Kind.Def() }

// Field returns the member in the given slot of the event's Def, nil when it
// was not sent.
func (e *Event) Field(slot int) Value {
	if e.Data == nil {
		return Value{}
	}
	return e.Data.Field(slot)
}
