// Package exec tells by running a program of the operator's own.
//
// In: a Notification. Out: one run of the program, with the notification as JSON
// on its standard input (the body that a webhook would get) and little else:
// the environment is PATH, LANG and a few variables named QMPALERT_*, the
// working directory the root. No shell is involved, and nothing that a guest
// chose becomes an argument. There is no receipt.
//
// The exit status is the answer: 0 delivered, 75 (EX_TEMPFAIL of sysexits.h)
// not now, any other one never. Beside the program itself, everything that it
// started in its process group ends with it.
package exec
