package slack

import (
	"strings"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxSteps bounds a reply: the first one can have a whole timeline to tell.
const maxSteps = 12

// reply draws what is new in the thread: a line for each moment, and before
// them what people are called for, if they are. A loud one is shown in the
// channel too.
func reply(n *notifiers.Notification, moments []notifiers.Moment, loud bool) message {
	var lines, bare []string
	p := newPage(n, fresh)
	head := p.heading()
	if loud {
		lines = append(lines, p.state.icon+" *"+literal(headOf(p), 600)+"*")
		bare = append(bare, head)
		if n.Kind == notifiers.KindSilence {
			for _, b := range p.notes() {
				lines = append(lines, b.(*slack.SectionBlock).Text.Text)
			}
			bare = append(bare, p.plainNotes()...)
		}
	}
	text := head
	left := max(len(moments)-maxSteps, 0)
	for i, s := range story.Steps(moments) {
		if i > 0 && i <= left {
			continue // the first and the newest are told
		}
		lines = append(lines, stepLine(&s))
		bare = append(bare, story.UTC(s.At)+" "+s.String())
		if !loud {
			text = stepIcons[s.What] + " " + s.String() // the newest one calls those who follow the thread
		}
	}
	if len(lines) == 0 {
		lines, bare = []string{"Nothing new"}, []string{"Nothing new"}
	}
	m := message{simple: fenced(bare, maxReply), broadcast: loud, text: escaped(text, maxText)}
	m.head = sections(within(lines, maxReply))
	return m
}

// headOf is the heading without its icon.
func headOf(p *page) string {
	head := p.state.word + ": " + p.title
	if p.lead != "" {
		head = p.lead + ": " + p.title
	}
	return head
}

// within leaves lines out behind the first one so that the rest, joined, is at
// most limit characters long.
func within(lines []string, limit int) []string {
	total := 0
	for _, l := range lines {
		total += length(l) + 1
	}
	for total > limit && len(lines) > 1 {
		total -= length(lines[1]) + 1
		lines = append(lines[:1:1], lines[2:]...)
	}
	return lines
}

var stepIcons = map[notifiers.What]string{
	notifiers.Fired: "🔥", notifiers.Joined: "➕", notifiers.Ended: "✅", notifiers.Acknowledged: "👤",
	notifiers.Silenced: "🔕", notifiers.Unsilenced: "🔔", notifiers.Escalated: "📣", notifiers.Repeated: "🔁",
}

func stepLine(s *story.Step) string {
	icon := stepIcons[s.What]
	if icon == "" {
		icon = "•"
	}
	line := icon + " " + date(s.At, "{time_secs}") + " *" + literal(s.Word, 60) + "*"
	if s.By != "" {
		line += " " + s.Preposition() + " " + span(s.By, 100)
	}
	for _, text := range []string{s.Text, s.Names} {
		if text != "" {
			line += " · " + literal(text, 400)
		}
	}
	return strings.TrimSpace(line)
}
