package slack

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// plain is a text that Slack shows as it is.
func plain(s string, limit int) *slack.TextBlockObject {
	if s = fit(s, limit); s == "" {
		s = "-" // Slack refuses empty texts
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// mrkdwn is a text of our own making, with what is from outside escaped in it.
// Verbatim keeps Slack from making links of what looks like one.
func mrkdwn(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

func section(text *slack.TextBlockObject, fields ...*slack.TextBlockObject) slack.Block {
	return slack.NewSectionBlock(text, fields, nil)
}

// single is the body for one alert: five blocks at most.
func single(s *story.Story) []slack.Block {
	var body []slack.Block
	if s.Status == alert.Resolved {
		body = append(body, outcome(s))
	}
	body = append(body, place(s))
	if s.Description != "" {
		body = append(body, section(plain(s.Description, maxSection)))
	}
	if len(s.Facts) > 0 {
		var fields []*slack.TextBlockObject
		for _, f := range s.Facts {
			fields = append(fields, plain(f.Name+": "+f.Value, 260))
		}
		body = append(body, section(nil, fields...))
	}
	if len(s.Evidence) > 0 {
		body = append(body, section(evidence(s)))
	}
	return body
}

// outcome says in bold how long it took, and then why it is over.
func outcome(s *story.Story) slack.Block {
	text := "*Resolved*"
	if s.Lasted != "" {
		text = "*Resolved after " + s.Lasted + "*"
	}
	if s.Ended != "" {
		text += ": " + escaped(s.Ended, 300)
	}
	return section(mrkdwn(text))
}

// place says since when and where, in small grey letters.
func place(s *story.Story) slack.Block {
	elements := []slack.MixedElement{mrkdwn("Since " + date(s))}
	for _, f := range []story.Fact{{Name: "host", Value: s.Host}, {Name: "VM", Value: s.VM}, {Name: "rule", Value: s.Name}} {
		if f.Value != "" {
			elements = append(elements, plain("· "+f.Name+" "+f.Value, 150))
		}
	}
	return slack.NewContextBlock("", elements...)
}

// date is shown by Slack in the zone of whoever reads it.
func date(s *story.Story) string {
	if !story.Known(s.Start) || s.Start < 0 {
		return s.Since
	}
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time_secs}|%s>", time.UnixMicro(s.Start).Unix(), s.Since)
}

const fence = "```"

// answers are what the VM said when the alert fired, a line each, as much as
// there is room for.
func answers(n *notifiers.Notification) *slack.TextBlockObject {
	var lines []string
	room := (maxAnswers-2*len(fence)-2)/len(n.Attached) - 1
	for _, a := range story.AnswerLines(n, max(room, 0)) {
		lines = append(lines, escaped(a.String(), room))
	}
	return mrkdwn(fence + "\n" + strings.Join(lines, "\n") + "\n" + fence)
}

func evidence(s *story.Story) *slack.TextBlockObject {
	var lines []string
	room := maxSection - 2*len(fence) - 2
	for _, l := range s.Evidence {
		l = escaped(l, room/len(s.Evidence)-1)
		lines = append(lines, l)
	}
	return mrkdwn(fence + "\n" + strings.Join(lines, "\n") + "\n" + fence)
}

// list is the body for several alerts.
func list(stories []story.Story, total int) []slack.Block {
	var body []slack.Block
	for i := range stories {
		s := &stories[i]
		text := s.Word() + "  " + s.Summary + "\nsince " + s.Since + where(s)
		if o := s.Outcome(); o != "" {
			text += "\n" + o
		}
		body = append(body, section(plain(text, 700)))
	}
	if more := total - len(stories); more > 0 {
		body = append(body, section(plain(fmt.Sprintf("and %d more", more), 60)))
	}
	return body
}
