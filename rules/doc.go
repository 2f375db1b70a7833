// Package rules turns rule files into rules that the engine can run.
//
// In go the names and bytes of files (reading them is the caller's job); out
// come a Set of compiled rules, or every finding about every file at once: with
// file, line and column, a code, and how to mend it. A set is whole or not at
// all.
//
// A rule has three lives, and three types:
//
//	spec   what the user wrote, each value with its place        (parse*.go)
//	Rule   checked and compiled, immutable                       (compile.go)
//	track  the running state of one key; that one is the engine's
//
// On the way a spec meets the table of events in package qmp: names and globs
// become a set of events (selector.go), expressions and texts are checked and
// compiled once for each event they can meet (program.go), and members of `by`
// become slots (keyplan.go). What is allowed together is in check.go, what will
// probably disappoint in warn.go, and what only QEMU's ways make questionable in
// lint*.go.
//
// Rules may make events, which other rules use: records. Whatever uses one is
// compiled after it (records.go), because the members of a record are those of
// the events that make it (recorddef.go). To a program a record is an event whose
// kind is qmp.Unknown and whose members are read from its text by known paths.
//
// The tests that are written with rules are read here, too (unittest*.go), and
// rules are changed for them a little at a time (mutate*.go); running them is for
// others.
//
// Tests of rules (unittest*.go) are read and checked with them, and their events
// made: whole ones, of the members that matter. A Suite keeps beside the rules
// how they were written, so that tests can be told which branches of which
// expression they took, and rules be changed in one place at a time (mutate*.go).
//
// It does not know the configuration (but for the names of receivers), windows,
// alerts in flight, the clock or the disk.
package rules
