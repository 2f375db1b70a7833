package web

import (
	"context"

	"github.com/qmpalert/qmpalert/alert"
)

// Backend is the daemon as the API sees it. Its methods are called by the
// goroutines of requests, at the same time; ctx ends when the client goes away
// or the time limit of a request is over, and a method that waits for the loop
// returns then. What they return belongs to the caller and is not changed
// afterwards. Lists are sorted as their methods say.
//
// An error that the client can act on is a *Problem: NotFound, Invalid,
// Conflict, Unavailable make one. Any other error becomes a 500 whose text is
// logged and not sent. No error text and no value holds a secret.
type Backend interface {
	Status(ctx context.Context) (Status, error)
	// Sources lists every connection, by name of the source.
	Sources(ctx context.Context) ([]Source, error)
	// Rules lists every rule, by group, then in order of the file.
	Rules(ctx context.Context) ([]Rule, error)

	// Alerts lists the newest state of the lives that a query asks for, newest
	// ActiveAt first, then by ID; at most q.Limit, and whether there are more.
	Alerts(ctx context.Context, q Query) (all []Alert, more bool, err error)
	// Explain tells the whole story of one life. An ID without StartsAt is the
	// newest life of that alert.
	Explain(ctx context.Context, id AlertID) (Explanation, error)
	// Ack says that somebody takes care of an alert, for the life that id names.
	// Conflict when it does not fire.
	Ack(ctx context.Context, id AlertID, a AckRequest) (Ack, error)

	// Silences lists active, pending and expired silences: by state in this
	// order, then by EndsAt, then by ID.
	Silences(ctx context.Context) ([]Silence, error)
	// SetSilence makes a silence, or changes the one that ID names: NotFound if
	// there is none. Matchers are valid, EndsAt is after StartsAt.
	SetSilence(ctx context.Context, s Silence) (Silence, error)
	// ExpireSilence ends a silence now. One that is over already stays as it is.
	ExpireSilence(ctx context.Context, id, by string) error

	// DeadLetters lists messages that were given up, newest first; at most limit,
	// and whether there are more.
	DeadLetters(ctx context.Context, limit int) (all []DeadLetter, more bool, err error)
	// Resend puts a dead letter back into the queue of its endpoint.
	Resend(ctx context.Context, id string) error

	// ExplainRoute says who would be told, at an instant in microseconds since
	// 1970, about an alert with these labels, and why.
	ExplainRoute(ctx context.Context, labels alert.Labels, at int64) (RouteExplanation, error)

	// Reload takes over configuration and rules as they are on disk now, and
	// returns when that is done. Files that cannot be used are a *Problem with
	// Findings (see InvalidFiles), and nothing changed.
	Reload(ctx context.Context) (Reloaded, error)

	// Healthy returns an error when the daemon cannot do its work any more and
	// should be started anew: the loop does not turn. Ready returns one as long as
	// it is starting or stopping. Their texts are sent to whoever asks.
	Healthy() error
	Ready() error
}

// Query says which alerts are wanted.
type Query struct {
	// Statuses are those of the newest change; empty: pending and firing.
	Statuses []alert.Status
	// Match is true for the labels that are wanted; nil: all. It is safe for
	// concurrent use.
	Match func(alert.Labels) bool
	// Before leaves out what began (ActiveAt) at or after it; microseconds since
	// 1970, 0: nothing.
	Before int64
	// Limit is how many are wanted, at least 1, at most MaxAlerts.
	Limit int
	// Evidence says that the events are wanted too.
	Evidence bool
}

// MaxAlerts bounds one list of alerts.
const MaxAlerts = 1000
