package body

import (
	"fmt"
	"strings"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	maxText    = 3500 // characters of the whole message: every chat service takes so many
	maxInText  = 10   // alerts that it lists
	maxHeading = 300  // characters of each
	maxWaited  = 100  // messages that a digest lists: as many as one carries
	roomy      = 20   // up to so many have a time and a long line each
	allWaited  = 3100 // characters of all lines together
)

// text is the whole message for people, without markup of any kind.
func (v *view) text() qmp.Value {
	var b strings.Builder
	say := func(s string) {
		if s != "" {
			b.WriteString(s + "\n")
		}
	}
	say(text(v.title()))
	say(text(v.summary()))
	switch {
	case len(v.n.Digest) > 0:
		v.waited(say)
	case len(v.n.Alerts) == 1:
		v.lead(say)
		single(say, v.story(0))
	default:
		v.lead(say)
		v.list(say)
	}
	acks, _ := story.Acked(v.n)
	for _, a := range acks[:min(len(acks), maxInText)] {
		say(strings.TrimSpace("Acknowledged by " + a.By + " at " + story.UTC(a.At) + " " + a.Comment))
	}
	for _, a := range story.AnswerLines(v.n, maxHeading) {
		say(a.String())
	}
	say(story.Line(v.n.ExternalURL, maxHeading))
	return lines(strings.TrimSpace(b.String()), maxText)
}

// lead says what the message is for when that is not in its summary.
func (v *view) lead(say func(string)) {
	if v.n.Kind != notifiers.KindSilence {
		say(story.Lead(v.n))
	}
}

// single tells of one alert: where, since when, why it is over, and what
// happened.
func single(say func(string), s *story.Story) {
	say(s.Description)
	say(s.Where())
	say("since " + s.Since)
	say(s.Outcome())
	for _, f := range s.Facts {
		say(f.Name + ": " + f.Value)
	}
	for _, e := range s.Evidence {
		say(e)
	}
}

// list tells of several alerts, one a line.
func (v *view) list(say func(string)) {
	shown := min(len(v.n.Alerts), maxInText)
	for i := range shown {
		s := v.story(i)
		say(strings.TrimSuffix("• "+s.Word()+" "+story.Line(s.Summary, maxHeading)+", "+s.Where(), ", "))
	}
	say(further(len(v.n.Alerts) - shown))
}

// waited names every message that waited: the more they are, the shorter.
func (v *view) waited(say func(string)) {
	waited, more := story.DigestLines(v.n, maxWaited)
	room := allWaited/max(1, len(waited)) - len("• \n")
	for i := range waited {
		w := &waited[i]
		text := story.UTC(w.At) + " " + w.String()
		if len(waited) > roomy {
			text = string(w.Status) + ": " + w.Summary
		}
		say("• " + story.Line(text, room))
	}
	say(further(more))
}

func further(more int) string {
	if more <= 0 {
		return ""
	}
	return fmt.Sprintf("… and %d more", more)
}
