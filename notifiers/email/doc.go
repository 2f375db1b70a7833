// Package email tells by mail, and is the only door to go-mail.
//
// In: a Notification. Out: one mail to all addresses of the receiver, as text
// and as HTML without remote content, and as receipt the Message-ID that begins
// the thread: the mail that says it is over answers the one that said it began.
// Message-ID and Date come from the notification, so that a repeat is the same
// mail.
//
// TLS is mandatory unless the configuration says otherwise: a server that does
// not offer STARTTLS gets nothing, and no password ever goes over a plain
// connection to another machine. Port 465 is TLS from the first byte.
//
// Addresses that the server refuses do not keep the others from getting the
// mail: see Notifier.Notify. What the answers of each stage mean is in
// errors.go. One call is one connection.
package email
