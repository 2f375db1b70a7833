package webhook

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/payload"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

const op = "POST"

// Notify implements notifiers.Notifier.
func (w *Notifier) Notify(ctx context.Context, n notifiers.Notification, _ notifiers.Receipt) (notifiers.Receipt, error) {
	body, err := payload.Encode(&n, w.cfg.MaxAlerts)
	if err != nil {
		return "", failed(notifiers.Rejected, err)
	}
	req, secrets, err := w.request(ctx, &n, body)
	if err != nil {
		return "", err
	}
	reply, err := post.Do(w.client, req, op, secrets...)
	if err != nil {
		return "", err
	}
	return "", reply.Error(op, w.now(), secrets...)
}

// request makes the request, and lists what in it is secret.
func (w *Notifier) request(ctx context.Context, n *notifiers.Notification, body []byte) (*http.Request, []string, error) {
	where, err := w.cfg.URL()
	if err != nil {
		return nil, nil, failed(notifiers.Misconfigured, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, where, bytes.NewReader(body))
	if err != nil || req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Host == "" {
		return nil, nil, failed(notifiers.Misconfigured, errors.New("url is not an http or https address"))
	}
	secrets := post.URLSecrets(req.URL)
	req.Header.Set("User-Agent", "qmpalert")
	for _, h := range w.cfg.Headers {
		req.Header.Set(h.Name, h.Value)
		secrets = append(secrets, h.Value) // some are keys
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", n.ID)
	req.Header.Set("webhook-id", n.ID)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(w.now().Unix(), 10))
	secret, err := w.authorize(req)
	if err != nil {
		return nil, nil, failed(notifiers.Misconfigured, err)
	}
	return req, append(secrets, secret), nil
}

// authorize adds the Authorization header and returns the secret in it.
func (w *Notifier) authorize(req *http.Request) (string, error) {
	switch {
	case w.cfg.Credentials != nil:
		token, err := w.cfg.Credentials()
		if err != nil {
			return "", err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		return token, nil
	case w.cfg.Username != "":
		password, err := w.cfg.Password()
		if err != nil {
			return "", err
		}
		req.SetBasicAuth(w.cfg.Username, password)
		return password, nil
	}
	return "", nil
}

func failed(class notifiers.Class, err error) error {
	return &notifiers.Error{Class: class, Op: op, Err: post.Redact(err)}
}
