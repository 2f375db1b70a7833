// Package term reads expressions in their normal form, as trees.
//
// In: what lang.Program.Canonical gives, a text in which macros and lists are
// expanded, brackets stand around everything and each operator has one
// spelling. Out: a tree, and what may be asked of it: which members are read,
// what is compared with which strings. Who looks for habits in rules needs no
// more.
//
// It does not know types, events or values, and evaluates nothing. A text that
// is no normal form gives nil.
package term
