// Package alertmanager speaks the parts of Alertmanager's language that a
// configuration of qmpalert borrows: matchers and time intervals. It is the one
// door to Alertmanager's own code, so that what is written means here what it
// means there, to the last escape and the last day of February.
//
// In: the texts as they stand in a configuration or in a silence. Out: values
// that answer one question each, whether labels match and whether an instant
// lies in an interval; and errors that say where in the text the fault is, so
// that whoever read the file can point at it.
//
// It is pure: instants are microseconds since 1970 UTC that the caller gives.
// The one thing it takes from outside is the table of time zones, from the
// system or, where that has none, the one that is built in. It knows nothing of
// routes, alerts and files.
package alertmanager
