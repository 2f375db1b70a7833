package telemetry

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Registry holds the metrics of one daemon. Its methods are safe for concurrent
// use and do not block.
type Registry struct {
	reg  *prometheus.Registry
	view *collector

	latency  *prometheus.HistogramVec
	tries    *prometheus.CounterVec
	dead     *prometheus.CounterVec
	reloads  *prometheus.CounterVec
	reloadOK prometheus.Gauge
	reloadAt prometheus.Gauge
	beats    *prometheus.CounterVec
	requests *prometheus.CounterVec
}

// New makes a registry; version and revision are those of the program.
func New(version, revision string) *Registry {
	r := &Registry{reg: prometheus.NewRegistry()}
	r.view = newCollector(r.known)
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
	}
	one := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + name, Help: help})
	}
	r.latency = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: prefix + "notification_latency_seconds",
		Help: "From the time of the event that decided a message to the endpoint having accepted it.",
		// From a local socket without a journal to a receiver that was down for a day.
		Buckets: []float64{.001, .005, .025, .1, .5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 86400},
	}, endpoint)
	r.tries = vec("notification_tries_total", "Attempts to deliver a message, by how they ended.", "receiver", "endpoint", "outcome")
	r.dead = vec("notifications_dead_total", "Messages that were given up.", "receiver", "endpoint", "reason")
	r.reloads = vec("reloads_total", "Attempts to take over the files.", "result")
	r.reloadOK = one("reload_successful", "1 when the last attempt to take over the files succeeded.")
	r.reloadAt = one("reload_last_success_timestamp_seconds", "When the files were taken over last.")
	r.beats = vec("heartbeats_total", "Calls of the heartbeat's URL, by how they ended.", "result")
	r.requests = vec("http_requests_total", "Requests to the API.", "route", "code")
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": labelValue(version), "revision": labelValue(revision), "goversion": runtime.Version()},
	})
	build.Set(1)
	for _, result := range []string{"success", "failure"} {
		r.reloads.WithLabelValues(result)
		r.beats.WithLabelValues(result)
	}
	r.reg.MustRegister(r.view, r.latency, r.tries, r.dead, r.reloads, r.reloadOK, r.reloadAt, r.beats, r.requests, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// known has the series of an endpoint begin with 0, before the first failure.
func (r *Registry) known(receiver, endpoint string) {
	receiver, endpoint = labelValue(receiver), labelValue(endpoint)
	r.latency.WithLabelValues(receiver, endpoint)
	r.tries.WithLabelValues(receiver, endpoint, OutcomeAccepted)
	for _, reason := range []string{"rejected", "misconfigured", "max age"} {
		r.dead.WithLabelValues(receiver, endpoint, reason)
	}
}
