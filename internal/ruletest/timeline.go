package ruletest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// Line is one thing that happened in a test. Its texts may hold what the test
// made events say.
type Line struct {
	At    time.Duration
	Event string // name and members; "" when time passed
	VM    string // "host/vm" of the event
	Rule  string // which it is about; "" for an event that was nothing to any
	Text  string // "match, 2 of 3 within 5m"
}

// maxLines bounds a timeline. The first and the last lines are the ones that
// explain.
const maxLines = 60

// timeline tells what happened in a test, in order of time: each event and what
// it was to the rules, what the passing of time did, and each step of an alert.
func timeline(c *Case, s *story) []Line {
	shown := func(r *rules.Rule) bool { return c.Test.Rule == nil || r == c.Test.Rule || r.Record != "" }
	type entry struct {
		at    int64
		order int // events before what came of them
		line  Line
	}
	var all []entry
	given := map[string]string{}
	for _, in := range c.Test.Input {
		given[eventID(in.Event, instant(in.At))] = in.Given
	}
	show := func(e *event.Event, at int64) string {
		if text, ok := given[eventID(e, at)]; ok {
			return eventText(e.Name, []byte(text))
		}
		return eventText(e.Name, e.Raw)
	}
	seen := map[string]bool{}
	for _, w := range s.trace {
		if shown(w.Rule) && w.Event != nil {
			seen[eventID(w.Event, w.At)] = true
		}
	}
	for _, in := range c.Test.Input {
		at := instant(in.At)
		if !seen[eventID(in.Event, at)] {
			all = append(all, entry{at, 0, Line{At: in.At, Event: show(in.Event, at), VM: home(in.Event), Text: ignored(c, in.Event, at)}})
		}
	}
	for _, w := range s.trace {
		text := traceText(&w)
		if !shown(w.Rule) || text == "" {
			continue
		}
		l := Line{At: since(w.At), Rule: w.Rule.Name, Text: text}
		if w.Event != nil {
			l.Event, l.VM = show(w.Event, w.At), home(w.Event)
		}
		all = append(all, entry{w.At, 1, l})
	}
	for i := range s.changes {
		ch := &s.changes[i]
		if r := c.set.Rule(ch.Name); r != nil && shown(r) {
			text := strings.ToUpper(string(ch.Status)) + " " + labelText(ch.Labels, []string{"alertname", "severity"}) + " (" + string(ch.Reason) + ")"
			all = append(all, entry{ch.At, 2, Line{At: since(ch.At), Rule: ch.Name, Text: text + dueText(r, ch) + tellText(s, ch)}})
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) })
	var lines []Line
	for _, e := range all {
		lines = append(lines, e.line)
	}
	if more := len(lines) - maxLines; more > 0 {
		cut := Line{At: lines[maxLines/2].At, Text: fmt.Sprintf("… %d more lines …", more)}
		lines = slices.Concat(lines[:maxLines/2], []Line{cut}, lines[len(lines)-maxLines/2:])
	}
	return lines
}

// eventID tells events of a test apart well enough to know which of them a rule
// has seen.
func eventID(e *event.Event, at int64) string {
	return fmt.Sprintf("%d %q %q %s %s", at, e.Host, e.VM.Name, e.Name, e.Raw)
}

// traceText words what the engine noted; "" for what a change says better.
func traceText(w *engine.Trace) string {
	r := w.Rule
	switch w.What {
	case "match":
		switch {
		case r.Form == rules.FormCount:
			return fmt.Sprintf("match: %d of %d within %s", w.Have, w.Need, duration.Format(r.Within))
		case r.Form == rules.FormHaving:
			return "match: " + havingText(w)
		case r.Form == rules.FormAbsent:
			return "match: the wait of " + duration.Format(r.AbsentFor) + " begins"
		}
		return "match"
	case "step":
		return fmt.Sprintf("step %d: %d of %d within %s", w.Step+1, w.Have, w.Need, duration.Format(r.Within))
	case "left":
		if r.Form == rules.FormHaving {
			return "matches are too old" + keyText(w) + ": " + havingText(w)
		}
		return fmt.Sprintf("too old: %d of %d within %s are left%s", w.Have, w.Need, duration.Format(r.Within), keyText(w))
	case "resolve", "until":
		return "matches `" + w.What + "`"
	case "excepted":
		return "no match: exception `" + w.Exception + "`"
	case "record":
		return "makes " + r.Record
	case "asked":
		return "asks " + r.Confirm.Query
	case "suspended":
		return "suspended: it is too slow"
	}
	return ""
}

// keyText says which key it is about where no event shows it.
func keyText(w *engine.Trace) string {
	var parts []string
	for i, name := range w.Rule.By {
		if i < len(w.Key) {
			parts = append(parts, name+" "+valueText(qmp.String(w.Key[i])))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " for " + strings.Join(parts, ", ")
}

// havingText shows the aggregates and what having made of them.
func havingText(w *engine.Trace) string {
	var parts []string
	for i, a := range w.Rule.Aggregates() {
		if i < len(w.Aggregates) {
			parts = append(parts, a.Source+" is "+valueText(w.Aggregates[i]))
		}
	}
	not := ""
	if !w.Holds {
		not = "not "
	}
	return fmt.Sprintf("%d within %s, %s: %sreached", w.Have, duration.Format(w.Rule.Within), strings.Join(parts, ", "), not)
}

func valueText(v qmp.Value) string {
	if v.IsNil() {
		return "nil"
	}
	return string(v.AppendJSON(nil))
}

// dueText says when a pending alert would fire.
func dueText(r *rules.Rule, c *alert.Change) string {
	if c.Status != alert.Pending || r.For == 0 {
		return ""
	}
	return ", fires at " + duration.Format(since(c.ActiveAt)+r.For) + " if it lasts"
}

// tellText says who is told of a change.
func tellText(s *story, c *alert.Change) string {
	var names []string
	for _, n := range s.notices {
		if n.at == c.At && n.alert == c.Name && !slices.Contains(names, n.receiver) {
			names = append(names, strings.TrimPrefix(n.receiver, "\x00"))
		}
	}
	if len(names) == 0 || c.Status != alert.Firing && c.Status != alert.Resolved {
		return ""
	}
	return ", told " + strings.Join(names, ", ")
}

// eventText shows an event and what is said of its data, cut to a line.
func eventText(name string, data []byte) string {
	if len(data) == 0 {
		return name
	}
	text := string(qmp.ParseValue(data).AppendJSON(nil))
	if r := []rune(text); len(r) > 100 {
		text = string(r[:100]) + "…"
	}
	return name + " " + text
}

func home(e *event.Event) string {
	if e.VM.Name == "" {
		return e.Host
	}
	return e.Host + "/" + e.VM.Name
}
