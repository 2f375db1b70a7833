// Package alert has the values that say what is wrong: an alert's status, the
// change from one status to the next, and the evidence for it.
//
// In: nothing; out: plain values and their one JSON form, the line that
// replay prints and every receiver is given.
//
// It does not know how a change is decided (package engine) nor who is told
// (package dispatch).
package alert
