package slack

import (
	"cmp"
	"strings"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxAcks bounds the people that are named, and maxHidden what hides alerts;
// there is seldom more than one.
const (
	maxAcks   = 3
	maxHidden = 3
)

// notes say what people did about the group, in one block: who has it, whom it
// was escalated to, what hides it, which silence ends.
func (p *page) notes() []slack.Block {
	var lines []string
	for _, a := range p.acks() {
		line := "👤 *Acknowledged* by " + span(cmp.Or(a.By, "somebody"), 90)
		if story.Known(a.At) {
			line += " " + date(a.At, "{time_secs}")
		}
		if a.Comment != "" {
			line += ": " + literal(a.Comment, 300)
		}
		lines = append(lines, line)
	}
	if e := story.Line(p.n.Escalated, 80); e != "" {
		lines = append(lines, "📣 *Escalated* to "+span(e, 90)+": nobody had acknowledged")
	}
	for _, h := range p.hidden() {
		line := stepIcons[h.What] + " *" + h.Word + "*"
		if h.By != "" {
			line += " by " + span(h.By, 90)
		}
		if h.Text != "" {
			line += ": " + literal(h.Text, 300)
		}
		if h.Names != "" && len(p.n.Alerts) > 1 {
			line += " · " + literal(h.Names, 300)
		}
		lines = append(lines, line)
	}
	if v, ok := story.VeilOf(p.n); ok && p.n.Kind == notifiers.KindSilence {
		line := "🔕 " + span(cmp.Or(v.Matchers, "everything"), 320) + " until " + date(v.Ends, "{date_short_pretty} {time_secs}")
		if v.By != "" {
			line += ", by " + span(v.By, 90)
		}
		if v.Comment != "" {
			line += ": " + literal(v.Comment, 300)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	return []slack.Block{section(mrkdwn(strings.Join(lines, "\n")))}
}

func (p *page) acks() []notifiers.Ack {
	who, _ := story.Acked(p.n)
	return who[:min(len(who), maxAcks)]
}

// hidden is what hides alerts, the newest; a notice about a silence says it itself.
func (p *page) hidden() []story.Step {
	if p.n.Kind == notifiers.KindSilence {
		return nil
	}
	all := story.Hidden(p.n)
	return all[max(0, len(all)-maxHidden):]
}

// plainNotes are the notes for the message without blocks.
func (p *page) plainNotes() []string {
	var lines []string
	for _, a := range p.acks() {
		lines = append(lines, "acknowledged by "+cmp.Or(a.By, "somebody"))
	}
	if p.n.Escalated != "" {
		lines = append(lines, "escalated to "+story.Line(p.n.Escalated, 80))
	}
	for _, h := range p.hidden() {
		lines = append(lines, h.String())
	}
	if v, ok := story.VeilOf(p.n); ok && p.n.Kind == notifiers.KindSilence {
		lines = append(lines, "silence "+v.Matchers+" until "+story.UTC(v.Ends))
	}
	return lines
}
