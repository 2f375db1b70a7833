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
// How an event goes through it, a file or two a step:
//
//	Step (machine.go) → vm (times, clock steps) → lane and partition (wait for
//	the watermark) → schedule.go (events and deadlines in order) → evaluate.go
//	(which rules, which keys) → condition (match.go, count.go, having.go,
//	sequence.go, allof.go, absent.go) → track and life.go (one key of a rule and
//	its alert) → Change
//
// A rule that makes records has no alert: record.go puts the event that it makes
// before the rules of higher levels, which run when those below have run.
package engine
