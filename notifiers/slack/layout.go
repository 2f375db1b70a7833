package slack

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// Bounds of a message, below those of Slack (header 150, section 3,000, field
// 2,000, together about 13,200 characters).
const (
	maxHeader   = 140
	maxSection  = 2900
	maxText     = 600
	maxFallback = 3800
	maxAnswers  = 1500 // what is attached, together
	maxListed   = 12   // alerts of a group that are shown one by one
)

// message is what Slack is told, in both forms.
type message struct {
	text   string // the notification on the phone, and the fallback
	header slack.Block
	body   []slack.Block
	colour string
	simple string // text of the message without blocks
	plain  bool   // send without blocks
}

// options are the message as slack-go wants it. Empty blocks and attachments
// are sent too, so that an edit takes away what was there.
func (m message) options() []slack.MsgOption {
	if m.plain {
		return []slack.MsgOption{
			slack.MsgOptionText(m.text, false), slack.MsgOptionBlocks(), slack.MsgOptionAttachments([]slack.Attachment{}...),
		}
	}
	return []slack.MsgOption{
		slack.MsgOptionText(m.text, false), slack.MsgOptionBlocks(m.header), slack.MsgOptionAttachments(m.attachments()...),
	}
}

// attachments carry what is below the header: only they have a coloured bar.
func (m message) attachments() []slack.Attachment {
	return []slack.Attachment{{Color: m.colour, Fallback: m.text, Blocks: slack.Blocks{BlockSet: m.body}}}
}

func (m message) plainOnly() message {
	return message{text: m.simple, plain: true}
}

// layout draws a notification.
func layout(n *notifiers.Notification) message {
	if len(n.Alerts) == 0 {
		n.Alerts = []alert.Change{{Status: n.Status, At: n.At, ActiveAt: n.At, Labels: n.CommonLabels, Annotations: n.CommonAnnotations}}
	}
	stories := make([]story.Story, 0, min(len(n.Alerts), maxListed))
	for i := range n.Alerts[:min(len(n.Alerts), maxListed)] {
		stories = append(stories, story.Of(&n.Alerts[i]))
	}
	first := &stories[0]
	head := heading(n, first)
	m := message{
		text:   escaped(head+where(first), maxText),
		header: slack.NewHeaderBlock(plain(head, maxHeader)),
		colour: colour(n.Status, first.Severity),
	}
	if len(n.Alerts) == 1 {
		m.body = single(first)
	} else {
		m.body = list(stories, len(n.Alerts))
	}
	if len(n.Attached) > 0 && len(n.Alerts) == 1 {
		m.body = append(m.body, section(answers(n)))
	}
	m.simple = fallback(n, head, stories)
	return m
}

// heading is the one line that people read first.
func heading(n *notifiers.Notification, s *story.Story) string {
	word := s.Severity
	if n.Status == alert.Resolved {
		word = "resolved"
	} else if word == "" {
		word = string(n.Status)
	}
	head := icon(n.Status, s.Severity) + " " + word + ": " + s.Summary
	if len(n.Alerts) > 1 {
		head = fmt.Sprintf("%s %d × %s %s", icon(n.Status, s.Severity), len(n.Alerts), s.Name, word)
	}
	if n.Test {
		head = "Test notification, nothing is wrong · " + head
	}
	return head
}

func icon(status alert.Status, severity string) string {
	if status == alert.Resolved {
		return "✅"
	}
	switch severity {
	case "critical", "page":
		return "🔴"
	case "info", "notice":
		return "🔵"
	}
	return "🟠"
}

func colour(status alert.Status, severity string) string {
	if status == alert.Resolved {
		return "#2eb67d"
	}
	switch severity {
	case "critical", "page":
		return "#d3263a"
	case "info", "notice":
		return "#36a2d9"
	}
	return "#ec9a1f"
}

// where is the place, for the notification on the phone.
func where(s *story.Story) string {
	text := " · " + s.Name
	if s.VM != "" {
		text += " · " + s.VM
	}
	if s.Host != "" {
		text += " on " + s.Host
	}
	return text
}

// fallback is the whole message as text: a heading and a code block.
func fallback(n *notifiers.Notification, head string, stories []story.Story) string {
	total := len(n.Alerts)
	var lines []string
	for i := range stories {
		s := &stories[i]
		if o := s.Outcome(); o != "" {
			lines = append(lines, o)
		}
		if total > 1 {
			lines = append(lines, s.Summary)
		}
		lines = append(lines, "since "+s.Since+where(s))
		if total > 1 {
			continue
		}
		for _, f := range s.Facts {
			lines = append(lines, f.Name+": "+f.Value)
		}
		lines = append(lines, s.Evidence...)
	}
	if total > len(stories) {
		lines = append(lines, fmt.Sprintf("and %d more", total-len(stories)))
	}
	for _, a := range story.AnswerLines(n, 300) {
		lines = append(lines, a.String())
	}
	return escaped(head, maxText) + "\n```\n" + escaped(strings.Join(lines, "\n"), maxFallback-maxText-10) + "\n```"
}
