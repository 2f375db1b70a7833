// Package post is the HTTP side of the notifiers that speak HTTP: a client that
// does not go where it must not, and the reading of answers.
//
// In: a request. Out: a Reply whose body is bounded, or a *notifiers.Error of
// the right class, whose text holds no secret: no URL (a webhook's is one), no
// text that was named as secret, nothing unprintable.
//
// It knows no particular service.
package post
