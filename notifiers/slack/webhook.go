package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

const webhookOp = "incoming webhook"

// postWebhook sends to an incoming webhook. slack.PostWebhook would throw away
// the body, where the reason is.
func (s *Notifier) postWebhook(ctx context.Context, m message) error {
	where, err := s.cfg.WebhookURL()
	if err != nil {
		return unreadable(webhookOp, err)
	}
	no := false
	body := slack.WebhookMessage{Text: m.text, UnfurlLinks: &no, UnfurlMedia: &no}
	if !m.plain {
		body.Blocks = &slack.Blocks{BlockSet: m.head}
		body.Attachments = m.attachments()
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return &notifiers.Error{Class: notifiers.Rejected, Op: webhookOp, Err: post.Redact(err)}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, where, bytes.NewReader(raw))
	if err != nil {
		return &notifiers.Error{Class: notifiers.Misconfigured, Op: webhookOp, Err: errors.New("webhook_url is not a valid address")}
	}
	req.Header.Set("Content-Type", "application/json")
	secrets := post.URLSecrets(req.URL)
	reply, err := post.Do(s.client, req, webhookOp, secrets...)
	if err != nil {
		return err
	}
	code := strings.TrimSpace(string(reply.Body))
	if reply.Status/100 == 2 {
		if strings.HasPrefix(code, "<") {
			return nonsense(webhookOp)
		}
		return nil
	}
	if _, known := meanings[code]; known && reply.Status != http.StatusTooManyRequests {
		return codeError(webhookOp, answer{Error: code}, 0, secrets...)
	}
	return reply.Error(webhookOp, s.now(), secrets...)
}
