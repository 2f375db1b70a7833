// Package replay runs recorded events through the same engine as the daemon.
//
// In: rules, and the paths of recordings (or standard input). Out: the alert
// changes, sorted, and what was counted in each file. The same files and rules
// give the same result on any machine at any speed.
//
// Several files are merged by the time of the next event of each, of equal times
// the file named first: that is their order of arrival. What a record does not
// say (VM, host, time) is found by package ndjson.
//
// The journal of a daemon is one recording, whatever the times in it: its entries
// are taken in the order in which the daemon took them, with the passing of time
// that it noted, so that the alerts are those that it gave. What people changed
// meanwhile, and other rules, are not in it.
//
// One pass can feed several sets of rules. The events are not kept; the changes
// are, until the last event was read, because they are sorted.
//
// It prints nothing and knows no configuration, receivers or monitors: what a VM
// was asked is taken from the recording.
package replay
