// Package webhook posts alerts as JSON: Alertmanager's webhook message, version
// 4, so that what was written for Alertmanager works, with the whole change of
// each alert, as replay -o json prints it, under "qmpalert".
//
// In: a Notification. Out: one POST. The headers webhook-id and Idempotency-Key
// carry the notification's ID, by which a receiver knows a repeat;
// webhook-timestamp is when it was sent. There is no receipt.
//
// What can be asked of the far end: 2xx. Redirects are not followed, link-local
// and metadata addresses are refused after the look-up, answers are read to 64
// KiB. 408, 425, 429 and 5xx are tried again, with Retry-After when the far end
// says; 401, 403, 404, 410 and 3xx are the configuration's fault; any other
// status refuses the message.
package webhook
