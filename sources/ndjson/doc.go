// Package ndjson reads recorded events: raw transcripts of a monitor with its
// greeting and answers, plain events, and the records that qmpalert writes, in
// any mixture and layout that is a stream of JSON values.
//
// In: a file, a pipe or standard input, and names for what the recording does not
// say. Out: its events one by one, each with host, VM and a time, and counts.
// Values that are damaged or too large are counted and skipped, never fatal.
//
// What a record does not say is taken from, in this order:
//
//   - VM: Options.VM; the first answer to query-name in the file, which may come
//     after the events; the file's base name without its last extension.
//   - host: Options.Host; localhost.
//   - time: when it was received; the time of the event before it in the file; that
//     of the first one after it that has a time; 1970-01-01. An event of qmpalert's
//     own that has only been received keeps qmp.NoTime: the engine puts it on its
//     VM's clock, in a replay as it did live.
//
// Memory is bounded whatever the file holds: what has to be known early is found
// by reading the file a second time, and a pipe is spooled for that.
//
// A Reader reads what is there; a Follower reads files while they grow, are
// renamed, replaced, emptied and deleted, as tail -F does, and gives each event a
// Position from which a later Follower goes on. It asks for no more than half a
// value at the end of a file: that waits for its other half.
//
// The package does not merge files or know rules, and keeps no positions.
package ndjson
