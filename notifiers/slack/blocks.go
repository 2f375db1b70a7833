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

// single is the body for one alert: six blocks at most.
func (p *page) single() []slack.Block {
	s := &p.stories[0]
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
	if len(p.n.Attached) > 0 {
		body = append(body, section(answers(p.n)))
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
		text += ": " + literal(s.Ended, 300)
	}
	return section(mrkdwn(text))
}

// place says since when and where, in small grey letters.
func place(s *story.Story) slack.Block {
	when := "Since " + date(s.Start, "{date_short_pretty} {time_secs}")
	if s.Status != alert.Resolved && s.Last > s.Start && story.Known(s.Start) && story.Known(s.Last) {
		when += " · last seen " + date(s.Last, "{time_secs}")
	}
	elements := []slack.MixedElement{mrkdwn(when)}
	for _, f := range []story.Fact{{Name: "host", Value: s.Host}, {Name: "VM", Value: s.VM}, {Name: "rule", Value: s.Name}} {
		if f.Value != "" {
			elements = append(elements, plain("· "+f.Name+" "+f.Value, 150))
		}
	}
	return slack.NewContextBlock("", elements...)
}

// date is shown by Slack in the zone of whoever reads it. us is microseconds
// since 1970 UTC.
func date(us int64, form string) string {
	if !story.Known(us) || us < 0 {
		return story.UTC(us)
	}
	return fmt.Sprintf("<!date^%d^%s|%s>", time.UnixMicro(us).Unix(), form, story.UTC(us))
}

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

// plural is "1 alert", "2 alerts".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
