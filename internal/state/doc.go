// Package state is what qmpalert remembers across its death, typed, in one
// database: checkpoints with their rules, the outbox and what became of its
// messages, and the history of alerts.
//
// In: what was decided up to a position of the log, as one transaction (Commit);
// what became of deliveries (Outbox); snapshots (Save). Out: the same after a
// restart, and lives of alerts for people.
//
// What it promises:
//
//   - Decisions, their messages and the position they were decided at are kept
//     together or not at all. A decision that is committed a second time, because
//     the log was stepped through again, changes nothing.
//   - A message is in the outbox until Done; what was composed of several takes
//     their place in one transaction.
//   - What is damaged is put aside and counted; the rest is given out.
//   - Everything is bounded: by age, and by number.
//
// It does not decide, send, or know what time it is.
package state
