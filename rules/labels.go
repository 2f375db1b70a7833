package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// Labels returns the labels of an alert: alertname, severity, host and vm by
// scope, the members of the key, and those of rule and group. e is the event
// that began the condition, nil if that was none, key what AppendKey gave for
// it. Empty values are left out.
func (r *Rule) Labels(e *event.Event, host, vm string, key []string) alert.Labels {
	if r.Form == FormAbsent {
		e = r.KeyEvent(key, host, vm, timeIn(e))
	}
	f := lang.Frame{Event: e}
	all := make(alert.Labels, 0, 4+len(key)+len(r.texts.labels))
	add := func(name, value string) {
		if value != "" {
			all = append(all, alert.Label{Name: name, Value: value})
		}
	}
	add("alertname", r.Name)
	if r.Scope != ScopeFleet {
		add("host", host)
	}
	if r.Scope == ScopeVM {
		add("vm", vm)
	}
	for i, value := range key {
		add(labelName(r.By[i]), value)
	}
	severity := defaultSeverity
	for i := range r.texts.labels {
		t := &r.texts.labels[i]
		value := t.value(&f)
		if t.name != severityLabel {
			add(t.name, value)
		} else if value != "" {
			severity = value
		}
	}
	add(severityLabel, severity)
	all.Sort()
	return all
}

// Annotations returns the annotations of an alert at one change. f.Event is the
// newest match, f.Count that of the change, key the values of By. Where no
// summary is given, or it is empty, there is a generated one. The members in the
// texts of a rule with absent_for are those of the key; of f.Event only host, VM
// and time count: KeyEvent makes one where there was no match.
func (r *Rule) Annotations(f *lang.Frame, key []string) alert.Labels {
	if r.Form == FormAbsent {
		e := f.Event
		host, vm := "", ""
		if e != nil {
			host, vm = e.Host, e.VM.Name
		}
		f.Event = r.KeyEvent(key, host, vm, timeIn(e))
		defer func() { f.Event = e }()
	}
	all := make(alert.Labels, 0, 1+len(r.texts.annotations))
	summary := ""
	for i := range r.texts.annotations {
		t := &r.texts.annotations[i]
		value := t.value(f)
		switch {
		case t.name == summaryText:
			summary = value
		case value != "":
			all = append(all, alert.Label{Name: t.name, Value: value})
		}
	}
	if summary == "" {
		summary = r.summary(f, key)
	}
	all = append(all, alert.Label{Name: summaryText, Value: summary})
	all.Sort()
	return all
}

// timeIn is the time of an event, if there is one.
func timeIn(e *event.Event) int64 {
	if e == nil {
		return qmp.NoTime
	}
	return e.Time
}

// summary makes one sentence of what is known: "db1: QUORUM_REPORT_BAD for
// node-name c, 3 times within 5m".
func (r *Rule) summary(f *lang.Frame, key []string) string {
	b := make([]byte, 0, 128) // enough for nearly all
	if e := f.Event; e != nil {
		switch {
		case r.Scope == ScopeVM && e.VM.Name != "":
			b = append(append(b, e.VM.Name...), ": "...)
		case r.Scope == ScopeHost && e.Host != "":
			b = append(append(b, e.Host...), ": "...)
		}
	}
	b = append(b, r.what(f.Event, f.Count)...)
	joint := " for "
	for i, value := range key {
		if value != "" {
			b = append(append(b, joint...), r.By[i]...)
			b = append(append(b, ' '), value...)
			joint = ", "
		}
	}
	return string(append(b, r.timesText(f.Count)...))
}

// what names what happened, or did not. What happened several times need not have
// been the newest event each time.
func (r *Rule) what(e *event.Event, count int64) string {
	written := r.patterns.match.written
	var steps []string
	for i := range r.patterns.steps {
		steps = append(steps, strings.Join(r.patterns.steps[i].written, " or "))
	}
	switch {
	case r.Form == FormAbsent:
		return "no " + strings.Join(written, " or ")
	case r.Form == FormSequence:
		return strings.Join(steps, ", then ")
	case r.Form == FormAllOf:
		return listed(steps)
	case count > 1 && (len(written) > 1 || slices.ContainsFunc(written, isGlob)):
		if len(written) > mostNamed {
			return strings.Join(written[:mostNamed], ", ") + " or others"
		}
		return strings.Join(written, " or ")
	case e != nil:
		return e.Name
	}
	return r.Name
}

// mostNamed bounds the events that a summary names; the evidence has them all.
const mostNamed = 4

// timesText says how often, or for how long. The count of an alert goes on after
// its window was full, so only the first count is one "within".
func (r *Rule) timesText(count int64) string {
	times := ", " + strconv.FormatInt(count, 10) + " times"
	switch {
	case r.Form == FormAbsent:
		return " for " + duration.Format(r.AbsentFor)
	case r.Form == FormHaving:
		if count < 2 {
			times = ""
		}
		return times + " (" + strings.Join(strings.Fields(r.having.Source()), " ") + " within " + duration.Format(r.Within) + ")"
	case count < 1 || count == 1 && r.Count <= 1:
		return ""
	case r.Form != FormCount:
		return times
	case count == int64(r.Count):
		return times + " within " + duration.Format(r.Within)
	}
	return times + " (" + strconv.Itoa(r.Count) + " or more within " + duration.Format(r.Within) + ")"
}
