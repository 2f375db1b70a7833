// Package delivertest has the contract of deliver.Outbox as a test, so that
// another implementation can be held against it.
//
// In: a function that opens an implementation. Out: failed tests.
//
// It does not know how anything is stored.
package delivertest
