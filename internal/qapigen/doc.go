// Command qapigen writes the typed events of package qmp from the facts in
// qmp/events.json: one Go struct for each event, nested type and union, the
// tables behind qmp.Def, and the functions that decode, print and copy them.
//
// It runs in the directory of package qmp, by go generate. With -check it
// writes nothing and fails when a file is not what it would write, so that
// nobody edits generated code by hand or forgets to generate it.
//
// It knows the QAPI types that events use and nothing of JSON text, which is
// the business of the decoder in package qmp.
package main
