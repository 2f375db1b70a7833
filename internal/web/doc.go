// Package web is the HTTP API of the daemon: what runs, what is wrong and why,
// who was told, silences and acknowledgements, and a stream of changes. It has
// both ends: Server, and Client for the verbs of the command line.
//
// In: a Backend, which the daemon implements, and alert changes as they are
// decided (Server.Publish). Out: JSON in the types of this package, problems as
// in RFC 9457, server-sent events. docs/openapi.json describes all of it and a
// test holds every real answer against it.
//
// What the network may do: nothing without a token, but on loopback, where the
// Host header has to be one of loopback (a page of the web that has its name
// resolve to 127.0.0.1 is refused) and a browser's request from another origin
// may not change anything. Requests, answers, connections and waiting changes
// are bounded.
//
// It does not know how an alert is decided, stored or delivered.
package web
