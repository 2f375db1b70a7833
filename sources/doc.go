// Package sources says what a source of events owes to the rest: the events of
// each VM in order, with who and when, and a number for each that is lost.
//
// In: whatever a source reads, a monitor socket or a file. Out: events, through
// one function, Emit, and a Status for people.
//
// A source of live VMs may also answer questions about them: see Asker.
//
// Each source has a package of its own: qmpsock for monitors, ndjson for
// recordings. sourcetest holds the contract that all of them pass. This package
// knows none of them, nor what happens to an event that was accepted.
package sources
