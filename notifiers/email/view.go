package email

import (
	"fmt"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxListed is how many alerts of a group are shown one by one.
const maxListed = 20

// maxAttached is how much of all attached answers is shown, in characters.
const maxAttached = 12_000

// view is what both forms of the mail show.
type view struct {
	Test    bool
	Word    string // FIRING:critical
	Heading string
	Colour  string
	Link    string // where qmpalert is, or ""
	Stories []story.Story
	Answers []story.Attached
	More    int // alerts of the group that are not shown
	first   *story.Story
	total   int
}

func newView(n *notifiers.Notification) *view {
	alerts := n.Alerts
	if len(alerts) == 0 {
		alerts = []alert.Change{{Status: n.Status, At: n.At, ActiveAt: n.At, Labels: n.CommonLabels, Annotations: n.CommonAnnotations}}
	}
	v := &view{Test: n.Test, Link: n.ExternalURL, total: len(alerts), More: max(0, len(alerts)-maxListed)}
	for i := range alerts[:len(alerts)-v.More] {
		v.Stories = append(v.Stories, story.Of(&alerts[i]))
	}
	v.Answers = story.Answers(n, maxAttached/max(1, len(n.Attached)))
	v.first = &v.Stories[0]
	v.Word = v.first.Word()
	v.Heading = v.first.Summary
	if v.total > 1 {
		v.Heading = fmt.Sprintf("%d alerts: %s", v.total, v.first.Name)
	}
	v.Colour = colour(v.first)
	return v
}

// Single reports whether the mail is about one alert and can tell all of it.
func (v *view) Single() bool { return v.total == 1 }

// subject is "[FIRING:critical] QuorumChildFailing db1: summary". The mail
// library encodes it; that it is one line is our doing.
func (v *view) subject() string {
	s := v.first
	text := "[" + v.Word + "] " + s.Name
	switch {
	case v.total > 1:
		text = fmt.Sprintf("[%s] %d × %s", v.Word, v.total, s.Name)
	case s.VM != "":
		text += " " + s.VM
	case s.Host != "":
		text += " " + s.Host
	}
	if s.Summary != s.Name {
		// Generated summaries begin with the VM, which was just said.
		text += ": " + strings.TrimPrefix(s.Summary, s.VM+": ")
	}
	if v.Test {
		text = "[TEST] " + text
	}
	return story.Line(text, 200)
}

// Place lists when and where.
func (v *view) Place(s *story.Story) []story.Fact {
	facts := []story.Fact{{Name: "since", Value: s.Since}}
	for _, f := range []story.Fact{{Name: "host", Value: s.Host}, {Name: "VM", Value: s.VM}, {Name: "rule", Value: s.Name}, {Name: "severity", Value: s.Severity}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

func colour(s *story.Story) string {
	if s.Status == alert.Resolved {
		return "#1e7d4f"
	}
	switch s.Severity {
	case "critical", "page":
		return "#b3202f"
	case "info", "notice":
		return "#1f6fa5"
	}
	return "#b36b00"
}
