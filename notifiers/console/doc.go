// Package console prints alerts on a terminal, for a daemon without
// configuration and for the demo.
//
// In: a Notification and a writer. Out: a few lines; colour only when asked
// for. What a guest wrote cannot steer the terminal: control, escape and
// bidirectional characters are shown as U+FFFD. There are no receipts, a line
// that was printed is not changed.
package console
