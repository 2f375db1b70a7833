// Package webhook posts alerts as JSON: that of package payload, which is
// Alertmanager's webhook message, version 4, or the one that the user wrote as
// `body` (package body), for services with a JSON of their own.
//
// In: a Notification. Out: one POST. There is no receipt. The same notification
// is the same body, byte for byte, with the same webhook-id and Idempotency-Key,
// by which a receiver knows a repeat; only webhook-timestamp, and so the
// signatures, are those of the try.
//
// webhook-id, webhook-timestamp and webhook-signature are those of Standard
// Webhooks (https://www.standardwebhooks.com): with signing secrets the last one
// has a signature "v1,BASE64" for each of them, the HMAC-SHA256 of
// "ID.TIMESTAMP.BODY". While a secret is changed there are two. A secret is read
// as the libraries of Standard Webhooks do: whsec_, which may be missing, and
// base64.
//
// {{ id }} in the URL stands for the id of the notification; a request to such
// an address is a PUT, which is how some services (Matrix) know a repeat.
//
// What can be asked of the far end: 2xx. Redirects are not followed, link-local
// and metadata addresses are refused after the look-up, of an answer 64 KiB are
// read. 408, 425, 429, 5xx and no answer are tried again, with Retry-After when
// the far end says; 401, 403, 404, 410, 3xx and a certificate that proves
// nothing are the configuration's fault; any other status refuses the message.
package webhook
