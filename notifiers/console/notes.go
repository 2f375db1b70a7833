package console

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// notes are what people did about a group: who has it, whom it was escalated
// to, which silence ends.
func notes(n *notifiers.Notification) []string {
	var lines []string
	who, _ := story.Acked(n)
	for _, a := range who {
		line := "acknowledged by " + cmp.Or(a.By, "somebody")
		if a.Comment != "" {
			line += ": " + a.Comment
		}
		lines = append(lines, line)
	}
	if to := story.Line(n.Escalated, 80); to != "" {
		lines = append(lines, "escalated to "+to)
	}
	if v, ok := story.VeilOf(n); ok && n.Kind == notifiers.KindSilence {
		line := v.Matchers + " until " + story.UTC(v.Ends)
		if v.By != "" {
			line += ", by " + v.By
		}
		if v.Comment != "" {
			line += ": " + v.Comment
		}
		lines = append(lines, line)
	}
	return lines[:min(len(lines), maxListed)]
}

// digest prints a line for each message that waited.
func (c *Notifier) digest(b *strings.Builder, n *notifiers.Notification) {
	lines, more := story.DigestLines(n, maxListed)
	for i := range lines {
		d := &lines[i]
		s := story.Story{Status: d.Status, Severity: n.Digest[i].Labels.Get("severity")}
		word := strings.ToUpper(d.Word)
		if d.Status != alert.Resolved {
			word = strings.Replace(d.Word, "firing", "FIRING", 1)
		}
		fmt.Fprintf(b, "%s%s %s  %s", indent, clock(d.At), c.paint(colour(&s), word), d.Summary)
		if d.Alerts > 1 {
			fmt.Fprintf(b, " (%d alerts)", d.Alerts)
		}
		if d.Where != "" {
			b.WriteString(", " + d.Where)
		}
		b.WriteString("\n")
	}
	if more > 0 {
		fmt.Fprintf(b, "%sand %d more\n", indent, more)
	}
}
