// Package deliver brings notifications to their receivers, from memory.
//
// In: notifications (Put, which never blocks) and the endpoints of each
// receiver (Swap). Out: calls of notifiers.Notifier, and reports of what could
// not be delivered.
//
// Each endpoint has one goroutine and a bounded queue of its own, so that one
// that is down delays no other. What it promises:
//
//   - Messages of one group go out in the order of Put, one at a time, each
//     with the Receipt of the one before. Of different groups the older goes
//     first, but one that failed lets those pass that failed less often.
//   - A failure that may pass (Retry, or an error without a class, or a
//     timeout) is tried again after a random time up to a doubling bound, at
//     most MaxBackoff. Wait pauses the endpoint as long as the far end said.
//   - A message is given up when it is MaxAge old, or at once when it is
//     Rejected or the endpoint is Misconfigured; then OnFailed is told.
//   - A full queue refuses what is new, counts it and tells OnFailed.
//   - A notifier that panics loses that message, nothing else.
//   - Swap keeps what is queued for endpoints that stay.
//   - Close delivers what is queued until its context ends and returns the rest.
//
// At every moment what was put for an endpoint is delivered, failed, dropped or
// queued; Stats says how much of each. What is queued is lost with the process.
//
// It knows nothing of rules, routes, or what a message looks like.
package deliver
