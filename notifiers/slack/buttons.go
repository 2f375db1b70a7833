package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
)

// maxValue is how long the value of a button may be.
const maxValue = 2000

// hashed begins the name of a group whose key does not fit into a button.
const hashed = "sha256:"

// ButtonGroup is what a button carries of a group key, and so what Actions are
// given: the key itself or, where that is longer than Slack allows or no valid
// UTF-8, its hash. Who looks a group up compares ButtonGroup of its key.
func ButtonGroup(groupKey string) string {
	if length(groupKey) <= maxValue && utf8.ValidString(groupKey) && !strings.HasPrefix(groupKey, hashed) {
		return groupKey
	}
	sum := sha256.Sum256([]byte(groupKey))
	return hashed + hex.EncodeToString(sum[:])
}

// The buttons' IDs, which come back when one is pressed.
const (
	ackAction     = "qmpalert_ack"
	explainAction = "qmpalert_explain"
	silencePrefix = "qmpalert_silence_"
)

// silences are the spans that a button offers.
var silences = []struct {
	id    string
	label string
	span  time.Duration
}{
	{silencePrefix + "1h", "Silence 1 h", time.Hour},
	{silencePrefix + "8h", "8 h", 8 * time.Hour},
	{silencePrefix + "1d", "1 d", 24 * time.Hour},
}

// foot is what people can do: buttons while something fires, where somebody
// listens to them, and a link where there is a page.
func (p *page) foot() []slack.Block {
	var out []slack.Block
	if p.buttons && p.n.Status != alert.Resolved {
		out = append(out, slack.NewActionBlock("", p.elements()...))
	}
	path := ""
	if len(p.n.Alerts) == 1 {
		path = p.n.Alerts[0].Fingerprint.String()
	}
	if l := link(p.n.ExternalURL, path); l != "" {
		out = append(out, slack.NewContextBlock("", mrkdwn(l)))
	}
	return out
}

func (p *page) elements() []slack.BlockElement {
	value := ButtonGroup(p.n.GroupKey)
	button := func(id, label string) *slack.ButtonBlockElement {
		return slack.NewButtonBlockElement(id, value, slack.NewTextBlockObject(slack.PlainTextType, label, false, false))
	}
	var out []slack.BlockElement
	if p.state.icon != ackedIcon {
		out = append(out, button(ackAction, "Acknowledge").WithStyle(slack.StylePrimary))
	}
	for _, s := range silences {
		out = append(out, button(s.id, s.label))
	}
	return append(out, button(explainAction, "Explain"))
}

// link leads to the page of an alert, or of all; "" where there is no page.
// The address is the operator's, but a character that would end the link
// early makes it none.
func link(externalURL, fingerprint string) string {
	u, err := url.Parse(externalURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || length(externalURL) > 500 {
		return ""
	}
	where := u.JoinPath("alerts", fingerprint).String()
	if strings.ContainsAny(where, "<>|\"` \n") {
		return ""
	}
	return fmt.Sprintf("<%s|Open in qmpalert>", strings.ReplaceAll(where, "&", "&amp;"))
}
