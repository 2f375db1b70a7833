package slack

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxAction bounds what a press may take until it is answered.
const maxAction = 30 * time.Second

// perform does what a button says and tells the one who pressed it.
func (l *Listener) perform(ctx context.Context, p Press) {
	ctx, cancel := context.WithTimeout(ctx, maxAction)
	defer cancel()
	var said string
	var err error
	switch p.Action {
	case "acknowledge":
		said, err = l.cfg.Actions.Ack(ctx, p.Group, p.By)
	case "silence":
		said, err = l.cfg.Actions.Silence(ctx, p.Group, p.Silence, p.By)
	default:
		said, err = l.cfg.Actions.Explain(ctx, p.Group)
	}
	if err != nil {
		l.report(&notifiers.Error{Class: notifiers.Rejected, Op: "slack button " + p.Action, Err: post.Redact(err)})
		said = "That did not work: " + err.Error()
	}
	if strings.TrimSpace(said) == "" || ctx.Err() != nil {
		return
	}
	if err := l.answer(ctx, p, said); err != nil {
		l.report(err)
	}
}

// answer is seen only by the one who pressed, and leaves nothing in the
// channel. Several lines, such as an explanation, become code.
func (l *Listener) answer(ctx context.Context, p Press, said string) error {
	const op = "chat.postEphemeral"
	token, err := l.cfg.Token()
	if err != nil {
		return unreadable(op, err)
	}
	said = strings.TrimSpace(story.Lines(said, 3*maxSection))
	blocks := []slack.Block{section(plain(said, maxSection))}
	if strings.Contains(said, "\n") {
		blocks = nil
		for _, part := range parts(strings.Split(said, "\n"), maxSection-2*len(fence)-2) {
			blocks = append(blocks, section(mrkdwn(fence+"\n"+part+"\n"+fence)))
		}
	}
	_, err = l.api(token)(op).PostEphemeralContext(ctx, p.Channel, p.UserID,
		slack.MsgOptionText(escaped(said, maxText), false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionParse(false), slack.MsgOptionLinkNames(false))
	if code(err) == "user_not_in_channel" {
		return &notifiers.Error{Class: notifiers.Rejected, Op: op, Err: errors.New("who pressed the button is not in the channel any more")}
	}
	if err != nil {
		return wrapped(op, err)
	}
	return nil
}

// parts joins escaped lines to at most three texts of at most limit characters.
func parts(lines []string, limit int) []string {
	var out []string
	text := ""
	for _, l := range lines {
		l = escaped(l, limit)
		if text != "" && length(text)+1+length(l) > limit {
			out = append(out, text)
			text = ""
		}
		if text != "" {
			text += "\n"
		}
		text += l
	}
	if out = append(out, text); len(out) > 3 {
		out = out[:3]
		out[2] = fit(out[2], limit-2) + "\n…"
	}
	return out
}
