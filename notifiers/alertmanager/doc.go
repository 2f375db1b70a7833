// Package alertmanager hands alerts over to a Prometheus Alertmanager, which
// then routes, groups and silences them by its own rules.
//
// In: a Notification. Out: its alerts, by POST /api/v2/alerts. An Alertmanager
// forgets what it is not told again, so that a dead sender leaves nothing firing
// for ever: alerts that fire carry an end in the near future and must be sent
// again every ResendInterval until they are resolved. There is no receipt.
//
// It does not know the routes of that Alertmanager, nor when to send again:
// internal/deliver does.
package alertmanager
