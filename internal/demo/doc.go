// Package demo plays recordings of real QEMUs on real unix sockets, as if the
// machines ran now.
//
// In: recordings, and a directory. Out: a QMP monitor for each, which greets,
// answers what a client asks about its VM, and sends the recorded events with
// the time of now; when a recording ends, its monitor closes and its socket
// vanishes, as those of QEMU do.
//
// It does not know rules or alerts: to whoever connects it is a host with
// machines on it.
package demo
