package story

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

const (
	maxNames   = 5   // of alerts in a Step
	maxBy      = 80  // characters of who did something
	maxComment = 300 // characters of what they said
)

// Step is a moment in the life of a group for people to read.
type Step struct {
	At    int64 // microseconds since 1970 UTC, or qmp.NoTime
	What  notifiers.What
	Word  string // "Fired", "Acknowledged", ...
	Names string // of the alerts concerned: "db1 is paused, db2 is paused and 3 more"; often ""
	By    string // who; often ""
	Text  string // what they said; often ""
}

// Steps tells a timeline, oldest first.
func Steps(timeline []notifiers.Moment) []Step {
	out := make([]Step, 0, len(timeline))
	for i := range timeline {
		out = append(out, step(&timeline[i]))
	}
	return out
}

func step(m *notifiers.Moment) Step {
	s := Step{
		At: m.At, What: m.What, Word: happened(m.What), Names: enumerate(m.Names, m.More),
		By: Line(m.By, maxBy), Text: strings.TrimSpace(Line(m.Text, maxComment)),
	}
	if m.What == notifiers.Ended {
		s.Text = Line(words(alert.Reason(s.Text)), maxComment)
	}
	return s
}

// String is the step on one line, without its time: "Acknowledged by ann: on
// it (db1 is paused)".
func (s *Step) String() string {
	text := s.Word
	if s.By != "" {
		text += " " + s.Preposition() + " " + s.By
	}
	if s.Text != "" {
		text += ": " + s.Text
	}
	switch {
	case s.Names == "":
	case s.By != "" || s.Text != "":
		text += " (" + s.Names + ")"
	default:
		text += ": " + s.Names
	}
	return text
}

// Preposition stands before By: one escalates to somebody.
func (s *Step) Preposition() string {
	if s.What == notifiers.Escalated {
		return "to"
	}
	return "by"
}

func happened(w notifiers.What) string {
	switch w {
	case notifiers.Fired:
		return "Fired"
	case notifiers.Joined:
		return "Joined"
	case notifiers.Ended:
		return "Resolved"
	case notifiers.Acknowledged:
		return "Acknowledged"
	case notifiers.Silenced:
		return "Silenced"
	case notifiers.Unsilenced:
		return "No longer silenced"
	case notifiers.Escalated:
		return "Escalated"
	case notifiers.Repeated:
		return "Told again"
	}
	return Line(string(w), 40)
}

// enumerate joins names and counts those that are left out.
func enumerate(names []string, more int) string {
	if len(names) > maxNames {
		more += len(names) - maxNames
		names = names[:maxNames]
	}
	var clean []string
	for _, n := range names {
		if n = strings.TrimSpace(Line(n, 120)); n != "" {
			clean = append(clean, n)
		}
	}
	text := strings.Join(clean, ", ")
	switch {
	case more > 0 && text == "":
		return fmt.Sprintf("%d alerts", more)
	case more > 0:
		return fmt.Sprintf("%s and %d more", text, more)
	}
	return text
}

// Lead is the sentence that a message begins with when it is more than the
// news of a beginning or an end: "Still firing after 4h", "Nobody acknowledged
// this for 15m", "6 messages had to wait and come as one"; "" for all others.
func Lead(n *notifiers.Notification) string {
	switch n.Kind {
	case notifiers.KindRepeat:
		return "Still firing" + after(n)
	case notifiers.KindEscalation:
		if a := after(n); a != "" {
			return "Nobody acknowledged this for" + strings.TrimPrefix(a, " after")
		}
		return "Nobody acknowledged this"
	case notifiers.KindSilence:
		return silenceLead(n)
	case notifiers.KindDigest:
		return fmt.Sprintf("%d messages had to wait and come as one", len(n.Digest))
	}
	return ""
}

// after is how long the group has been firing at n.At.
func after(n *notifiers.Notification) string {
	first, found := int64(0), false
	for i := range n.Alerts {
		c := &n.Alerts[i]
		if t := begin(c); c.Status == alert.Firing && Known(t) && (!found || t < first) {
			first, found = t, true
		}
	}
	if !found || !Known(n.At) || n.At <= first {
		return ""
	}
	return " after " + Span(time.UnixMicro(n.At).Sub(time.UnixMicro(first)))
}

// Acked tells who acknowledged alerts of the group, in the order of the
// acknowledgements and each once: those that fire or, when all is over, any.
// all reports that something fires and nothing that nobody acknowledged.
func Acked(n *notifiers.Notification) (who []notifiers.Ack, all bool) {
	type life struct {
		f     alert.Fingerprint
		start int64
	}
	open := map[life]bool{} // and not acknowledged
	firing := n.Status != alert.Resolved
	for i := range n.Alerts {
		if c := &n.Alerts[i]; !firing || c.Status == alert.Firing {
			open[life{c.Fingerprint, c.StartsAt}] = true
		}
	}
	left := len(open)
	seen := map[string]bool{}
	for _, a := range n.Acks {
		l := life{a.Fingerprint, a.StartsAt}
		first, ours := open[l]
		if !ours {
			continue
		}
		if first {
			open[l] = false
			left--
		}
		a.By, a.Comment = Line(a.By, maxBy), strings.TrimSpace(Line(a.Comment, maxComment))
		if !seen[a.By+"\x00"+a.Comment] {
			seen[a.By+"\x00"+a.Comment] = true
			who = append(who, a)
		}
	}
	return who, firing && left == 0 && len(who) > 0
}

// Hidden tells what hides alerts of the group that fire, as far as its timeline
// knows: what began to hide some of them and is not over for all of those.
func Hidden(n *notifiers.Notification) []Step {
	var found []notifiers.Moment
	for _, m := range n.Timeline {
		switch m.What {
		case notifiers.Silenced:
			m.Names = slices.Clone(m.Names)
			found = append(found, m)
		case notifiers.Unsilenced, notifiers.Ended:
			over := func(name string) bool { return slices.Contains(m.Names, name) }
			for i := range found {
				found[i].Names = slices.DeleteFunc(found[i].Names, over)
			}
			found = slices.DeleteFunc(found, func(h notifiers.Moment) bool { return len(h.Names) == 0 && h.More <= m.More })
		}
	}
	if n.Status == alert.Resolved {
		return nil
	}
	return Steps(found)
}

// Lasted is how long a group took from its first beginning to its last end,
// "" unless all of it is over.
func Lasted(n *notifiers.Notification) string {
	var from, to int64
	found := false
	for i := range n.Alerts {
		c := &n.Alerts[i]
		if t := begin(c); c.Status != alert.Resolved || !Known(t) || !Known(c.EndsAt) {
			return ""
		} else if !found {
			from, to, found = t, c.EndsAt, true
		} else {
			from, to = min(from, t), max(to, c.EndsAt)
		}
	}
	if !found {
		return ""
	}
	return Span(time.UnixMicro(to).Sub(time.UnixMicro(from)))
}
