// Package examples carries the files beside it into the program: the rules that
// qmpalert uses when it is given none, and the recordings that its demo plays.
//
// In: nothing. Out: names and bytes. It does not know what is in them.
//
// The rules are in rules/, each with a comment that says what it is for, its tests,
// and a link to its runbook in docs/runbooks. The recordings under recordings/ are
// what real QEMUs said; README.md there tells how each came about.
package examples
