package slack

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Notify implements notifiers.Notifier. A resolved notification whose receipt
// is one of ours edits that message; every other one is a new message, because
// Slack does not call people for an edit.
func (s *Notifier) Notify(ctx context.Context, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	m := layout(&n)
	if s.cfg.WebhookURL != nil {
		return "", twice(m, func(m message) error { return s.postWebhook(ctx, m) })
	}
	token, err := s.cfg.Token()
	if err != nil {
		return "", unreadable("chat.postMessage", err)
	}
	api := s.api(token)
	if h, ok := parseReceipt(prev); ok && n.Status == alert.Resolved {
		r, err := send(ctx, api("chat.update"), h.Channel, m, slack.MsgOptionUpdate(h.TS))
		if !lost(err) {
			return r, err
		}
	}
	return send(ctx, api("chat.postMessage"), s.cfg.Channel, m,
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
}

func send(ctx context.Context, api *slack.Client, channel string, m message, options ...slack.MsgOption) (notifiers.Receipt, error) {
	var r notifiers.Receipt
	err := twice(m, func(m message) error {
		all := append(m.options(), options...)
		id, ts, _, err := api.SendMessageContext(ctx, channel, all...)
		if err != nil {
			return wrapped(err)
		}
		r = handle{id, ts}.receipt()
		return nil
	})
	return r, err
}

// twice sends a message and, where Slack complains about its form, once more as
// plain text.
func twice(m message, send func(message) error) error {
	err := send(m)
	if !malformed(err) {
		return err
	}
	return send(m.plainOnly())
}

// wrapped makes sure of the error's type: slack-go hands ours through, and its
// own are about answers that make no sense.
func wrapped(err error) error {
	if e := (*notifiers.Error)(nil); errors.As(err, &e) {
		return e
	}
	return nonsense("chat.postMessage")
}
