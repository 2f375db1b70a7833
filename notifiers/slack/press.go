package slack

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers/story"
)

// Press is a button that somebody pressed.
type Press struct {
	Group   string        // as ButtonGroup made it
	Action  string        // "acknowledge", "silence" or "explain"
	Silence time.Duration // how long, of "silence"
	By      string        // name of the user, else the ID
	UserID  string
	Channel string // ID
	at      string // what tells it from other presses
}

var userID = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)

// parsePress checks what came over the socket. Slack made it, but from a
// message that anybody can have copied and from names that users choose: what
// is not exactly the press of one of our buttons is refused.
func parsePress(cb *slack.InteractionCallback) (Press, error) {
	channel := cmp.Or(cb.Channel.ID, cb.Container.ChannelID)
	switch {
	case cb.Type != slack.InteractionTypeBlockActions:
		return Press{}, fmt.Errorf("it is %s, not the press of a button", quoted(string(cb.Type)))
	case !userID.MatchString(cb.User.ID):
		return Press{}, errors.New("it names no user")
	case !channelID.MatchString(channel):
		return Press{}, errors.New("it names no channel")
	case len(cb.ActionCallback.BlockActions) != 1 || cb.ActionCallback.BlockActions[0] == nil:
		return Press{}, fmt.Errorf("it has %d actions, want 1", len(cb.ActionCallback.BlockActions))
	}
	a := cb.ActionCallback.BlockActions[0]
	p := Press{
		Group: a.Value, UserID: cb.User.ID, Channel: channel,
		By: cmp.Or(strings.TrimSpace(story.Line(cb.User.Name, 80)), cb.User.ID),
		at: fmt.Sprintf("%.40q %.80q %.40q %q", cb.Message.Timestamp, a.ActionID, a.ActionTs, cb.User.ID),
	}
	if a.Value == "" || length(a.Value) > maxValue || !utf8.ValidString(a.Value) {
		return Press{}, errors.New("its value is no group")
	}
	var known bool
	if p.Action, p.Silence, known = actionOf(a.ActionID); !known {
		return Press{}, fmt.Errorf("%s is none of our buttons", quoted(a.ActionID))
	}
	return p, nil
}

func actionOf(id string) (action string, silence time.Duration, known bool) {
	switch id {
	case ackAction:
		return "acknowledge", 0, true
	case explainAction:
		return "explain", 0, true
	}
	for _, s := range silences {
		if id == s.id {
			return "silence", s.span, true
		}
	}
	return "", 0, false
}

func quoted(s string) string { return fmt.Sprintf("%q", story.Line(s, 60)) }
