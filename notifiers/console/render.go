package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

const (
	indent    = "         " // under the clock
	maxListed = 20
	lineWidth = 96  // of facts; evidence may be wider
	maxAnswer = 200 // characters of an attached answer
)

// The colours: of the terminal's own palette, so that they suit its background.
const (
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	blue   = "\x1b[1;34m"
	green  = "\x1b[1;32m"
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	reset  = "\x1b[0m"
)

// render prints a notification:
//
//	14:02:03 FIRING critical  QuorumChildFailing  db1 on kvm07
//	         db1: quorum child c answered badly 3 times
//	         node_name = c, count = 3
//	         14:02:03.123 QUORUM_REPORT_BAD type=read
func (c *Notifier) render(n *notifiers.Notification) string {
	var b strings.Builder
	if n.Test {
		b.WriteString("Test notification, nothing is wrong:\n")
	}
	if lead := story.Lead(n); lead != "" {
		fmt.Fprintf(&b, "%s %s\n", clock(n.At), c.paint(bold, lead))
	}
	if n.Kind == notifiers.KindDigest {
		c.digest(&b, n)
		return b.String()
	}
	remarks := ""
	for _, note := range notes(n) {
		remarks += indent + note + "\n"
	}
	if n.Kind == notifiers.KindSilence {
		b.WriteString(remarks) // which silence, before what it hides
		remarks = ""
	}
	for i := range n.Alerts[:min(len(n.Alerts), maxListed)] {
		ch := &n.Alerts[i]
		s := story.Of(ch)
		c.headline(&b, ch, &s)
		if s.Status == alert.Firing && len(n.Alerts) == 1 {
			for _, line := range factLines(s.Facts) {
				b.WriteString(indent + line + "\n")
			}
			for _, line := range evidenceLines(&s, &ch.Evidence) {
				b.WriteString(indent + c.paint(faint, line) + "\n")
			}
		}
	}
	b.WriteString(remarks)
	for _, a := range story.AnswerLines(n, maxAnswer) {
		b.WriteString(indent + c.paint(faint, a.String()) + "\n")
	}
	if more := len(n.Alerts) - maxListed; more > 0 {
		fmt.Fprintf(&b, "%sand %d more\n", indent, more)
	}
	return b.String()
}

func (c *Notifier) headline(b *strings.Builder, ch *alert.Change, s *story.Story) {
	word := strings.ToUpper(string(s.Status))
	if s.Status == alert.Firing && s.Severity != "" {
		word += " " + s.Severity
	}
	if s.Lasted != "" {
		word += " after " + s.Lasted
	}
	fmt.Fprintf(b, "%s %s  %s", clock(ch.At), c.paint(colour(s), word), c.paint(bold, s.Name))
	if at := place(s); at != "" {
		b.WriteString("  " + at)
	}
	b.WriteString("\n")
	summary := s.Summary
	if s.Ended != "" {
		summary += " (" + s.Ended + ")"
	}
	b.WriteString(indent + summary + "\n")
}

func (c *Notifier) paint(colour, text string) string {
	if !c.o.Color {
		return text
	}
	return colour + text + reset
}

func colour(s *story.Story) string {
	if s.Status == alert.Resolved {
		return green
	}
	switch s.Severity {
	case "critical", "page":
		return red
	case "info", "notice":
		return blue
	}
	return yellow
}

// clock is UTC, like all times that are printed.
func clock(at int64) string {
	if !story.Known(at) {
		return "--:--:--"
	}
	return time.UnixMicro(at).UTC().Format(time.TimeOnly)
}

func place(s *story.Story) string {
	switch {
	case s.VM != "" && s.Host != "":
		return s.VM + " on " + s.Host
	case s.VM != "":
		return s.VM
	}
	return s.Host
}

// factLines fills lines with "name = value" pairs.
func factLines(facts []story.Fact) []string {
	var lines []string
	line := ""
	for _, f := range facts {
		pair := f.Name + " = " + f.Value
		if line != "" && len(line)+2+len(pair) > lineWidth {
			lines = append(lines, line+",")
			line = ""
		}
		if line != "" {
			line += ", "
		}
		line += pair
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// evidenceLines are the first and the last two events, and how many lie between.
func evidenceLines(s *story.Story, e *alert.Evidence) []string {
	lines := s.Evidence
	if len(lines) <= 4 {
		return lines
	}
	between := int64(len(e.Events)) - 3 + e.Omitted
	return []string{lines[0], fmt.Sprintf("… %d more …", between), lines[len(lines)-2], lines[len(lines)-1]}
}
