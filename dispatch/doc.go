// Package dispatch decides who is told about an alert, when, and with which
// others in one message.
//
// In: alert changes, silences, acknowledgements and other configurations, each
// with the time at which it came, and time that passes (Advance). Out: a
// Decision of messages and of notes, which say of each alert who was told, who
// was not, and why. Who was told is kept, because exactly they are told that it
// is over; Snapshot and Restore move that as plain data.
//
// The rules, which docs/routing.md explains to users:
//
// Who:
//
//  1. Only an alert that fires is told of. A rule in shadow mode tells nobody,
//     and its alerts hide nothing.
//  2. The route tree is Alertmanager's: of the children of a route the first
//     that matches takes the alert, and those behind it too while it says
//     continue; a route of which no child matches decides. A rule that names its
//     receivers goes past the tree (route "rule") with the settings of the root.
//     A name that no receiver has is answered by the root's receiver.
//  3. A group is the alerts for one receiver by one route with the same values
//     of its group_by. It lives from the first message until all that was told
//     is over; then a new life begins, with the same key.
//
// When:
//
//  4. An alert that a receiver is to be told of waits from the instant at which
//     it fired or at which nothing hid it any more. It is told group_wait after
//     that and, in a group that was told, at the earliest group_interval after
//     its last message. All that wait in the group are told with the first.
//     An alert that ends while it waits goes on waiting, as one that is over: it
//     is told once, when it would have been told as one that fires. When nothing
//     that fires is told with it, that is a message about ends (5), otherwise it
//     is listed behind those. A message that says that all is over tells of all
//     that are over in the group. If the alert fires anew before, the new life
//     takes its place, and has waited as long. Instead of telling it, the planner
//     drops it where something hides the alert at its end or when it is to be
//     told, or the receiver does not want ends.
//  5. What ends is told at once to whom its beginning was told, in whatever
//     state the alert is and wherever the routes lead now. Not told are
//     receivers that do not want it or do not exist any more, and the end of a
//     notice (reason "quiet"). The message has Status Resolved when nothing of
//     the group fires that was told. So who hears of an end heard of the
//     beginning before, or in the same message.
//  6. A group is told again (repeat) at repeat_interval after its last message,
//     and after that each time, if an alert of it was told that nothing hides
//     and nobody acknowledged; else as soon as there is one. Where time passed
//     unseen, of several repetitions only the last is told.
//  7. An alert that is `after` told, that nothing hides and that nobody
//     acknowledged, escalates: with all others of its group that are not hidden,
//     acknowledged or escalated yet, whatever their age, it is told to the
//     receiver of `escalate`, by a group of that receiver's own, which is told
//     nothing else but updates and the end.
//
// Last messages are those that are not updates.
//
// What hides:
//
//  8. An alert is hidden from everybody while an alert fires that inhibits it
//     (also a hidden one, never itself): one whose rule names it under
//     `inhibits`, with the same label host and, where both have one, the same
//     vm; or by an inhibition rule, if one matches the source and the other the
//     target and all labels of `equal` are the same; an alert that matches both
//     sides is not hidden by one that does so too.
//  9. An alert is hidden from everybody while a silence that matches holds, from
//     its start until before its end.
//  10. A route hides its alerts from its receiver while one of its
//     mute_time_intervals holds, and while none of its active_time_intervals
//     does, if it has any.
//  11. Who was told stays told: a message about ends, or an update, lists hidden
//     alerts too; all other messages do not.
//  12. A silence of an hour or more says 15 minutes before its end to each
//     receiver of alerts that fire and match it that it ends, if any do.
//
// Quietly:
//
//  13. Updates are for receivers that edit their messages: at once when somebody
//     acknowledged or silenced, when a silence ended, and after an escalation;
//     and when counts or annotations changed, at the earliest UpdateEvery after
//     the newest message.
//
// At one instant things happen in this order: silences and time intervals begin
// and end; what the caller gives, in its order; then groups are told, ends
// before beginnings, the oldest group first. So what happens at one instant is
// one message. Calling Advance more often makes no difference where it returns
// nothing.
//
// Bounds: a message carries MaxAlerts alerts and counts others; new ones beyond wait
// for the next, ends beyond have a message of their own. There are
// MaxSilences; all else is as much as fires.
//
// It is pure: no clock, no goroutine, no disk, no network, and the same calls
// give the same messages with the same IDs on any machine. It knows nothing of
// how a message looks or whether it arrives.
package dispatch
