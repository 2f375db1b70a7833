package ruletest

import (
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/rules"
)

// Failure is one expectation that was not met.
type Failure struct {
	Pos  diag.Pos
	At   time.Duration
	What string // firing, pending, resolved or notified
	// Want and Got are alerts as their labels, or names of receivers; Missing and
	// Unexpected is where they differ.
	Want, Got           []string
	Missing, Unexpected []string
}

// compare returns what was expected of a test and is not so.
func compare(t *rules.Test, s *story) []Failure {
	var out []Failure
	for i := range t.Expect {
		e := &t.Expect[i]
		at := instant(e.At)
		lists := []struct {
			status alert.Status
			want   *rules.TestAlerts
		}{{alert.Firing, e.Firing}, {alert.Pending, e.Pending}, {alert.Resolved, e.Resolved}}
		for _, l := range lists {
			if l.want == nil {
				continue
			}
			got := s.alerts(at, e.Alert, l.status)
			if t.Rule != nil && t.Rule.Record != "" {
				got = s.records(at, t.Rule)
			}
			if f, ok := compareAlerts(l.want.Alerts, got, e.Alert == ""); !ok {
				f.Pos, f.At, f.What = l.want.Pos, e.At, string(l.status)
				out = append(out, f)
			}
		}
		if e.Notified != nil {
			if f, ok := compareReceivers(e.Notified.Names, s.told(at, e.Alert)); !ok {
				f.Pos, f.At, f.What = e.Notified.Pos, e.At, "notified"
				out = append(out, f)
			}
		}
	}
	return out
}

// compareAlerts matches each expected alert with one that there is. As one
// alert may answer several expectations, the matching is a greatest one. several
// says that the alerts may be of different rules.
func compareAlerts(want []rules.TestAlert, got []alert.Change, several bool) (Failure, bool) {
	owner := make([]int, len(got)) // index of the expectation, from 1
	var find func(i int, seen []bool) bool
	find = func(i int, seen []bool) bool {
		for j := range got {
			if seen[j] || !fits(want[i].Labels, got[j].Labels) {
				continue
			}
			seen[j] = true
			if owner[j] == 0 || find(owner[j]-1, seen) {
				owner[j] = i + 1
				return true
			}
		}
		return false
	}
	var f Failure
	for i := range want {
		text := labelText(want[i].Labels, nil)
		f.Want = append(f.Want, text)
		if !find(i, make([]bool, len(got))) {
			f.Missing = append(f.Missing, text)
		}
	}
	hidden := unasked(want, several)
	for j := range got {
		text := labelText(got[j].Labels, hidden)
		f.Got = append(f.Got, text)
		if owner[j] == 0 {
			f.Unexpected = append(f.Unexpected, text)
		}
	}
	return f, len(f.Missing)+len(f.Unexpected) == 0
}

func fits(want, got alert.Labels) bool {
	for _, l := range want {
		if got.Get(l.Name) != l.Value {
			return false
		}
	}
	return true
}

// compareReceivers compares two sets. The route's receiver may go by any one
// name that is not another receiver that was told.
func compareReceivers(want, got []string) (Failure, bool) {
	var f Failure
	for _, name := range want {
		if !slices.Contains(f.Want, name) {
			f.Want = append(f.Want, name)
		}
	}
	slices.Sort(f.Want)
	byRoute := slices.Contains(got, routeName)
	for _, name := range f.Want {
		if !slices.Contains(got, name) {
			f.Missing = append(f.Missing, name)
		}
	}
	if byRoute && len(f.Missing) > 0 {
		i := max(0, slices.Index(f.Missing, Route))
		f.Missing = slices.Delete(f.Missing, i, i+1)
		byRoute = false
	}
	for _, name := range got {
		shown := strings.TrimPrefix(name, "\x00")
		f.Got = append(f.Got, shown)
		if name == routeName && byRoute || name != routeName && !slices.Contains(f.Want, name) {
			f.Unexpected = append(f.Unexpected, shown)
		}
	}
	return f, len(f.Missing)+len(f.Unexpected) == 0
}

// unasked are labels that are not shown of an alert that there is: those that
// its rule gives to each, unless a test asks for them.
func unasked(want []rules.TestAlert, several bool) []string {
	hidden := []string{"severity"}
	if !several {
		hidden = append(hidden, "alertname")
	}
	return slices.DeleteFunc(hidden, func(name string) bool {
		return slices.ContainsFunc(want, func(a rules.TestAlert) bool {
			return slices.ContainsFunc(a.Labels, func(l alert.Label) bool { return l.Name == name })
		})
	})
}

// labelText shows an alert as a test would write it.
func labelText(ls alert.Labels, hidden []string) string {
	var parts []string
	for _, l := range ls {
		if !slices.Contains(hidden, l.Name) {
			parts = append(parts, l.Name+": "+quoted(l.Value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// quoted writes a value as YAML would need it.
func quoted(s string) string {
	if s == "" || strings.ContainsAny(s, " ,:{}[]\"'#&*!|>%@`\t\n") {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return s
}
