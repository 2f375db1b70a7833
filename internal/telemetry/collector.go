package telemetry

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
)

const prefix = "qmpalert_"

// maxLabel bounds a label value in bytes.
const maxLabel = 200

// collector turns the View into metrics at each scrape.
type collector struct {
	view  atomic.Pointer[func() View]
	descs []*prometheus.Desc              // as metrics
	known func(receiver, endpoint string) // is told of each endpoint at each scrape
}

func newCollector(known func(receiver, endpoint string)) *collector {
	c := &collector{known: known}
	for _, m := range metrics {
		c.descs = append(c.descs, prometheus.NewDesc(prefix+m.name, m.help, m.labels, nil))
	}
	return c
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector. Values with the same labels are added
// up: twice the same series would make the whole scrape fail.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	view := c.view.Load()
	if view == nil {
		return
	}
	v := (*view)()
	for i := range v.Outbox {
		c.known(v.Outbox[i].Receiver, v.Outbox[i].Name)
	}
	for i, m := range metrics {
		sums := make(map[string]float64)
		names := make(map[string][]string)
		m.values(&v, func(value float64, labels ...string) {
			clean := make([]string, len(labels))
			for j, l := range labels {
				clean[j] = labelValue(l)
			}
			key := strings.Join(clean, "\xff") // is in no valid UTF-8
			sums[key] += value
			names[key] = clean
		})
		for key, sum := range sums {
			out <- prometheus.MustNewConstMetric(c.descs[i], m.kind, sum, names[key]...)
		}
	}
}

// labelValue makes text fit for a label: valid UTF-8 of at most maxLabel bytes.
func labelValue(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= maxLabel {
		return s
	}
	n := maxLabel
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
