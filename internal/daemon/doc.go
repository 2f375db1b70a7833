// Package daemon wires the rooms together and runs them: sources feed a loop,
// the loop numbers each event and steps the engine, the planner turns changes
// into notifications, the deliverer sends them; rules and configuration are
// exchanged while all of it runs.
//
// In: a configuration, rule files, a context. Out: messages at receivers, log
// lines, and an end when the context is done.
//
// What rules want to know of a VM is asked beside the loop, by queries that only
// read. The answer to a confirm comes back through the one queue, as an event;
// what is attached holds up the message that it belongs to and no other.
//
// It is the only package that starts goroutines for others. It does not know
// how an event looks, what a rule means or how a message is sent.
package daemon
