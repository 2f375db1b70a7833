// Package schema writes what a rule file and the configuration may be as JSON
// Schemas (2020-12), so that any editor with a YAML language server completes and
// checks them while they are written.
//
// In: the table of events in package qmp and the defaults in package config. Out:
// the bytes of the schemas. What a
// rule may have under `by` and a test under `data` depends on its event: the
// schema says so with if and then, and carries what is known about events,
// members and their values as descriptions.
//
// It does not know expressions and texts, what goes together beyond the keys
// themselves, or the rules of a user: `qmpalert check` has the last word. What
// the schema refuses, check refuses, with one exception: an event that is the
// record of another file. A file without a record of its own is taken to name
// events of QEMU and qmpalert only, since otherwise no misspelled event could
// ever be told.
//
// Only keywords that older readers of schemas know, too, decide anything: no
// dynamic references, no unevaluated properties, nothing beside a $ref.
package schema
