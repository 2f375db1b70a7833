package alertmanager

import (
	"net/url"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

const (
	maxLabels     = 40  // of one alert, and as many annotations
	maxName       = 120 // characters
	maxLabel      = 500 // characters of a value
	maxAnnotation = 2000
	maxAttached   = 4000 // of all answers together

	// identity is the label of an alert whose other labels had to be changed or cut:
	// an Alertmanager knows alerts apart by their labels alone.
	identity = "qmpalert_fingerprint"
)

// postable is an alert as POST /api/v2/alerts takes it. Alertmanager fills in
// a missing time, but refuses an empty one.
type postable struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	StartsAt     string            `json:"startsAt,omitempty"`
	EndsAt       string            `json:"endsAt,omitempty"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// alerts are those of a notification that have fired.
func (a *Notifier) alerts(n *notifiers.Notification) []postable {
	now := a.now()
	var out []postable
	for i := range n.Alerts {
		c := &n.Alerts[i]
		if c.Status != alert.Firing && c.Status != alert.Resolved {
			continue
		}
		p := postable{Labels: labels(c), Annotations: annotations(c), GeneratorURL: address(n.ExternalURL)}
		p.StartsAt, p.EndsAt = span(c, now)
		if n.Test {
			p.Annotations["test"] = "This is a test notification. Nothing is wrong."
		}
		if i == 0 {
			attach(p.Annotations, n)
		}
		out = append(out, p)
	}
	return out
}

// span is when an alert began and when it ends: an alert that fires ends a
// lifetime from now, unless it is sent again. No end is before its beginning,
// for Alertmanager refuses that; clocks can be stepped back.
func span(c *alert.Change, now time.Time) (starts, ends string) {
	end := now.Add(lifetime)
	if c.Status == alert.Resolved {
		if end = now; story.Known(c.EndsAt) {
			end = time.UnixMicro(c.EndsAt)
		}
	}
	if story.Known(c.StartsAt) {
		start := time.UnixMicro(c.StartsAt)
		starts = rfc3339(start)
		if end.Before(start) && c.Status == alert.Resolved {
			end = start
		} else if end.Before(start) {
			end = start.Add(lifetime)
		}
	}
	return starts, rfc3339(end)
}

func rfc3339(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// labels are the alert's, without the empty ones, which Prometheus takes for
// absent. What is left of hostile or endless ones still tells alerts apart.
func labels(c *alert.Change) map[string]string {
	out := map[string]string{}
	whole := set(out, c.Labels, maxLabel, story.Line)
	if out["alertname"] == "" {
		out["alertname"] = story.Of(c).Name
	}
	if !whole {
		out[identity] = c.Fingerprint.String()
	}
	return out
}

func annotations(c *alert.Change) map[string]string {
	out := map[string]string{}
	set(out, c.Annotations, maxAnnotation, story.Lines)
	return out
}

// set fills a set of labels, whose values clean bounds to limit characters. It
// reports whether every one got in unchanged.
func set(out map[string]string, from alert.Labels, limit int, clean func(string, int) string) bool {
	whole := true
	for _, l := range from {
		if l.Value == "" {
			continue
		}
		if len(out) == maxLabels {
			return false
		}
		name, value := labelName(l.Name), clean(l.Value, limit)
		out[name] = value
		whole = whole && name == l.Name && value == l.Value
	}
	return whole
}

// labelName makes a name into one that Prometheus has a form for.
func labelName(name string) string {
	form := func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}
	name = strings.Map(form, name)
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name[:min(len(name), maxName)]
}

// attach adds what the VM said about itself.
func attach(annotations map[string]string, n *notifiers.Notification) {
	var lines []string
	answers := story.AnswerLines(n, maxAttached/max(1, len(n.Attached)))
	for i := range answers {
		lines = append(lines, answers[i].String())
	}
	if len(lines) > 0 {
		annotations["attached"] = strings.Join(lines, "\n")
	}
}

// address is a link that Alertmanager accepts, or "".
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}
