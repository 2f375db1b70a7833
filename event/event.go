package event

import "github.com/qmpalert/qmpalert/qmp"

// Event is one QMP event with its origin. It is handed on by pointer and must
// not be changed by those who receive it; one that is kept for longer than the
// call is cloned first.
type Event struct {
	qmp.Event

	Host     string // "" on events without a host
	VM       VM     // zero on events about qmpalert itself
	Source   string // "qmp:/run/qemu/db1.qmp", "file:x.ndjson"; for people
	Received int64  // wall clock of arrival, microseconds since 1970 UTC, or qmp.NoTime
	Position string // behind it in its file, "inode:offset"; "" if not followed
	Seq      uint64 // number in order of arrival, from 1; 0 when not numbered
}

// VM names a virtual machine. Name is what rules and people use and, together
// with the host, its identity; UUID may be empty.
type VM struct {
	Name string
	UUID string
}

// Clone returns a copy that shares no memory with the buffer that the event
// was read from. It takes three allocations and a few hundred bytes.
func (e *Event) Clone() *Event {
	c := *e
	c.Event = e.Event.Clone()
	return &c
}

// CopyTo is Clone into memory that was used before: see qmp.Event.CopyTo.
func (e *Event) CopyTo(dst *Event, text []byte) []byte {
	inner := dst.Event
	text = e.Event.CopyTo(&inner, text)
	*dst = *e
	dst.Event = inner
	return text
}
