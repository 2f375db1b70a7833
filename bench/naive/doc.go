// Command naive is what one writes in an afternoon: each line into a map with
// encoding/json, a map as environment, every rule through expr.Run, a map of
// slices as windows. It is what qmpalert's speed is compared with, so it must
// stay plain, and do the job: it finds the same alerts to fire first.
//
//	naive RULES.jsonl EVENTS.ndjson
//
// RULES has a rule of package loadgen a line. It prints the time, rule and key
// of each alert.
package main
