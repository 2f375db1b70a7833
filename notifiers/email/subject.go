package email

import (
	"fmt"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// Everything in a subject that changes while an alert lives is in one mark in
// square brackets at its beginning; the rest stays. Gmail and the base subject
// of RFC 5256 leave such a mark out when they compare subjects, and mutt shows
// it, which hides the subjects of answers only when they are the same.

// mark says what a mail is for: "FIRING:critical", "RESOLVED 1 of 3".
func mark(n *notifiers.Notification, first *story.Story) string {
	firing, ended := count(n.Alerts)
	switch n.Kind {
	case notifiers.KindDigest:
		return fmt.Sprintf("DIGEST:%d", len(n.Digest))
	case notifiers.KindSilence:
		return "SILENCE ENDS"
	}
	if firing == 0 && first.Status == alert.Resolved {
		return "RESOLVED" + number(":", ended)
	}
	if n.Kind == notifiers.KindResolved && ended > 0 {
		return fmt.Sprintf("RESOLVED %d of %d", ended, firing+ended)
	}
	word := map[notifiers.Kind]string{
		notifiers.KindRepeat: "STILL FIRING", notifiers.KindEscalation: "ESCALATED", notifiers.KindUpdate: "UPDATE",
	}[n.Kind]
	if word == "" {
		word = strings.ToUpper(string(first.Status))
	}
	rest := strings.TrimSpace(strings.TrimSpace(number("", firing)) + " " + worst(n))
	if rest != "" {
		word += ":" + rest
	}
	return word
}

// number prints how many, where they are more than one.
func number(before string, n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf("%s%d", before, n)
}

func count(alerts []alert.Change) (firing, ended int) {
	for i := range alerts {
		if alerts[i].Status == alert.Resolved {
			ended++
		} else {
			firing++
		}
	}
	return firing, ended
}

// severities from the worst down; others come after them, in order of the group.
var severities = []string{"page", "critical", "error", "warning", "notice", "info"}

// worst is the severity of the worst alert that fires.
func worst(n *notifiers.Notification) string {
	best, rank := "", len(severities)+1
	for i := range n.Alerts {
		if n.Alerts[i].Status == alert.Resolved {
			continue
		}
		s := n.Alerts[i].Labels.Get("severity")
		r := slices.Index(severities, s)
		if r < 0 {
			r = len(severities)
		}
		if s != "" && r < rank {
			best, rank = s, r
		}
	}
	return story.Line(notMark.Replace(best), 20)
}

// notMark keeps a text from ending the mark that it is in.
var notMark = strings.NewReplacer("[", "(", "]", ")")

// subjectOf is the part of the subject that stays for the life of a group: of
// one alert "QuorumChildFailing db1: child c answered badly", of several
// "QuorumChildFailing kvm07: db1, db2, db3 and 11 more".
func subjectOf(n *notifiers.Notification) string {
	text := ""
	switch first := story.Of(&alertsOf(n)[0]); {
	case n.Kind == notifiers.KindDigest:
		text = digestSubject(n)
	case len(n.Alerts) > 1:
		text = crowdSubject(n)
	default:
		text = first.Name
		if place := or(first.VM, first.Host); place != "" {
			text += " " + place
		}
		if first.Summary != first.Name {
			// Generated summaries begin with the VM, which was just said.
			text += ": " + strings.TrimPrefix(first.Summary, first.VM+": ")
		}
	}
	return story.Line(text, maxSubject)
}

// digestSubject is "3 firing, 9 resolved while no mail got through".
func digestSubject(n *notifiers.Notification) string {
	var parts []string
	firing := 0
	for i := range n.Digest {
		if n.Digest[i].Status == alert.Firing {
			firing++
		}
	}
	if firing > 0 {
		parts = append(parts, fmt.Sprintf("%d firing", firing))
	}
	if ended := len(n.Digest) - firing; ended > 0 {
		parts = append(parts, fmt.Sprintf("%d resolved", ended))
	}
	return strings.Join(parts, ", ") + " while no mail got through"
}

func crowdSubject(n *notifiers.Notification) string {
	text := rulesOf(n)
	c := story.CrowdOf(n, 3)
	if c.Noun == "alert" {
		return fmt.Sprintf("%s: %s", text, &c)
	}
	if c.Host != "" && c.Noun == "VM" {
		text += " " + c.Host
	}
	text += ": " + strings.Join(c.Names, ", ")
	if c.More > 0 {
		text += fmt.Sprintf(" and %d more", c.More)
	}
	return text
}

// rulesOf names the rules of a group, mostly one.
func rulesOf(n *notifiers.Notification) string {
	var names []string
	for i := range n.Alerts {
		if name := story.Line(n.Alerts[i].Name, 60); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 2 {
		return fmt.Sprintf("%s and %d other rules", names[0], len(names)-1)
	}
	return strings.Join(names, ", ")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// alertsOf are the alerts of a notification, one that says only what the group
// has in common when there are none.
func alertsOf(n *notifiers.Notification) []alert.Change {
	if len(n.Alerts) > 0 {
		return n.Alerts
	}
	return []alert.Change{{
		Status: n.Status, Name: n.CommonLabels.Get("alertname"), At: n.At, ActiveAt: n.At,
		Labels: n.CommonLabels, Annotations: n.CommonAnnotations,
	}}
}
