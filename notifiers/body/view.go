package body

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
	"github.com/qmpalert/qmpalert/qmp"
)

// view is a notification as expressions see it. most bounds every list in it,
// mostAlerts that of the alerts as well.
type view struct {
	n          *notifiers.Notification
	most       int
	mostAlerts int
	stories    []*story.Story // of the first alerts, as far as they were asked for
}

// story tells of one alert; it is made when it is first asked for.
func (v *view) story(i int) *story.Story {
	for len(v.stories) <= i {
		s := story.Of(&v.n.Alerts[len(v.stories)])
		v.stories = append(v.stories, &s)
	}
	return v.stories[i]
}

// frame makes the values that the expressions of a body are evaluated on: those
// of the names that it uses.
func (b *Body) frame(n *notifiers.Notification, most, mostAlerts int) *lang.Frame {
	v := &view{n: n, most: most, mostAlerts: min(most, mostAlerts)}
	f := &lang.Frame{Event: &event.Event{
		Event:    qmp.Event{Time: qmp.NoTime},
		Host:     text(v.common("host")),
		VM:       event.VM{Name: text(v.common("vm"))},
		Received: qmp.NoTime,
	}}
	if story.Known(n.At) {
		f.Time = qmp.Some(n.At)
	}
	f.Values = make([]qmp.Value, len(names))
	for i := range names {
		if b.uses[i] {
			f.Values[i] = names[i].get(v)
		}
	}
	return f
}

func (v *view) status() qmp.Value { return line(string(v.n.Status)) }
func (v *view) kind() qmp.Value   { return line(string(v.n.Purpose())) }

// common is a label that all alerts have, nil if they differ.
func (v *view) common(name string) qmp.Value {
	if value := v.n.CommonLabels.Get(name); value != "" || len(v.n.Alerts) != 1 {
		return line(value)
	}
	return line(v.n.Alerts[0].Labels.Get(name))
}

func (v *view) commonLabels() qmp.Value      { return object(v.n.CommonLabels, maxLabel) }
func (v *view) commonAnnotations() qmp.Value { return object(v.n.CommonAnnotations, maxAnnotation) }

// ranks are the severities that people use, the worst last.
var ranks = map[string]int{
	"debug": 1, "info": 2, "notice": 3, "warning": 4, "error": 5, "major": 6, "critical": 7, "page": 8, "emergency": 9,
}

// severity is the worst of the alerts that fire, of all when none does.
func (v *view) severity() qmp.Value {
	worst, at, open := "", -1, false
	for i := range v.n.Alerts {
		c := &v.n.Alerts[i]
		s, fires := c.Labels.Get("severity"), c.Status != alert.Resolved
		if rank := ranks[s]; fires && !open || fires == open && rank > at {
			worst, at, open = s, rank, fires
		}
	}
	if len(v.n.Alerts) == 0 {
		worst = v.n.CommonLabels.Get("severity")
	}
	return line(worst)
}

func (v *view) count() qmp.Value {
	sum := int64(0)
	for i := range v.n.Alerts {
		sum += v.n.Alerts[i].Count
	}
	return qmp.Int(sum)
}

func (v *view) firing() qmp.Value {
	resolved, _ := v.resolved().AsInt()
	return qmp.Int(int64(len(v.n.Alerts)) - resolved)
}

func (v *view) resolved() qmp.Value {
	resolved := 0
	for i := range v.n.Alerts {
		if v.n.Alerts[i].Status == alert.Resolved {
			resolved++
		}
	}
	return number(resolved)
}

func (v *view) startsAt() qmp.Value {
	first := int64(qmp.NoTime)
	for i := range v.n.Alerts {
		if at := v.n.Alerts[i].StartsAt; story.Known(at) && (first == qmp.NoTime || at < first) {
			first = at
		}
	}
	return moment(first)
}

func (v *view) endsAt() qmp.Value {
	if v.n.Status != alert.Resolved {
		return qmp.Value{}
	}
	last := int64(qmp.NoTime)
	for i := range v.n.Alerts {
		if at := v.n.Alerts[i].EndsAt; story.Known(at) && (last == qmp.NoTime || at > last) {
			last = at
		}
	}
	return moment(last)
}

func (v *view) duration() qmp.Value { return seconds(v.startsAt(), v.endsAt(), v.n.At) }

func (v *view) groupID() qmp.Value {
	h := sha256.Sum256([]byte(v.n.GroupKey))
	return qmp.String(hex.EncodeToString(h[:16]))
}

func (v *view) description() qmp.Value {
	if len(v.n.Alerts) != 1 {
		return qmp.Value{}
	}
	return lines(v.story(0).Description, maxAnnotation)
}

// title is "FIRING:critical QuorumChildFailing".
func (v *view) title() qmp.Value {
	title := ""
	switch kind := v.n.Purpose(); {
	case kind == notifiers.KindDigest:
		title = fmt.Sprintf("%d messages", len(v.n.Digest))
	case len(v.n.Alerts) == 0:
		title = word(string(v.n.Status), text(v.severity()))
	default:
		title = word(string(v.n.Status), text(v.severity())) + " " + v.what()
	}
	switch v.n.Purpose() {
	case notifiers.KindEscalation:
		title = "ESCALATED " + title
	case notifiers.KindSilence:
		title = "SILENCE ENDS SOON " + title
	}
	if v.n.Test {
		title = "TEST " + title
	}
	return line(title)
}

// what names the alerts: by their name if it is one.
func (v *view) what() string {
	switch name := text(v.common("alertname")); {
	case len(v.n.Alerts) == 1:
		return v.story(0).Name
	case name == "":
		return fmt.Sprintf("%d alerts", len(v.n.Alerts))
	default:
		return fmt.Sprintf("%d × %s", len(v.n.Alerts), name)
	}
}

func (v *view) summary() qmp.Value {
	switch lead := story.Lead(v.n); v.n.Purpose() {
	case notifiers.KindDigest:
		return line(lead)
	case notifiers.KindSilence:
		return line(lead + ": " + v.first())
	}
	return line(v.first())
}

// first is the summary of the first alert, and how many more there are.
func (v *view) first() string {
	if len(v.n.Alerts) == 0 {
		return ""
	}
	summary := v.story(0).Summary
	if more := len(v.n.Alerts) - 1; more > 0 {
		summary += fmt.Sprintf(" (and %d more)", more)
	}
	return summary
}

// seconds is how long something lasted, until now if it has no end.
func seconds(from, to qmp.Value, now int64) qmp.Value {
	a, known := from.AsTime()
	b, over := to.AsTime()
	if !over {
		b = now
	}
	if !known || !story.Known(b) {
		return qmp.Value{}
	}
	return qmp.Int(int64(max(0, time.Duration(b-a)*time.Microsecond) / time.Second))
}
