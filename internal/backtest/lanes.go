package backtest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// Timeline is a picture of alerts before it is drawn: one lane for each thing
// that alerts are about.
type Timeline struct {
	Lanes []Lane
	// Left, Right bound the time that is shown, in microseconds since 1970 UTC.
	Left, Right int64
	// Two says that there are two sets to be compared; else After is the only one.
	Two           bool
	Before, After string // what the sets are called; may hold anything
	Omitted       int    // lanes that are not shown
}

// Lane is one thing that alerts are about.
type Lane struct {
	Name, Key     string // alertname; values of the key labels. Fit to be shown.
	Before, After []*Alert
	differences   int
}

// TimelineOf draws the alerts of one set that had not ended before from: the
// lanes with the most alerts, at most limit of them, in order of their first
// alert.
func TimelineOf(alerts []Alert, from, last int64, limit int) Timeline {
	t := Timeline{}
	lanes := newLaneSet(nil)
	for i := range alerts {
		if a := &alerts[i]; a.reaches(from) {
			l := lanes.of(a)
			l.After = append(l.After, a)
			l.differences++
		}
	}
	t.take(lanes, last, limit)
	return t
}

// DifferencesOf draws the things about which two sets differ, with all their
// alerts that had not ended before from: the lanes with the most differences, at
// most limit of them, in order of their first alert. The alerts are those that
// were compared.
func DifferencesOf(c Comparison, before, after []Alert, from, last int64, limit int) Timeline {
	t := Timeline{Two: true}
	lanes := newLaneSet(commonKeys(before, after))
	shown := make(map[*Alert]bool)
	for i := range c.Differences {
		d := &c.Differences[i]
		lanes.of(d.Either()).differences++
		shown[d.Before], shown[d.After] = true, true
	}
	for i := range before {
		if a := &before[i]; shown[a] || a.reaches(from) {
			l := lanes.of(a)
			l.Before = append(l.Before, a)
		}
	}
	for i := range after {
		if a := &after[i]; shown[a] || a.reaches(from) {
			l := lanes.of(a)
			l.After = append(l.After, a)
		}
	}
	t.take(lanes, last, limit)
	return t
}

// laneSet finds the lane of an alert.
type laneSet struct {
	names map[string][]string // key labels by alertname; nil: those of the rule
	byKey map[string]*Lane
	order []*Lane
}

func newLaneSet(names map[string][]string) *laneSet {
	return &laneSet{names: names, byKey: make(map[string]*Lane)}
}

func (s *laneSet) of(a *Alert) *Lane {
	names := a.keyLabels()
	if s.names != nil {
		names = s.names[a.Name]
	}
	key := a.key(names)
	l := s.byKey[key]
	if l == nil {
		l = &Lane{Name: diag.Printable(a.Name), Key: diag.Printable(words(a, names))}
		s.byKey[key] = l
		s.order = append(s.order, l)
	}
	return l
}

// words says what an alert is about: "db1 disk-c on kvm07".
func words(a *Alert, names []string) string {
	var vm, host string
	var out []string
	for _, name := range names {
		switch value := a.Labels.Get(name); {
		case value == "":
		case name == "vm":
			vm = value
		case name == "host":
			host = value
		default:
			out = append(out, value)
		}
	}
	if vm != "" {
		out = append([]string{vm}, out...)
	}
	if host != "" {
		out = append(out, "on "+host)
	}
	return strings.Join(out, " ")
}

// open says that an alert of the lane has no end.
func (l *Lane) open() bool {
	return slices.ContainsFunc(slices.Concat(l.Before, l.After), (*Alert).Open)
}

// first is when the first alert of the lane starts.
func (l *Lane) first() int64 {
	switch {
	case len(l.Before) == 0:
		return l.After[0].Start
	case len(l.After) == 0:
		return l.Before[0].Start
	}
	return min(l.Before[0].Start, l.After[0].Start)
}

// take keeps the lanes in which most is to be seen, and finds the bounds of
// what they show.
func (t *Timeline) take(s *laneSet, last int64, limit int) {
	lanes := slices.DeleteFunc(s.order, func(l *Lane) bool { return l.differences == 0 })
	slices.SortStableFunc(lanes, func(a, b *Lane) int { return cmp.Compare(b.differences, a.differences) })
	t.Omitted = max(0, len(lanes)-limit)
	lanes = lanes[:len(lanes)-t.Omitted]
	slices.SortStableFunc(lanes, func(a, b *Lane) int {
		return cmp.Or(cmp.Compare(a.first(), b.first()), strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key))
	})
	t.Left, t.Right = qmp.NoTime, qmp.NoTime
	for _, l := range lanes {
		for _, a := range slices.Concat(l.Before, l.After) {
			if t.Left == qmp.NoTime || a.Start < t.Left {
				t.Left = a.Start
			}
			t.Right = max(t.Right, a.until(last))
		}
		t.Lanes = append(t.Lanes, *l)
	}
	t.widen()
}

// The years that RFC 3339 can write, in microseconds since 1970.
var (
	yearOne  = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	year9999 = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMicro()
)

// widen leaves a margin beside the bars, at least a second.
func (t *Timeline) widen() {
	if len(t.Lanes) == 0 {
		return
	}
	// What is beyond is drawn at the edge: no clock goes that wrong.
	t.Left, t.Right = min(max(t.Left, yearOne), year9999), min(max(t.Right, yearOne), year9999)
	margin := max((t.Right-t.Left)/50, 500_000)
	t.Left -= margin
	t.Right += margin
}
