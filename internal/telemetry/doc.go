// Package telemetry is what qmpalert tells a Prometheus about itself.
//
// In: a View, a picture of the daemon that is asked for at each scrape, and a
// few things that only show when they happen. Out: an HTTP handler in
// Prometheus' text form, from a registry of its own. No type of client_golang
// gets out.
//
// The hot path pays nothing: what the engine and the outbox count anyway is
// read at the scrape. Who is wired to what:
//
//   - The daemon makes one Registry (New), serves Handler as /metrics, and gives
//     it a function that returns the View (Watch). It is called by the goroutine
//     of the scrape and must be quick.
//   - The daemon calls Reloaded after each attempt to take over the files and
//     Heartbeat after each call of the heartbeat's URL.
//   - The deliverer's callbacks call Tried after each attempt of a message,
//     Accepted when an endpoint took one, and Died when one was given up.
//   - The API calls Request after each request.
//
// Labels come from the configuration, the rule files and the source of this
// program, never from a guest: a guest that made up names could make any number
// of series.
package telemetry
