// Package checks carries the pages beside it into the program: one for each
// code of a finding, with what is wrong, why that matters, and how it looks
// wrong and right.
//
// In: a code. Out: the text of its page. It does not know what the codes mean;
// a test of the program checks every example on every page.
package checks
