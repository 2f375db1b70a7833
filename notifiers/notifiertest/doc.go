// Package notifiertest is the contract that every notifier passes, and the
// notifications that its test and the goldens of the notifiers use.
//
// In: a Harness, that is a notifier with a far end that the test can command.
// Out: failures of the test. It knows no particular service.
package notifiertest
