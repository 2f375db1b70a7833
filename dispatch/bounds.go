package dispatch

import "time"

const (
	// MaxAlerts is how many alerts one message carries; it counts those beyond.
	MaxAlerts = 1000
	// MaxOthers is how many alerts a message carries that it is not about: when a
	// thousand alerts end one by one, not each message is to list all the others.
	MaxOthers = 100
	// UpdateEvery is how far apart quiet updates are that show newer counts.
	UpdateEvery = 10 * time.Second
	// KeepExpired is how long an expired silence is remembered.
	KeepExpired = 5 * 24 * time.Hour
	// MaxSilences is how many there may be, expired ones included.
	MaxSilences = 10_000
	// WarnBefore is how long before its end a silence says so that hides alerts;
	// one shorter than WarnFrom does not. That is an hour, less what the wish for
	// one may take on its way: a silence begins when it is known.
	WarnBefore = 15 * time.Minute
	WarnFrom   = time.Hour - time.Minute
)
