// Package notifiers is the far side of an alert: what a message is, what it
// means to send one, and the kinds of failure.
//
// In: a Notification, all that a receiver is told about a group of alerts.
// Out: a Receipt, the handle by which the same receiver can be told more about
// it later, or an Error that says whether another try makes sense.
//
// A notifier sends once: it does not retry, queue, limit rates or know other
// receivers; internal/deliver does. It knows nothing of rules and routes.
package notifiers
