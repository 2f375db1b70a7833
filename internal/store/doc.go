// Package store keeps on disk what must survive the death of the process.
//
// In: entries of one log, in order; out: the same entries, in order, after any
// death of process or machine that came after Append had returned. What was
// damaged is put aside and counted, never given out and never deleted.
//
// The log is a folder of segments, each a file of NDJSON whose name is the
// position of its first entry. A line is a JSON object that the caller made,
// with two members added at its end:
//
//	{"timestamp":…,"event":"STOP",…,"seq":7,"crc":"8a2c11f0"}
//
// so a segment is a recording that other programs can read. seq is the
// position, crc the CRC-32C of the line before `,"crc"`. Closed segments are
// compressed (gzip).
//
// It does not know what entries mean, what time it is, or who reads them.
package store
