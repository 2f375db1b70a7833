package webhook

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/body"
	"github.com/qmpalert/qmpalert/notifiers/payload"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// Notify implements notifiers.Notifier.
func (w *Notifier) Notify(ctx context.Context, n notifiers.Notification, _ notifiers.Receipt) (notifiers.Receipt, error) {
	m := message{n: &n, op: http.MethodPost}
	if err := w.write(&m); err != nil {
		return "", err
	}
	req, err := w.request(ctx, &m)
	if err != nil {
		return "", err
	}
	return "", post.Send(w.client, req, m.op, w.now(), m.secrets...)
}

// message is one message on its way.
type message struct {
	n       *notifiers.Notification
	body    []byte
	secrets []string // what must not be in an error
	op      string   // the method
}

func (m *message) failed(class notifiers.Class, err error) error {
	return &notifiers.Error{Class: class, Op: m.op, Err: post.Redact(err, m.secrets...)}
}

// write makes the body.
func (w *Notifier) write(m *message) (err error) {
	if w.cfg.Body == nil {
		m.body, err = payload.Encode(m.n, w.cfg.MaxAlerts)
	} else {
		m.body, m.secrets, err = w.cfg.Body.Encode(m.n, w.cfg.MaxAlerts)
	}
	switch {
	case err == nil:
		return nil
	case w.cfg.Body == nil || errors.Is(err, body.ErrTooLarge):
		return m.failed(notifiers.Rejected, err)
	}
	return m.failed(notifiers.Misconfigured, err)
}

// request makes the request.
func (w *Notifier) request(ctx context.Context, m *message) (*http.Request, error) {
	where, err := w.cfg.URL()
	if err != nil {
		return nil, m.failed(notifiers.Misconfigured, err)
	}
	if placeholder.MatchString(where) {
		m.op, where = http.MethodPut, placeholder.ReplaceAllLiteralString(where, url.PathEscape(m.n.ID))
	}
	req, err := http.NewRequestWithContext(ctx, m.op, where, bytes.NewReader(m.body))
	if err != nil || req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Host == "" || strings.Contains(where, "{{") {
		return nil, m.failed(notifiers.Misconfigured, errors.New("url is not an http or https address"))
	}
	m.secrets = append(m.secrets, post.URLSecrets(req.URL)...)
	req.Header.Set("User-Agent", "qmpalert")
	for _, h := range w.cfg.Headers {
		req.Header.Set(h.Name, h.Value)
		m.secrets = append(m.secrets, h.Value)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", m.n.ID)
	keys, err := sign(req.Header, m.n.ID, w.now(), m.body, w.cfg.SigningSecrets)
	m.secrets = append(m.secrets, keys...)
	if err == nil {
		var secret string
		secret, err = w.cfg.Auth.Set(req)
		m.secrets = append(m.secrets, secret)
	}
	if err != nil {
		return nil, m.failed(notifiers.Misconfigured, err)
	}
	return req, nil
}

// placeholder stands for the id of the message in a URL.
var placeholder = regexp.MustCompile(`\{\{ *id *\}\}`)
