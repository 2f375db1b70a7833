// Package webtest has a daemon that is not there: a web.Backend with a few
// alerts, silences and dead letters in memory, for tests of the API, of its
// client and of the verbs that use it.
//
// In: what a test changes in the Fake. Out: answers with everything that an
// answer can have, with texts as an evil guest would choose them.
package webtest
