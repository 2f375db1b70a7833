package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
)

// neededScope is the only scope that messages, edits and answers need.
const neededScope = "chat:write"

var channelID = regexp.MustCompile(`^[CGD][A-Z0-9]{6,30}$`)

// Check asks Slack whether the configuration can work, without leaving
// anything in a channel. The error is a *notifiers.Error that says how to mend
// it; one of class Retry or Wait means that nothing is known.
//
// Checked are: that the token can be read and is a valid one (auth.test); that
// it has the scope chat:write, where the answer lists scopes; and, where the
// channel is given by its ID, that the app can see it, by an edit of a message
// that does not exist. Not checked, because the scope does not allow it: a
// channel given by name, whether the app is a member, and whether it may post
// there; of an incoming webhook, anything but its form. A test message tells.
func (s *Notifier) Check(ctx context.Context) error {
	if s.cfg.WebhookURL != nil {
		return s.checkWebhook()
	}
	token, err := s.cfg.Token()
	if err != nil {
		return unreadable("auth.test", err)
	}
	if err := s.checkToken(ctx, token); err != nil {
		return err
	}
	if !channelID.MatchString(s.cfg.Channel) {
		return nil
	}
	const never = "0000000001.000000"
	_, _, _, err = s.api(token)("chat.update").SendMessageContext(ctx, s.cfg.Channel,
		slack.MsgOptionText("qmpalert looks for its channel", false), slack.MsgOptionUpdate(never))
	if err == nil || code(err) != "" && wrapped("chat.update", err).Class != notifiers.Misconfigured {
		return nil // "no such message" is Slack's way to say that the channel is there
	}
	return wrapped("chat.update", err)
}

func (s *Notifier) checkWebhook() error {
	where, err := s.cfg.WebhookURL()
	if err != nil {
		return unreadable(webhookOp, err)
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return &notifiers.Error{Class: notifiers.Misconfigured, Op: webhookOp, Err: errors.New("webhook_url is not a valid address")}
	}
	return nil
}

func (s *Notifier) checkToken(ctx context.Context, token string) error {
	const op = "auth.test"
	if strings.HasPrefix(token, "xapp-") {
		return &notifiers.Error{Class: notifiers.Misconfigured, Op: op,
			Err: errors.New("token is an app-level token (xapp-…), which belongs into socket_mode_token; use the bot token (xoxb-…)")}
	}
	said, err := s.api(token)(op).AuthTestContext(ctx)
	if err != nil {
		return wrapped(op, err)
	}
	if scopes, listed := scopesOf(said.Header); listed && !slices.Contains(scopes, neededScope) {
		return &notifiers.Error{Class: notifiers.Misconfigured, Op: op,
			Err: errors.New("the token lacks the scope " + neededScope + ": add it under OAuth & Permissions and install the app again")}
	}
	return nil
}

// scopesOf are the scopes that Slack lists with each answer.
func scopesOf(h http.Header) (scopes []string, listed bool) {
	v := h.Get("X-OAuth-Scopes")
	for _, s := range strings.Split(v, ",") {
		scopes = append(scopes, strings.TrimSpace(s))
	}
	return scopes, v != ""
}
