package post

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// statuses are those of which the class does not follow from their hundred.
var statuses = map[int]notifiers.Class{
	http.StatusRequestTimeout:  notifiers.Retry,
	http.StatusTooEarly:        notifiers.Retry,
	http.StatusTooManyRequests: notifiers.Retry, // then Wait: see Reply.Error
	http.StatusUnauthorized:    notifiers.Misconfigured,
	http.StatusForbidden:       notifiers.Misconfigured,
	http.StatusNotFound:        notifiers.Misconfigured,
	http.StatusGone:            notifiers.Misconfigured,
}

// class sorts the statuses that are not 2xx. A redirect is a wrong address.
func class(status int) notifiers.Class {
	if c, ok := statuses[status]; ok {
		return c
	}
	switch {
	case status >= 500:
		return notifiers.Retry
	case status >= 400:
		return notifiers.Rejected
	}
	return notifiers.Misconfigured
}

// failure is the error of a request that got no answer: another try may help,
// except where the address is one we refuse, or where the far end does not
// prove who it is.
func failure(op string, err error, secrets []string) *notifiers.Error {
	class := notifiers.Retry
	var (
		forbidden   *forbiddenError
		certificate *tls.CertificateVerificationError
		noTLS       tls.RecordHeaderError
	)
	if errors.As(err, &forbidden) || errors.As(err, &certificate) || errors.As(err, &noTLS) || errors.Is(err, http.ErrSchemeMismatch) {
		class = notifiers.Misconfigured
	}
	return &notifiers.Error{Class: class, Op: op, Err: Redact(err, secrets...)}
}

// forbiddenHost says whether the host of a URL is an address that is refused.
func forbiddenHost(host string) (address string, bad bool) {
	a, err := netip.ParseAddr(host)
	return a.String(), err == nil && Forbidden(a)
}

// RetryAfter reads the header of that name: seconds or a date. A negative time
// is none.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	var after time.Duration
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		after = time.Duration(s) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		after = at.Sub(now)
	}
	return after, after > 0
}

// maxAfter bounds what the body of an answer can make us wait.
const maxAfter = 24 * time.Hour

// retryAfterInBody finds what chat services say in the JSON of a 429 that has no
// such header: Discord retry_after (seconds), Telegram the same under
// parameters, Matrix retry_after_ms.
func retryAfterInBody(body []byte) (time.Duration, bool) {
	var said struct {
		Seconds    float64 `json:"retry_after"`
		Millis     float64 `json:"retry_after_ms"`
		Parameters struct {
			Seconds float64 `json:"retry_after"`
		} `json:"parameters"`
	}
	if json.Unmarshal(body, &said) != nil {
		return 0, false
	}
	seconds := max(said.Seconds, said.Millis/1000, said.Parameters.Seconds)
	after := time.Duration(math.Ceil(min(seconds, maxAfter.Seconds())*1000)) * time.Millisecond
	return after, after > 0
}
