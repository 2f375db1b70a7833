// Package email tells by mail, and is the only door to go-mail.
//
// In: a Notification. Out: one mail to all addresses of the receiver, as text
// for terminals and as HTML without remote content, and as receipt what the next
// mail about the group needs to be in one thread with this one: see thread.
// Message-ID and Date come from the notification, so that a repeat is the same
// mail.
//
// TLS is mandatory unless the configuration says otherwise: a server that does
// not offer STARTTLS gets nothing, and no password ever goes over a plain
// connection to another machine. Port 465 is TLS from the first byte.
//
// Addresses that the server refuses do not keep the others from getting the
// mail: see Notifier.Notify. What the answers of each stage mean is the table
// verdicts in errors.go. One call is one connection.
//
// From a notification to a mail: thread (receipt.go) → view (view.go, rows.go)
// with its subject (subject.go) → text (text.go, wrap.go) and HTML (mail.html).
package email
