// Package console prints alerts for a person at a terminal.
//
// In: a Notification and a writer. Out: a few lines for each alert; text from
// outside cannot move the cursor or reorder a line (package story sees to it).
//
// It does not know whether the writer is a terminal: colours are the caller's
// choice.
package console
