package slack

import (
	"fmt"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

const (
	maxWaited = 100  // messages that a digest lists: as many as one carries
	roomy     = 20   // up to so many have a time and a long line each
	allWaited = 9000 // characters of all lines together
)

// digest is the message about many that waited. Each of them has a line: the
// more they are, the shorter.
func digest(n *notifiers.Notification) message {
	head := "📬 " + story.Lead(n)
	waited, more := story.DigestLines(n, maxWaited)
	write := (*waitedLine).whole
	if len(waited) > roomy {
		room := allWaited/len(waited) - 2 // icon, and the end of the line
		write = func(w *waitedLine) string { return w.brief(room) }
	}
	var lines, bare []string
	for i := range waited {
		lines = append(lines, write(&waitedLine{&waited[i], &n.Digest[i]}))
		bare = append(bare, waited[i].String())
	}
	if more > 0 {
		lines = append(lines, "and "+plural(more, "more message"))
		bare = append(bare, "and "+plural(more, "more message"))
	}
	body := sections(lines)
	if l := link(n.ExternalURL, ""); l != "" {
		body = append(body, slack.NewContextBlock("", mrkdwn(l)))
	}
	return message{
		text: escaped(head, maxText), colour: grey,
		head:   []slack.Block{slack.NewHeaderBlock(plain(head, maxHeader))},
		body:   body,
		simple: fenced(append([]string{head}, bare...), maxFallback),
	}
}

// waitedLine is one message that waited.
type waitedLine struct {
	*story.DigestLine
	entry *notifiers.DigestEntry
}

func (w *waitedLine) icon() string {
	if w.Status == alert.Resolved {
		return "✅"
	}
	return bySeverity(w.entry.Labels.Get("severity")).icon
}

// whole is the line where there is room.
func (w *waitedLine) whole() string {
	line := w.icon() + " " + date(w.At, "{time_secs}") + " "
	if w.entry.Kind != notifiers.KindFiring {
		line += "*" + literal(w.Word, 60) + "* " // else the icon says it
	}
	line += literal(w.Summary, 220)
	if w.Alerts > 1 {
		line += fmt.Sprintf(" (%d alerts)", w.Alerts)
	}
	if w.Where != "" {
		line += " " + span(w.Where, 150)
	}
	return line
}

// brief is the line in so many characters: where first, which tells it from
// its neighbours.
func (w *waitedLine) brief(room int) string {
	line := w.icon() + " "
	if w.Where != "" {
		where := span(w.Where, room/2)
		line += where + " "
		room -= length(where) + 1
	}
	if w.Alerts > 1 {
		count := fmt.Sprintf(" (%d alerts)", w.Alerts)
		return line + literal(w.Summary, max(room-length(count), 1)) + count
	}
	return line + literal(w.Summary, max(room, 1))
}
