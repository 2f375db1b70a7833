// Package storetest has the contracts of package store as tests, so that
// another implementation can be held against them.
//
// In: a function that opens an implementation. Out: failed tests.
//
// It does not know how anything is stored.
package storetest
