package slack

import (
	"strings"

	"github.com/slack-go/slack"
)

// Bounds of a message, below those of Slack (header 150, section 3,000, field
// 2,000, together about 13,200 characters).
const (
	maxHeader   = 140
	maxSection  = 2900
	maxText     = 600
	maxFallback = 3800
	maxAnswers  = 1500 // what is attached, together
	maxReply    = 2800 // of a thread
	maxBody     = 8000 // all below the heading; with it and both texts about 9,900
)

// message is what Slack is told, in both forms.
type message struct {
	text      string // the notification on the phone, and the fallback
	head      []slack.Block
	body      []slack.Block // with a bar in the colour; none: no bar
	colour    string
	simple    string // text of the message without blocks
	plain     bool   // send without blocks
	broadcast bool   // of a reply: show it in the channel too
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
		slack.MsgOptionText(m.text, false), slack.MsgOptionBlocks(m.head...), slack.MsgOptionAttachments(m.attachments()...),
	}
}

// attachments carry what is below the header: only they have a coloured bar.
func (m message) attachments() []slack.Attachment {
	if len(m.body) == 0 {
		return []slack.Attachment{}
	}
	return []slack.Attachment{{Color: m.colour, Fallback: m.text, Blocks: slack.Blocks{BlockSet: m.body}}}
}

func (m message) plainOnly() message {
	return message{text: m.simple, plain: true, broadcast: m.broadcast}
}

const fence = "```"

// fenced is lines as a code block of at most limit characters.
func fenced(lines []string, limit int) string {
	return fence + "\n" + escaped(strings.Join(lines, "\n"), limit-2*len(fence)-2) + "\n" + fence
}

// affordable drops optional blocks from the end until all together fit.
func affordable(needed int, optional []slack.Block) []slack.Block {
	for _, b := range optional {
		needed += size(b)
	}
	for len(optional) > 0 && needed > maxBody {
		needed -= size(optional[len(optional)-1])
		optional = optional[:len(optional)-1]
	}
	return optional
}

// size is how many characters a block adds to a message.
func size(blocks ...slack.Block) int {
	n := 0
	add := func(t *slack.TextBlockObject) {
		if t != nil {
			n += length(t.Text)
		}
	}
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.HeaderBlock:
			add(b.Text)
		case *slack.SectionBlock:
			add(b.Text)
			for _, f := range b.Fields {
				add(f)
			}
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				if t, ok := e.(*slack.TextBlockObject); ok {
					add(t)
				}
			}
		case *slack.ActionBlock:
			n += 100 // the labels
		}
	}
	return n
}
