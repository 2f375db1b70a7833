// Package core is the engine and the planner as one machine: log entries in,
// decisions out.
//
// In: everything that ever enters the pure rooms, in one order, as an Entry: an
// event, the passing of time, other rules and routes, a silence, an
// acknowledgement. Out: an Output of alert changes, messages, the reasons for
// both, and questions to VMs.
//
// An Entry has a form as a line of JSON (AppendJSON, Parse): that of an event is
// its record, and the others have no member "event", so that a log is a
// recording of events that any reader of recordings understands. The same
// entries give the same outputs, live and after a restart. Passing time that
// decided nothing need not be in the log: it makes no difference.
//
// It does not know where the log is, who delivers messages, or what time it is.
package core
