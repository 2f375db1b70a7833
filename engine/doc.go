// Package engine decides: rules + events + time → alert changes.
//
// In: compiled rules, events in order of arrival, and the passing of time as a
// value. Out: alert.Change values, each at its own event time. The meaning is
// section by section in docs/semantics.md.
//
// It is a pure machine: no clock, network, disk, goroutine or log. The same
// input gives the same changes live, in a replay, in a test and after a
// restart. It does not know where events come from or who is told.
//
// How an event goes through it:
//
//	Step → vm (times, clock steps) → lane and partition (wait for the watermark,
//	put events and deadlines in order) → track (one rule, one key: window,
//	condition, alert) → Change
package engine
