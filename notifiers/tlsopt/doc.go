// Package tlsopt turns the tls_config of a receiver into a *tls.Config: the
// words are Alertmanager's.
//
// In: file names and names. Out: a configuration of TLS 1.2 or newer that
// verifies the far end unless that was switched off by name.
package tlsopt
