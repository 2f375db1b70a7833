// Package loadgen makes the workload of the benchmarks: a stream of QMP events
// as QEMU 7.2 writes them (one object a line, ", " and ": " between tokens,
// members in the order of a QDict, CR LF), and rules to run on it.
//
// In: how many. Out: always the same bytes: 27 types of events in the mix of a
// fleet with trouble in its storage, errors in bursts, low keys much likelier
// (the hottest node has 1 % of the node events).
//
// It does not know qmpalert's rule files, nor what is measured.
package loadgen
