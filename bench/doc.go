// Command bench prints how fast qmpalert is, as ratios inside one run: absolute
// times say more about the machine than about the program.
//
//	go run ./bench [-n 1000000] [-rounds 5]
//
// It makes the workload of package loadgen in a temporary folder, builds
// cmd/qmpalert and bench/naive, and measures processor time (user and system)
// on one core. What is compared takes turns, and the best round of each counts:
// noise only ever adds. It needs nothing but Go.
//
// docs/performance.md has the figures and what they mean.
package main
