// Package qmp is the QEMU Machine Protocol as qmpalert needs it: the events of
// all releases of QEMU as Go types, the table of what is known about each, and
// a decoder that turns bytes from a monitor socket or a recording into them.
//
// In go bytes, out come values: an Event with its typed Data, a greeting, or the
// answer to a command. Decoder reads them from a stream, Client talks to a
// monitor, DecodeBytes reads a single one. The types and the table are generated from events.json
// by go generate; the events that qmpalert makes itself (QMPALERT_*) are in the
// table like QEMU's.
//
// Every member of an event may be absent, whatever the schema of some release
// promises, and absent is distinct from empty: members are Opt. An event that
// the table does not have stays usable through Event.Raw.
//
// The package does not know which VM an event is about, what time it is, or
// that rules exist.
package qmp

//go:generate go run ../internal/qapigen
