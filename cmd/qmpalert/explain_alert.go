package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/web"
)

func explainAlertCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alert ID…",
		Short: "Say why an alert fired or did not, and who was told",
		Long: `Prints the whole story of an alert as a tree: the rule and what it wants, each step
of the alert's life with the events that made it, each decision about who is told
and why, and each attempt to deliver a message.

ID is the one that "alert ls" prints; without what stands behind its hyphen it is
the newest life of that alert. The daemon is asked: exit code 3 when it does not
answer.`,
		Example: `  qmpalert explain alert 3c8a95cfab09c7d7
  qmpalert explain alert 3c8a95cfab09c7d7-660c9cdefc600 -o json`,
		Args: arguments(1, -1, "name an alert: the id that `qmpalert alert ls` prints"),
	}
	daemon, output := apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.ValidArgsFunction = completeAlerts(daemon)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return eachAlert(cmd, daemon, args, func(w io.Writer, p painter, x *web.Explanation) error {
			if *output == formatJSON {
				return writeJSON(w, x)
			}
			explanationNode(p, x).print(w)
			return nil
		})
	}
	return cmd
}

// explanationNode is the story of an alert.
func explanationNode(p painter, x *web.Explanation) *node {
	n := titleNode(p, &x.Alert)
	if x.Rule != nil {
		n.below = append(n.below, ruleNode(p, x.Rule))
	} else {
		n.add("the rule does not exist any more")
	}
	life := n.add("%s", p.paint(bold, "life"))
	for i := range x.Changes {
		c := &x.Changes[i]
		step := life.add("%s  %s  (%s), %s", c.At, statusText(p, c), safe(string(c.Reason)), counted(c.Count))
		evidenceNodes(p, step, c.Evidence)
	}
	told := n.add("%s", p.paint(bold, "who was told, and why"))
	unkept := len(x.Decisions) == 0 && !x.Alert.StartsAt.IsZero()
	switch {
	case unkept && len(x.Alert.Told) > 0:
		told.add("%s; when and why is not kept: that takes `storage`", safe(strings.Join(x.Alert.Told, ", ")))
	case unkept:
		told.add("nothing about that is kept: that takes `storage`")
	case len(x.Decisions) == 0:
		told.add("nothing was decided about it")
	}
	for _, d := range x.Decisions {
		told.add("%s", decisionText(p, d))
	}
	sent := n.add("%s", p.paint(bold, "messages"))
	switch {
	case unkept && len(x.Messages) == 0:
		sent.add("not kept")
	case len(x.Messages) == 0:
		sent.add("none")
	}
	for i := range x.Messages {
		messageNode(p, sent, &x.Messages[i])
	}
	if x.Route != nil {
		n.below = append(n.below, routeNode(p, x.Route))
	}
	return n
}

// titleNode says what an alert is and how it is now.
func titleNode(p painter, a *web.Alert) *node {
	n := newNode("%s  %s  %s", p.paint(bold, safe(a.Name)), statusText(p, &a.Change), p.paint(dim, a.ID.String()))
	n.say(safe(a.Annotations["summary"]))
	var labels []string
	for _, l := range labelsOf(a.Labels) {
		if l.Name != "alertname" {
			labels = append(labels, l.Name+"="+labelText(l.Value))
		}
	}
	n.say(strings.Join(labels, " "))
	text := "since " + a.ActiveAt.String()
	if !a.StartsAt.IsZero() {
		text += ", firing since " + a.StartsAt.String()
	}
	if !a.EndsAt.IsZero() {
		text += ", until " + a.EndsAt.String()
	}
	n.say(text + ", " + counted(a.Count))
	if a.Ack != nil {
		text := "acknowledged by " + safe(a.Ack.By) + " at " + a.Ack.At.String()
		if a.Ack.Comment != "" {
			text += ": " + safe(a.Ack.Comment)
		}
		n.say(text)
	}
	for _, m := range a.Muted {
		n.say(p.paint(yellow, muteText(m)))
	}
	return n
}

// alertNode is an alert with the events that made it.
func alertNode(p painter, a *web.Alert) *node {
	n := titleNode(p, a)
	evidenceNodes(p, n, a.Evidence)
	return n
}

func statusText(p painter, c *web.Change) string {
	text := p.paint(statusColour[c.Status], safe(strings.ToUpper(string(c.Status))))
	if c.Shadow {
		text += " (shadow)"
	}
	return text
}

