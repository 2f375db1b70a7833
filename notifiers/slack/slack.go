package slack

import (
	"context"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Notify implements notifiers.Notifier: what the package comment calls the life
// of a message.
func (s *Notifier) Notify(ctx context.Context, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	n.Kind = n.Purpose()
	if s.cfg.WebhookURL != nil {
		if n.Kind == notifiers.KindUpdate {
			return "", nil // there is nothing to edit
		}
		return "", twice(s.layout(&n, fresh), func(m message) error { return s.postWebhook(ctx, m) })
	}
	token, err := s.cfg.Token()
	if err != nil {
		return "", unreadable("chat.postMessage", err)
	}
	w := &writer{s: s, api: s.api(token), n: &n}
	h, known := parseReceipt(prev)
	switch {
	case n.Kind == notifiers.KindDigest:
		_, err := w.post(ctx)
		return prev, err // no message of this group
	case n.Kind == notifiers.KindSilence && known && !h.Over:
		return w.aside(ctx, h, prev)
	case n.Kind == notifiers.KindSilence:
		_, err := w.post(ctx)
		return prev, err
	case !known, h.Over && n.Status != alert.Resolved, !h.about(&n):
		if n.Kind == notifiers.KindUpdate {
			return prev, nil // news about a message that is not there
		}
		return w.begin(ctx)
	}
	return w.goOn(ctx, h)
}

// calls reports whether a notification is for people to notice now: Slack
// calls nobody for an edit.
func calls(n *notifiers.Notification) bool {
	switch n.Kind {
	case notifiers.KindRepeat, notifiers.KindEscalation, notifiers.KindSilence:
		return true
	}
	return false
}
