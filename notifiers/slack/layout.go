package slack

import (
	"slices"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// edition says whether a message is new or the edit of one.
type edition bool

const (
	fresh  edition = false
	edited edition = true
)

// page is a notification on its way to a message.
type page struct {
	n       *notifiers.Notification
	buttons bool
	edition edition
	state   state
	stories []story.Story // of the alerts that are listed
	crowd   story.Crowd
	title   string // what is wrong, without the state
	lead    string // what a new message of this kind begins with
}

// layout draws a notification.
func (s *Notifier) layout(n *notifiers.Notification, e edition) message {
	if n.Kind == notifiers.KindDigest {
		return digest(n)
	}
	p := newPage(n, e)
	p.buttons = s.cfg.Buttons && s.cfg.WebhookURL == nil && n.GroupKey != "" && !n.Test
	return p.message()
}

func newPage(n *notifiers.Notification, e edition) *page {
	if len(n.Alerts) == 0 {
		n.Alerts = []alert.Change{{Status: n.Status, At: n.At, ActiveAt: n.At, Labels: n.CommonLabels, Annotations: n.CommonAnnotations}}
	}
	p := &page{n: n, edition: e, state: stateOf(n), crowd: story.CrowdOf(n, maxNamed)}
	for _, fires := range []bool{true, false} { // what fires comes first
		for i := range n.Alerts {
			if c := &n.Alerts[i]; (c.Status == alert.Firing) == fires && len(p.stories) < maxListed {
				p.stories = append(p.stories, story.Of(c))
			}
		}
	}
	p.title = p.stories[0].Summary
	if len(n.Alerts) > 1 {
		p.title = p.groupTitle()
	}
	if e == fresh {
		p.lead = story.Lead(n)
	}
	return p
}

func (p *page) message() message {
	head := p.heading()
	m := message{
		text:   escaped(head+p.where(), maxText),
		colour: p.state.colour,
		head:   []slack.Block{p.top(head)},
		body:   p.body(),
		simple: p.simple(head),
	}
	return m
}

// heading is the one line that people read first.
func (p *page) heading() string {
	head := p.state.icon + " " + p.state.word + ": " + p.title
	switch {
	case p.n.Kind == notifiers.KindSilence:
		head = "🔕 " + p.lead + ": " + p.title
	case p.lead != "":
		head = p.state.icon + " " + p.lead + ": " + p.title
	}
	if p.n.Test {
		head = "Test notification, nothing is wrong · " + head
	}
	return head
}

// top is the heading as a block; that of a resolved group is struck, which a
// header cannot be.
func (p *page) top(head string) slack.Block {
	if p.n.Status != alert.Resolved {
		return slack.NewHeaderBlock(plain(head, maxHeader))
	}
	text := p.state.icon + " *~" + literal(p.title, 600) + "~*"
	if p.n.Test {
		text = "*Test notification, nothing is wrong* · " + text
	}
	return section(mrkdwn(text))
}

// where is the place, for the notification on the phone.
func (p *page) where() string {
	s := &p.stories[0]
	if len(p.n.Alerts) > 1 {
		return ""
	}
	text := " · " + s.Name
	if w := s.Where(); w != "" {
		text += " · " + w
	}
	return text
}

// body is below the heading, beside the coloured bar.
func (p *page) body() []slack.Block {
	notes, foot := p.notes(), p.foot()
	main := p.single
	if len(p.n.Alerts) > 1 {
		main = p.list
	}
	return slices.Concat(notes, affordable(size(notes...)+size(foot...), main()), foot)
}

// simple is the whole message as text: one code block, in which nothing is
// markup and nothing becomes a link.
func (p *page) simple(head string) string {
	lines := []string{head}
	lines = append(lines, p.plainNotes()...)
	for i := range p.stories {
		s := &p.stories[i]
		if o := s.Outcome(); o != "" {
			lines = append(lines, o)
		}
		if len(p.n.Alerts) > 1 {
			lines = append(lines, s.Summary)
		}
		line := "since " + s.Since + " · " + s.Name
		if w := s.Where(); w != "" {
			line += " · " + w
		}
		lines = append(lines, line)
		if len(p.n.Alerts) > 1 {
			continue
		}
		for _, f := range s.Facts {
			lines = append(lines, f.Name+": "+f.Value)
		}
		lines = append(lines, s.Evidence...)
	}
	if more := len(p.n.Alerts) - len(p.stories); more > 0 {
		lines = append(lines, plural(more, "more alert"))
	}
	for _, a := range story.AnswerLines(p.n, 300) {
		lines = append(lines, a.String())
	}
	return fenced(lines, maxFallback)
}
