// Package dispatch decides who is told about an alert.
//
// In: alert changes, in their order. Out: notifications, one for each receiver
// at the beginning of an alert and one at its end. It keeps who was told that
// an alert fires, because exactly they are told that it is over, and which
// alerts are silenced by others; Snapshot and Restore move that as plain data.
//
// The rules:
//
//   - A pending or inactive alert tells nobody.
//   - A firing alert is told to the receivers that its rule names, else to the
//     route's receiver. A name that no receiver has is answered by the route's
//     receiver: an alert with a wrong address is still an alert.
//   - A resolved alert is told to whom its firing was told, whatever the rule
//     names by now. Receivers that do not want it (send_resolved: false) and
//     those that a reload took away are left out.
//   - The end of a notice (reason "quiet") tells nobody.
//   - While an alert fires nobody is told of those that its rule inhibits: the
//     alerts of these names with the same label host and, where both have one,
//     the same label vm. Whoever was told of one before is not told otherwise.
//     An alert never silences itself; one that is silenced silences others all
//     the same.
//   - When an inhibitor ends, the alerts that still fire and that nothing else
//     silences are told then. One that ended before was never told at all.
//   - A rule in shadow (mode: shadow) tells nobody that its alert fires, and
//     silences nothing. Who was told before the rule went into shadow is told of
//     the end.
//
// It is pure: no clock, no goroutine, no disk, no network, and the same changes
// give the same notifications with the same IDs on any machine. It knows nothing
// of how a message looks or whether it arrives.
package dispatch
