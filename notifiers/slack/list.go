package slack

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

const (
	maxNamed  = 15 // names of VMs before the list
	maxListed = 10 // alerts of a group that have a line
)

// groupTitle is "VMPaused · 14 VMs on kvm07".
func (p *page) groupTitle() string {
	what := p.stories[0].Name
	for i := range p.n.Alerts {
		if p.n.Alerts[i].Name != p.n.Alerts[0].Name {
			what = fmt.Sprintf("%d alerts", len(p.n.Alerts))
			break
		}
	}
	title := what + " · " + p.crowd.String()
	if over := len(p.n.Alerts) - p.crowd.Firing; over > 0 && p.n.Status == alert.Firing {
		title += fmt.Sprintf(" (%d over)", over)
	}
	return title
}

// list is the body for several alerts: the names first, then a line for each.
func (p *page) list() []slack.Block {
	var body []slack.Block
	if lasted := story.Lasted(p.n); lasted != "" {
		body = append(body, section(mrkdwn("*All resolved after "+lasted+"*")))
	}
	if len(p.crowd.Names) > 3 {
		var names []string
		for _, name := range p.crowd.Names {
			names = append(names, span(name, 60))
		}
		text := "*" + literal(p.crowd.String(), 200) + ":* " + strings.Join(names, " ")
		if p.crowd.More > 0 {
			text += fmt.Sprintf(" and %d more", p.crowd.More)
		}
		body = append(body, section(mrkdwn(text)))
	}
	var lines []string
	for i := range p.stories {
		lines = append(lines, p.entry(&p.stories[i]))
	}
	if more := len(p.n.Alerts) - len(p.stories); more > 0 {
		lines = append(lines, "and "+plural(more, "more alert"))
	}
	return append(body, sections(lines)...)
}

// entry is the line of one alert in a group.
func (p *page) entry(s *story.Story) string {
	name := nameOf(s)
	rest := strings.TrimLeft(strings.TrimPrefix(s.Summary, name), ": ")
	if rest == "" {
		rest = s.Name
	}
	if s.Status == alert.Resolved {
		text := "✅ " + span(name, 70) + " ~" + literal(rest, 200) + "~"
		if s.Lasted != "" {
			text += " after " + s.Lasted
		}
		return text
	}
	text := bySeverity(s.Severity).icon + " " + span(name, 70)
	if p.crowd.Host == "" && s.Host != "" && s.VM != "" {
		text += " on " + span(s.Host, 70)
	}
	text += " " + literal(rest, 200) + " · " + date(s.Start, "{time_secs}")
	if s.Count > 1 {
		text += fmt.Sprintf(" · %d×", s.Count)
	}
	return text
}

// nameOf is the name that tells an alert from its neighbours.
func nameOf(s *story.Story) string {
	switch {
	case s.VM != "":
		return s.VM
	case s.Host != "":
		return s.Host
	}
	return s.Name
}

// sections fills as few sections as possible with lines.
func sections(lines []string) []slack.Block {
	var out []slack.Block
	text := ""
	for _, l := range lines {
		if text != "" && length(text)+1+length(l) > maxSection {
			out = append(out, section(mrkdwn(text)))
			text = ""
		}
		if text != "" {
			text += "\n"
		}
		text += l
	}
	if text != "" {
		out = append(out, section(mrkdwn(text)))
	}
	return out
}
