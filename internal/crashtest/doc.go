// Package crashtest kills the daemon and looks at what arrives all the same.
//
// In: how often to kill (-kills, 20). A child process, the daemon from a
// configuration file, follows a file to which numbered events are written, and
// is killed with SIGKILL: at random moments, at the named points of
// daemon.Options.Crash, and while a receiver has its message. Its receivers fail
// in every way that they can. Out: a verdict of an oracle:
//
//   - every event of the file is in the journal once, in order;
//   - what the engine decides over the journal was told to everybody who is to
//     be told: missing 0, and nothing else was: extra 0;
//   - a message that comes again has the same id and the same body;
//   - nobody hears of an end before the beginning, or in any other order than it
//     happened.
//
// There is no product code in this package.
package crashtest
