// Package event gives a QMP event a home: the host and the VM it came from,
// the source that read it, when it was received, and its number.
//
// In: what package qmp decoded, or a line that qmpalert wrote before. Out: an
// Event, and its one encoding, which is QMP's own object plus members of ours,
// so that a QMP line is a valid record and a record is a valid QMP event.
//
// It does not know where events come from, what rules are, or what time it is.
package event
