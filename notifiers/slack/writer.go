package slack

import (
	"context"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// writer delivers one notification with a bot token.
type writer struct {
	s   *Notifier
	api func(method string) *slack.Client
	n   *notifiers.Notification
}

// begin posts a new message for the group.
func (w *writer) begin(ctx context.Context) (notifiers.Receipt, error) {
	h, err := w.post(ctx)
	if err != nil {
		return "", err
	}
	h.Seen = end(w.n.Timeline, nil)
	h.Worst = worst(w.n)
	h.Over = w.n.Status == alert.Resolved
	h.Since = w.n.Since
	return h.receipt(), nil
}

// goOn edits the message of the group and continues its thread. Where the edit
// is done and the reply is not, the receipt says so, so that the next try does
// not edit again, and what was told is not told twice.
func (w *writer) goOn(ctx context.Context, h handle) (notifiers.Receipt, error) {
	if h.Edited == "" || h.Edited != mark(w.n) {
		err := w.edit(ctx, h)
		switch {
		case does(err, gone), does(err, moved), does(err, fixed) && w.n.Kind != notifiers.KindUpdate:
			return w.begin(ctx)
		case does(err, fixed):
		case err != nil:
			return "", err
		}
		h.Edited = mark(w.n)
	}
	loud := calls(w.n) || w.n.Kind == notifiers.KindFiring && h.Worst > 0 && worst(w.n) > h.Worst
	if r, ok := w.news(&h, loud); ok {
		err := w.reply(ctx, h, r)
		switch {
		case does(err, gone), does(err, threadless) && loud:
			return w.begin(ctx)
		case does(err, threadless):
		case err != nil:
			e := wrapped("chat.postMessage", err)
			if e.Class == notifiers.Rejected {
				w.told(&h) // the reply would be refused again
				return h.receipt(), e
			}
			again := *e
			again.Resume = true
			return h.receipt(), &again
		default:
			h.Thread = end(w.n.Timeline, h.Thread)
		}
	}
	w.told(&h)
	return h.receipt(), nil
}

// told notes that the notification is done.
func (w *writer) told(h *handle) {
	h.Seen = end(w.n.Timeline, h.Seen)
	h.Edited = ""
	h.Worst = max(h.Worst, worst(w.n))
	h.Over = w.n.Status == alert.Resolved
	h.Since = w.n.Since
}

// news is the reply that tells what happened since the last notification.
func (w *writer) news(h *handle, loud bool) (message, bool) {
	if !loud && len(h.Seen.behind(w.n.Timeline)) == 0 {
		return message{}, false
	}
	return reply(w.n, h.Thread.behind(w.n.Timeline), loud), true
}

// aside replies something that is no step in the life of the group.
func (w *writer) aside(ctx context.Context, h handle, prev notifiers.Receipt) (notifiers.Receipt, error) {
	err := w.reply(ctx, h, reply(w.n, nil, true))
	if does(err, gone) || does(err, moved) || does(err, threadless) {
		_, err = w.post(ctx)
	}
	return prev, err
}

func (w *writer) post(ctx context.Context) (handle, error) {
	return w.send(ctx, "chat.postMessage", w.s.cfg.Channel, w.s.layout(w.n, fresh),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
}

func (w *writer) edit(ctx context.Context, h handle) error {
	_, err := w.send(ctx, "chat.update", h.Channel, w.s.layout(w.n, edited), slack.MsgOptionUpdate(h.TS))
	return err
}

func (w *writer) reply(ctx context.Context, h handle, m message) error {
	options := []slack.MsgOption{
		slack.MsgOptionTS(h.TS), slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
	if m.broadcast {
		options = append(options, slack.MsgOptionBroadcast())
	}
	_, err := w.send(ctx, "chat.postMessage", h.Channel, m, options...)
	return err
}

// send makes one call, or two where the first is refused for its form.
func (w *writer) send(ctx context.Context, method, channel string, m message, options ...slack.MsgOption) (handle, error) {
	var h handle
	err := twice(m, func(m message) error {
		all := append(append(m.options(), w.always()...), options...)
		id, ts, _, err := w.api(method).SendMessageContext(ctx, channel, all...)
		if err != nil {
			return wrapped(method, err)
		}
		h = handle{Channel: id, TS: ts}
		return nil
	})
	return h, err
}

// always is said with every call, also with an edit, which would fall back to
// Slack's defaults: nothing in the text becomes a link or a mention, and the
// message carries the notification's ID, by which a message that was sent twice
// can be told.
func (w *writer) always() []slack.MsgOption {
	options := []slack.MsgOption{slack.MsgOptionParse(false), slack.MsgOptionLinkNames(false)}
	if id := w.n.ID; id != "" && len(id) <= 255 {
		options = append(options, slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType: "qmpalert_notification", EventPayload: map[string]any{"id": id},
		}))
	}
	return options
}

// twice sends a message and, where Slack complains about its form, once more as
// plain text.
func twice(m message, send func(message) error) error {
	err := send(m)
	if !does(err, simpler) {
		return err
	}
	return send(m.plainOnly())
}
