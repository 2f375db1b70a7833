package body

import (
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers/story"
	"github.com/qmpalert/qmpalert/qmp"
)

// Bounds of what expressions see of one alert or group.
const (
	maxLine       = 1000 // characters
	maxLabel      = 1000
	maxAnnotation = 4000
	maxPairs      = 64 // labels or annotations
	maxListed     = 32 // matchers, names, lines of evidence
)

// line is a text of one line, nil if it is empty: then `??` gives another one.
func line(s string) qmp.Value {
	if s == "" {
		return qmp.Value{}
	}
	return qmp.String(story.Line(s, maxLine))
}

func lines(s string, limit int) qmp.Value {
	if s == "" {
		return qmp.Value{}
	}
	return qmp.String(story.Lines(s, limit))
}

func number(n int) qmp.Value { return qmp.Int(int64(n)) }

func moment(us int64) qmp.Value {
	if !story.Known(us) {
		return qmp.Value{}
	}
	return qmp.Time(us)
}

// text is the string of a value, "" of any other.
func text(v qmp.Value) string {
	s, _ := v.AsString()
	return s
}

// word is "FIRING:critical" or "RESOLVED", as mails have it.
func word(status, severity string) string {
	s := story.Story{Status: alert.Status(status), Severity: severity}
	return s.Word()
}

// members makes an object of names and values in turn.
func members(pairs ...any) qmp.Value {
	names, items := make([]string, 0, len(pairs)/2), make([]qmp.Value, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		names = append(names, pairs[i].(string))
		items = append(items, pairs[i+1].(qmp.Value))
	}
	return qmp.Object(names, items)
}

// object is a set of labels or annotations.
func object(ls alert.Labels, limit int) qmp.Value {
	names, items := []string{}, []qmp.Value{}
	for _, l := range ls[:min(len(ls), maxPairs)] {
		names = append(names, story.Line(l.Name, maxLine))
		items = append(items, qmp.String(story.Lines(l.Value, limit)))
	}
	return qmp.Object(names, items)
}

func lineList(all []string) qmp.Value {
	items := []qmp.Value{}
	for _, s := range all[:min(len(all), maxListed)] {
		items = append(items, qmp.String(strings.TrimRight(story.Line(s, maxLine), " ")))
	}
	return qmp.List(items)
}
