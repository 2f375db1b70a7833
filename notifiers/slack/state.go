package slack

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// state is how a group looks: one of five colours.
type state struct {
	icon   string
	colour string
	word   string // "critical", "acknowledged", "resolved"
}

const (
	grey      = "#8d8d8d"
	ackedIcon = "👀"
)

// stateOf is resolved, else acknowledged if all that fires is, else the worst
// severity that fires.
func stateOf(n *notifiers.Notification) state {
	if n.Status == alert.Resolved {
		return state{"✅", "#2eb67d", "resolved"}
	}
	severity := severityOf(n)
	s := bySeverity(severity)
	if s.word = severity; s.word == "" {
		s.word = string(n.Status)
	}
	if _, all := story.Acked(n); all {
		s.icon, s.colour, s.word = ackedIcon, "#7a5fb5", s.word+", acknowledged"
	}
	return s
}

func bySeverity(severity string) state {
	switch rank(severity) {
	case 3:
		return state{icon: "🔴", colour: "#d3263a"}
	case 1:
		return state{icon: "🔵", colour: "#36a2d9"}
	}
	return state{icon: "🟠", colour: "#ec9a1f"}
}

func rank(severity string) int {
	switch severity {
	case "critical", "page":
		return 3
	case "info", "notice":
		return 1
	}
	return 2
}

// severityOf is the worst severity that fires, as its rule spells it.
func severityOf(n *notifiers.Notification) string {
	best, word := 0, ""
	for i := range n.Alerts {
		c := &n.Alerts[i]
		if s := c.Labels.Get("severity"); c.Status == alert.Firing && rank(s) > best {
			best, word = rank(s), s
		}
	}
	return story.Line(word, 40)
}

// worst is the rank of severityOf; 0 when nothing fires.
func worst(n *notifiers.Notification) int {
	best := 0
	for i := range n.Alerts {
		if c := &n.Alerts[i]; c.Status == alert.Firing {
			best = max(best, rank(c.Labels.Get("severity")))
		}
	}
	return best
}
