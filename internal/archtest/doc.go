// Package archtest holds up the walls of the house: which package may import
// which, through which door a third-party module comes in, and what the pure
// rooms must not touch.
//
// In: the source tree as an fs.FS. Out: findings, each with the reason for the
// wall it breaks. The package's own test runs it over this project, so that a
// wall cannot fall without somebody reading why it stood there; further tests
// plant a violation of every kind in a small tree and expect to be caught.
//
// It reads source text only: it neither builds nor runs anything, and it looks
// at all files whatever their build constraints say.
package archtest
