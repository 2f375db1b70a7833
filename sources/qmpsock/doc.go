// Package qmpsock reads events from QMP monitors: unix sockets that appear and
// vanish under a pattern, or a TCP address.
//
// In: a pattern and a name for the host. Out: the events of every monitor found,
// and events about the connection itself:
//
//   - QMPALERT_CONNECTED{source, version} when a monitor is in command mode and
//     its VM has a name: before any other event of that connection.
//   - QMPALERT_DISCONNECTED{clean, gone, reason} when the connection has ended.
//     clean says that SHUTDOWN was seen on it. gone says that the socket file has
//     vanished too, for which it looks a moment, because a QEMU that quits closes
//     the connection first. A QEMU that was killed leaves the file: gone is false
//     then, and when the file vanishes later there is a second
//     QMPALERT_DISCONNECTED with gone true and without a reason, by which rules
//     know it from the first. A TCP address is gone when SHUTDOWN was seen and then
//     nobody listens. A file that is removed while its connection lasts means
//     nothing yet.
//   - QMPALERT_GAP{reason: disconnected, seconds} after QMPALERT_CONNECTED when it
//     is a reconnect: QEMU replays nothing. A VM that was gone begins anew,
//     without a gap. When the socket was made anew, or another VM answers on it,
//     the first VM is gone.
//   - QMPALERT_GAP{reason: queue, dropped} in the place of events that did not fit.
//
// All of them have no time of their own (qmp.NoTime), only Received.
//
// The name of a VM is vm_name, else the answer to query-name, else the name of
// the socket file without its extension; never anything inside an event.
//
// Behind each monitor is a bounded queue. The reader never waits for it: when it
// is full, new events are dropped and counted until it is half empty. The oldest
// are kept because they tell what began; one QMPALERT_GAP behind them says how
// many are missing. Events about the connection always fit: while 64 of them wait
// no new connection is made.
//
// A VM whose monitor is connected can be asked what only reads (see Ask).
//
// The package does not know rules, and has no clock: Config.Now is the clock.
package qmpsock
