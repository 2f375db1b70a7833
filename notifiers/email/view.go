package email

import (
	"net/url"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

const (
	maxListed   = 20     // alerts of a group, shown one by one
	maxWaited   = 100    // messages that a digest lists: as many as one carries
	maxAttached = 12_000 // characters of all answers together
)

// view is what both forms of the mail show, from the top down.
type view struct {
	Test    bool
	Mark    string // FIRING:critical
	Heading string // the summary of one alert, or who is concerned
	Leads   []string
	Colour  string

	// Of one alert there is a Story with Place and Facts, of several there are Rows.
	Story  *story.Story
	Place  []story.Fact
	Rows   []row
	More   int         // alerts, or messages of a digest, that are not shown
	Common story.Story // what several alerts have in common: Description and Facts

	Veil    []story.Fact // the silence that ends
	Answers []answer
	Life    []moment
	Route   string
	Link    string // where qmpalert is, or ""

	subject string
}

// answer is what a VM said. VM is set where there are several.
type answer struct {
	story.Attached
	VM string
}

// moment is a line of the timeline.
type moment struct{ Time, Text string }

// newView reads a notification. subject is that of the thread, "" for one that
// has no thread.
func newView(n *notifiers.Notification, subject string) *view {
	alerts := alertsOf(n)
	first := story.Of(&alerts[0])
	v := &view{
		Test: n.Test, Mark: mark(n, &first), Colour: colour(n, &first), Link: link(n.ExternalURL),
		Route: story.Line(n.Route, 200), subject: or(subject, subjectOf(n)),
	}
	switch {
	case n.Kind == notifiers.KindDigest:
		v.Heading = subjectOf(n)
		v.digest(n)
	case len(alerts) == 1:
		v.Heading, v.Story, v.Place = first.Summary, &first, place(&first)
	default:
		v.Heading = heading(n)
		v.group(n)
		v.Common = story.Of(&alert.Change{Labels: n.CommonLabels, Annotations: n.CommonAnnotations})
	}
	v.lead(n, &first)
	for _, a := range story.Answers(n, maxAttached/max(1, len(n.Attached))) {
		one := answer{Attached: a}
		if v.Story == nil {
			one.VM = first.VM
		}
		v.Answers = append(v.Answers, one)
	}
	v.life(n)
	return v
}

// Subject of the mail. The mail library encodes it; that it is one line is our
// doing.
func (v *view) Subject() string {
	text := "[" + v.Mark + "] " + v.subject
	if v.Test {
		text = "[TEST] " + text
	}
	return story.Line(text, 200)
}

// lead adds what is to be said before all details.
func (v *view) lead(n *notifiers.Notification, first *story.Story) {
	add := func(text string) {
		if text != "" {
			v.Leads = append(v.Leads, text)
		}
	}
	if text := story.Lead(n); text != "" && n.Kind != notifiers.KindDigest {
		add(text + ".")
	}
	if v.Story != nil && first.Outcome() != "" {
		add(first.Outcome() + ".")
	}
	if v.Story == nil {
		add(ended(n.Alerts))
	}
	who, _ := story.Acked(n)
	for _, a := range who {
		text := "Acknowledged by " + a.By
		if a.Comment != "" {
			text += ": " + a.Comment
		}
		add(text)
	}
	if n.Kind != notifiers.KindEscalation && n.Escalated != "" && n.Status != alert.Resolved {
		add("Escalated to " + story.Line(n.Escalated, 80) + ".")
	}
	veil, ok := story.VeilOf(n)
	if !ok {
		return
	}
	for _, f := range []story.Fact{
		{Name: "silence", Value: veil.Matchers}, {Name: "ends", Value: story.UTC(veil.Ends)},
		{Name: "by", Value: veil.By}, {Name: "comment", Value: veil.Comment},
	} {
		if f.Value != "" {
			v.Veil = append(v.Veil, f)
		}
	}
}

// life tells the timeline, where there is more than the beginning.
func (v *view) life(n *notifiers.Notification) {
	steps := story.Steps(n.Timeline)
	if len(steps) < 2 {
		return
	}
	layout := layoutOf(steps, func(s story.Step) int64 { return s.At })
	for i := range steps {
		v.Life = append(v.Life, moment{clock(steps[i].At, layout), steps[i].String()})
	}
}

// layoutOf leaves the date away where all times are of one day.
func layoutOf[T any](list []T, at func(T) int64) string {
	day := ""
	for _, one := range list {
		if d := clock(at(one), time.DateOnly); day == "" {
			day = d
		} else if d != day {
			return time.DateTime
		}
	}
	return time.TimeOnly
}

func clock(us int64, layout string) string {
	if !story.Known(us) {
		return "unknown"
	}
	return time.UnixMicro(us).UTC().Format(layout)
}

// place lists when and where.
func place(s *story.Story) []story.Fact {
	facts := []story.Fact{{Name: "since", Value: s.Since}}
	for _, f := range []story.Fact{{Name: "host", Value: s.Host}, {Name: "VM", Value: s.VM}, {Name: "rule", Value: s.Name}, {Name: "severity", Value: s.Severity}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// link is an address to follow, or "".
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return story.Line(s, 300)
}

// colour is dark enough for white text on it.
func colour(n *notifiers.Notification, first *story.Story) string {
	if n.Kind == notifiers.KindDigest {
		return "#4b5563"
	}
	if firing, _ := count(n.Alerts); firing == 0 && first.Status == alert.Resolved {
		return "#1e7d4f"
	}
	switch worst(n) {
	case "critical", "page":
		return "#b3202f"
	case "info", "notice":
		return "#1f6fa5"
	}
	return "#9a5b00"
}
