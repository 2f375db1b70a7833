// Package deliver brings notifications to their receivers, and loses none.
//
// In: notifications that were decided and stored (PutCommitted, which never
// blocks), and the endpoints of each receiver (Swap). Out: calls of
// notifiers.Notifier, and reports of what arrived, failed or was given up.
//
// What waits is kept by an Outbox: on disk, so that it survives the process, or
// in memory (Memory) where nothing is kept. Each endpoint has one goroutine; it
// holds what waits without the bodies, so that one that is down for a week costs
// little and delays no other. What it promises:
//
//   - Messages of one group go out in the order in which they were decided, one
//     at a time, each with the Receipt of the one before. Of different groups the
//     older goes first, but one that failed lets those pass that failed less often.
//   - At least once: a message leaves the outbox when its end is stored. It is
//     sealed there before its first try, so that a repeat, by whichever process,
//     has the same id and the same body.
//   - What waits untried may be told in one message: all about one life of a group
//     (a firing and its resolved), and, when more than 10 would go out, a digest of
//     up to 100. Such a message has an id made of what it carries, names it
//     (Carries), and is stored before it is tried. A group whose message can still
//     be edited is edited, not listed in a digest.
//   - A failure that may pass (Retry, Misconfigured, an error without a class, a
//     timeout) is tried again after a random time up to a doubling bound. After
//     five in a row, or at once when the endpoint is Misconfigured, only a probe
//     goes out (see breaker). Wait pauses everybody who shares the limit for as
//     long as the far end said.
//   - A Limit is never broken, edits, probes and restarts included.
//   - A message becomes a dead letter when it is Rejected, MaxAge old, when its
//     notifier panics or its receiver is removed. It can be looked at and sent again
//     (Resend).
//   - While the outbox takes no changes messages go out all the same (those it does
//     not have: Put); what happened is stored as soon as it can be.
//   - Close delivers until its context ends; the rest waits for the next process.
//
// At every moment what was put for an endpoint is delivered, failed, dropped (when
// only memory keeps it, and that is full) or queued; Stats says how much of each.
//
// It knows nothing of rules, routes, or what a message looks like.
package deliver
