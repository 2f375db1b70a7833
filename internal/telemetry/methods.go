package telemetry

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Watch sets the function that returns the View. It is called at each scrape, by
// the goroutine of the scrape, at most two at a time.
func (r *Registry) Watch(view func() View) { r.view.view.Store(&view) }

// Handler serves the metrics.
func (r *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r.reg, promhttp.HandlerOpts{
		MaxRequestsInFlight: 2,
		Timeout:             10 * time.Second,
		EnableOpenMetrics:   true,
	})
}

// The outcomes that Tried knows, besides the classes of errors.
const (
	OutcomeAccepted = "accepted"
	OutcomePartly   = "partly" // a part of the far end has it; it is not tried again
)

// words bounds what Tried and Died take for a label: the classes of notifiers'
// errors and the reasons of the deliverer. Anything else is "other".
var words = []string{
	OutcomeAccepted, OutcomePartly, "retry", "wait", "misconfigured", "rejected", "panic",
	"max age", "queue full", "receiver removed", "stopped",
}

func word(s string) string {
	if slices.Contains(words, s) {
		return s
	}
	return "other"
}

// Tried counts one attempt to deliver: OutcomeAccepted, OutcomePartly, or the
// class of the error.
func (r *Registry) Tried(receiver, endpoint, outcome string) {
	r.tries.WithLabelValues(labelValue(receiver), labelValue(endpoint), word(outcome)).Inc()
}

// Accepted says that an endpoint has taken a message: took is the time since the
// event that decided it. A negative one, which a clock may cause, counts as 0.
func (r *Registry) Accepted(receiver, endpoint string, took time.Duration) {
	r.latency.WithLabelValues(labelValue(receiver), labelValue(endpoint)).Observe(max(took, 0).Seconds())
}

// Died counts messages that were given up.
func (r *Registry) Died(receiver, endpoint, reason string, messages int) {
	r.dead.WithLabelValues(labelValue(receiver), labelValue(endpoint), word(reason)).Add(float64(max(messages, 0)))
}

// Reloaded says how an attempt to take over the files ended; the start is one.
func (r *Registry) Reloaded(ok bool, at time.Time) {
	r.reloadOK.Set(oneIf(ok))
	r.reloads.WithLabelValues(result(ok)).Inc()
	if ok {
		r.reloadAt.Set(float64(at.UnixMicro()) / 1e6)
	}
}

// Heartbeat says how a call of the heartbeat's URL ended.
func (r *Registry) Heartbeat(ok bool) { r.beats.WithLabelValues(result(ok)).Inc() }

// Request counts a request to the API. The route is the pattern that it
// matched, never its path.
func (r *Registry) Request(route string, code int) {
	r.requests.WithLabelValues(labelValue(route), strconv.Itoa(code)).Inc()
}

func result(ok bool) string {
	if ok {
		return "success"
	}
	return "failure"
}
