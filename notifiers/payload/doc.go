// Package payload is a notification as JSON, for the receivers that are
// programs: Alertmanager's webhook message, version 4, so that what was written
// for Alertmanager works, with what is ours under "qmpalert".
//
// In: a Notification. Out: one line of JSON, the same bytes for the same
// notification, bounded, in which every character that could steer a terminal
// is escaped.
//
// Under "qmpalert" of an alert is its whole change, as replay -o json prints
// it, and what the VM said about itself ("attached"). Under "qmpalert" of the
// message is what a group has beside its alerts: its id, kind and route, its
// timeline, who acknowledged it, whom it was escalated to, the silence that it
// is about, the ids of the notifications that it stands for, and the list of a
// digest. Members that say nothing are left out, but for id, kind and at.
//
// It does not know how the JSON travels: HTTP and pipes are of its callers.
package payload