func counted(n int64) string {
	if n == 1 {
		return "1 match"
	}
	return fmt.Sprintf("%d matches", n)
}

func ruleNode(p painter, r *web.RuleWords) *node {
	n := newNode("%s %s / %s  %s", p.paint(bold, "rule"), safe(r.Group), safe(r.Name), p.paint(dim, fmt.Sprintf("%s:%d", safe(r.File), r.Line)))
	n.say(safe(r.Fires))
	if len(r.Key) > 0 {
		n.add("one alert for each %s", safe(strings.Join(r.Key, ", ")))
	}
	for _, part := range []struct{ what, value string }{
		{"threshold", r.Threshold}, {"window", r.Within}, {"held for", r.For}, {"keeps firing for", r.KeepFor}, {"asks the VM", r.Confirm},
	} {
		if part.value != "" {
			n.add("%s: %s", part.what, safe(part.value))
		}
	}
	if len(r.Inhibits) > 0 {
		n.add("hides %s", safe(strings.Join(r.Inhibits, ", ")))
	}
	if r.Shadow {
		n.add("in shadow: nobody is told")
	}
	return n
}

// maxData bounds the data of an event that is shown to people, in bytes.
const maxData = 300

func evidenceNodes(p painter, n *node, e *web.Evidence) {
	if e == nil {
		return
	}
	for i, raw := range e.Events {
		if i == 3 && e.Omitted > 0 {
			n.add("… %d more …", e.Omitted)
		}
		n.add("%s", eventText(p, raw))
	}
	if e.Omitted > 0 && len(e.Events) <= 3 {
		n.add("… %d more …", e.Omitted)
	}
	if e.Bounded > 0 {
		n.add("keys or matches that were forgotten, for the state of a rule is bounded: %d", e.Bounded)
	}
	if e.Note != "" {
		n.add("%s", safe(e.Note))
	}
}

func eventText(p painter, raw json.RawMessage) string {
	ev, err := event.Parse(raw)
	if err != nil {
		return safe(cut(string(raw)))
	}
	var rest struct {
		Data json.RawMessage `json:"data"`
	}
	data := ""
	if json.Unmarshal(raw, &rest) == nil && len(rest.Data) > 0 {
		data = "  " + safe(cut(string(rest.Data)))
	}
	return web.TimeOf(ev.Time).String() + "  " + p.paint(bold, safe(ev.Name)) + "  " + safe(ev.VM.Name) + p.paint(dim, data)
}

// cut shortens text for people.
func cut(s string) string {
	if len(s) <= maxData {
		return s
	}
	return strings.ToValidUTF8(s[:maxData], "") + "…"
}

func decisionText(p painter, d web.Decision) string {
	text := d.At.String() + "  " + p.paint(bold, safe(d.What))
	by := d.By
	for _, kind := range []string{"inhibition ", "time interval "} {
		if name, ok := strings.CutPrefix(by, kind); ok && strings.Contains(d.Text, name) {
			by = "" // the text says it
		}
	}
	for _, part := range []struct{ before, value string }{{"", d.Receiver}, {"by ", by}} {
		if part.value != "" {
			text += "  " + part.before + safe(part.value)
		}
	}
	if d.Text != "" {
		text += ": " + safe(d.Text)
	}
	if d.Message != "" {
		text += p.paint(dim, "  message "+safe(d.Message))
	}
	return text
}

func messageNode(p painter, parent *node, m *web.Message) {
	colour := map[string]string{"delivered": green, "dead": red, "queued": yellow}[m.State]
	n := parent.add("%s  %s to %s / %s: %s  %s", m.At, safe(m.Kind), safe(m.Receiver), safe(m.Endpoint), p.paint(colour, safe(m.State)),
		p.paint(dim, safe(m.ID)))
	if m.Route != "" {
		n.say("by the route " + safe(m.Route))
	}
	if m.CarriedBy != "" {
		n.say("as a part of the message " + safe(m.CarriedBy))
	}
	for _, t := range m.Tries {
		text := t.At.String() + "  " + safe(t.Outcome)
		if t.Milliseconds > 0 {
			text += fmt.Sprintf(" in %d ms", t.Milliseconds)
		}
		if t.Error != "" {
			text += ": " + safe(t.Error)
		}
		if !t.NextAt.IsZero() {
			text += "; again at " + t.NextAt.String()
		}
		n.add("%s", cmp.Or(text, "tried"))
	}
}
