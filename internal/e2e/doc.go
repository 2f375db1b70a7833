// Package e2e holds the tests of the whole product, on real parts: Debian's
// QEMU, its monitors on unix sockets, a real SMTP server, HTTP servers, the
// daemon from a configuration file, and the program itself as a process.
//
// In: nothing. Out: a verdict. What is checked elsewhere with fakes, each room
// for itself, is checked here once as an operator meets it: what goes wrong in a
// VM arrives at people, once, in words that are true, and what is fine tells
// nobody.
//
// A site (site_test.go) is a daemon that keeps its state and answers on an
// address: on it alerts live their whole lives in a Slack of our own (chat_test.go),
// in a real mailbox and a real Alertmanager, through restarts, silences, reloads
// and storms, and people ask with the program why.
//
// The rules of examples/rules are proven here: scenes (proof_*_test.go) let real
// QEMUs do what each rule is for, and what VMs do every day, under all rules at
// once. TestPackOnQEMU counts which rules were proven so, and names what stands in
// for the others. Their runbooks must be there, and so must answers to the
// questions of docs/cookbook.md.
//
// The rules are also held against every recording of examples/recordings, and
// against recordings made by hand (testdata/made) for what no recording shows.
// testdata/pack.golden is what people would have been told; read its difference
// when a rule changes.
//
// There is no product code in this package.
package e2e
