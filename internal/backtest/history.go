package backtest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// MaxAlerts bounds the alerts that are kept for one set of rules.
const MaxAlerts = 1_000_000

// Alert is one alert that fired, from its start to its end. Times are
// microseconds since 1970 UTC.
type Alert struct {
	Rule       *rules.Rule // nil if the set has no rule of that name
	Name       string
	Labels     alert.Labels
	Start, End int64        // End is qmp.NoTime when nothing ended it
	Reason     alert.Reason // why it ended; "" when nothing did
}

// Open says that nothing ended the alert.
func (a *Alert) Open() bool { return a.End == qmp.NoTime }

// reaches says that the alert had not ended before a moment.
func (a *Alert) reaches(from int64) bool { return a.Open() || a.End >= from }

// until is the end of the alert on a time line that ends at last.
func (a *Alert) until(last int64) int64 {
	if a.Open() {
		return max(a.Start, last)
	}
	return a.End
}

// Lasted is how long the alert fired, up to last where nothing ended it.
func (a *Alert) Lasted(last int64) time.Duration {
	return between(a.Start, a.until(last))
}

// Messages is how many messages a receiver gets of the alert: at firing, and at
// the end, but not where a notice just went quiet, and none of shadow rules.
func (a *Alert) Messages() int {
	switch {
	case a.Rule != nil && a.Rule.Shadow:
		return 0
	case a.Open() || a.Reason == alert.ReasonQuiet:
		return 1
	}
	return 2
}

// key is the value of the labels of these names: what the alert is about.
func (a *Alert) key(names []string) string {
	text := a.Name
	for _, name := range names {
		text += "\xff" + a.Labels.Get(name)
	}
	return text
}

// keyLabels are the names of the labels that say what the alert is about.
func (a *Alert) keyLabels() []string {
	if a.Rule == nil {
		return nil
	}
	return a.Rule.KeyLabels()
}

// Key are the labels that say what the alert is about: host and vm by scope, and
// the members of `by`.
func (a *Alert) Key() alert.Labels {
	names := a.keyLabels()
	var out alert.Labels
	for _, l := range a.Labels {
		if slices.Contains(names, l.Name) {
			out = append(out, l)
		}
	}
	return out
}

// history collects the alerts of one set while recordings are read.
type history struct {
	set    *rules.Set
	max    int
	alerts []Alert
	firing map[alert.Fingerprint]int // index in alerts
}

func newHistory(set *rules.Set) *history {
	return &history{set: set, max: MaxAlerts, firing: make(map[alert.Fingerprint]int)}
}

// add takes changes, for each alert in order of time.
func (h *history) add(changes []alert.Change) error {
	for i := range changes {
		if err := h.change(&changes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) change(c *alert.Change) error {
	i, fires := h.firing[c.Fingerprint]
	switch c.Status {
	case alert.Firing:
		if fires {
			return nil // it goes on
		}
		if len(h.alerts) == h.max {
			return fmt.Errorf("more than %d alerts of one set of rules: look at fewer recordings at once", h.max)
		}
		h.firing[c.Fingerprint] = len(h.alerts)
		h.alerts = append(h.alerts, Alert{
			Rule: h.set.Rule(c.Name), Name: c.Name, Labels: c.Labels, Start: c.StartsAt, End: qmp.NoTime,
		})
	case alert.Resolved:
		if fires {
			h.alerts[i].End, h.alerts[i].Reason = c.EndsAt, c.Reason
			delete(h.firing, c.Fingerprint)
		}
	case alert.Pending, alert.Inactive: // it does not fire yet, or never did
	}
	return nil
}

// done returns the alerts in order of start, name and labels.
func (h *history) done() []Alert {
	slices.SortFunc(h.alerts, func(a, b Alert) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Name, b.Name), compareLabels(a.Labels, b.Labels))
	})
	return h.alerts
}

func compareLabels(a, b alert.Labels) int {
	return slices.CompareFunc(a, b, func(a, b alert.Label) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
}
