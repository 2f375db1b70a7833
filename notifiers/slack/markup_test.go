package slack

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// hostile is a notification of a kind in which every text that can come from
// outside is the given one.
func hostile(kind notifiers.Kind, status alert.Status, alerts int, text string) notifiers.Notification {
	n := notifiertest.Hostile(status, text)
	n.Kind, n.Escalated, n.ID, n.GroupKey, n.Receiver, n.Route = kind, text, text, text, text, text
	if alerts > 1 {
		n.Alerts[0].Evidence.Events = n.Alerts[0].Evidence.Events[:1] // a list does not show them
	}
	for range alerts - 1 {
		n.Alerts = append(n.Alerts, n.Alerts[0])
	}
	if alerts > 1 {
		n.Attached = nil
	}
	c := n.Alerts[0]
	n.Silence = &notifiers.Silence{ID: text, Matchers: []string{text, text}, EndsAt: n.At + hour, CreatedBy: text, Comment: text}
	n.Acks = []notifiers.Ack{
		{Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, By: text, Comment: text, At: n.At},
		{Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, By: text + "2", Comment: "", At: n.At},
	}
	for i := range maxSteps + 2 {
		n.Timeline = append(n.Timeline, notifiers.Moment{
			At: n.At + int64(i), What: notifiers.What(text), Names: []string{text, text, text, text, text}, More: i, By: text, Text: text,
		})
	}
	for range maxWaited + 1 {
		n.Digest = append(n.Digest, notifiers.DigestEntry{ID: text, GroupKey: text, Kind: kind, Status: status, At: n.At, Summary: text, Alerts: 2, Labels: c.Labels})
	}
	return n
}

var kinds = []notifiers.Kind{
	notifiers.KindFiring, notifiers.KindResolved, notifiers.KindRepeat, notifiers.KindUpdate, notifiers.KindEscalation, notifiers.KindSilence, notifiers.KindDigest,
}

// TestNoMarkupFromOutside: whatever text is put in, nothing that Slack would
// read as markup comes out, and the message stays within Slack's bounds, in
// both forms, new and edited, and so does the reply.
func TestNoMarkupFromOutside(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"<!channel>", "<@U1>", "<#C1>", "<https://x|y>", "&lt;", "&", "<", ">", "`", "```", "|", "^", "~", "*", "_", "\n", "\r", "\u2028", "\x00", "\x1b[0m", "\u202e", "😀",
			"<!date^0^{date}|x UTC>", "https://evil.example", "mailto:x@y", "<!date^0^{time_secs}|2026-03-14 UTC>",
		}),
		rapid.String(), rapid.Just(strings.Repeat("é<&`", 300)), rapid.Just(strings.Repeat("😀", 1000)), rapid.Just(strings.Repeat("word ", 600)),
	)
	s := plainSlack(t)
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(rt, "text"), "")
		n := hostile(rapid.SampledFrom(kinds).Draw(rt, "kind"), rapid.SampledFrom([]alert.Status{alert.Firing, alert.Resolved}).Draw(rt, "status"),
			rapid.SampledFrom([]int{1, 2, 17}).Draw(rt, "alerts"), text)
		for _, m := range []message{
			s.layout(&n, fresh), s.layout(&n, edited), reply(&n, n.Timeline, true), reply(&n, n.Timeline[:1], false), reply(&n, nil, true),
		} {
			inBudget(rt, notifiertest.Message{Raw: body(t, m)})
			noMarkup(rt, m.simple)
			if n := length(m.simple); n > maxFallback {
				rt.Errorf("the plain text has %d characters", n)
			}
		}
	})
}

// TestLongTimeline: of a timeline that is too long for a reply the first and
// the newest moments are told.
func TestLongTimeline(t *testing.T) {
	n := notifiertest.Firing()
	for i := range notifiers.MaxTimeline {
		n.Timeline = append(n.Timeline, notifiers.Moment{At: n.At + int64(i), What: notifiers.Acknowledged, By: fmt.Sprintf("person%02d", i)})
	}
	m := reply(&n, n.Timeline, false)
	var people []string
	for _, p := range regexp.MustCompile("`person..`").FindAllString(m.head[0].(*slack.SectionBlock).Text.Text, -1) {
		people = append(people, strings.Trim(p, "`person"))
	}
	if got := strings.Join(people, " "); got != "00 19 20 21 22 23 24 25 26 27 28 29" {
		t.Errorf("told %s", got)
	}
}
