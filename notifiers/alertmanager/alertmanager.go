package alertmanager

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/payload"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

const (
	op      = "POST /api/v2/alerts"
	opCheck = "GET /api/v2/status"
	path    = "/api/v2/alerts"
	status  = "/api/v2/status"

	// maxBody bounds one request; a larger group is sent as several.
	maxBody = 8 << 20
)

// Notify implements notifiers.Notifier. A notice about a silence is not passed
// on: the alerts that it is about are hidden on purpose.
//
// To send an alert twice does no harm: Alertmanager merges what has the same
// labels.
func (a *Notifier) Notify(ctx context.Context, n notifiers.Notification, _ notifiers.Receipt) (notifiers.Receipt, error) {
	if n.Kind == notifiers.KindSilence {
		return "", nil
	}
	bodies, err := encode(a.alerts(&n))
	if err != nil {
		return "", failed(op, notifiers.Rejected, err)
	}
	for _, body := range bodies {
		if err := a.post(ctx, body); err != nil {
			return "", err
		}
	}
	return "", nil
}

// Check asks whether there is an Alertmanager that lets us in. Its errors are
// those of Notify.
func (a *Notifier) Check(ctx context.Context) error {
	return a.do(ctx, opCheck, http.MethodGet, status, nil)
}

// post sends one request. Any 2xx accepts it; what other answers mean is in
// package post. Alertmanager says 400 when it refuses an alert, but keeps the
// others of the request.
func (a *Notifier) post(ctx context.Context, body []byte) error {
	return a.do(ctx, op, http.MethodPost, path, body)
}

func (a *Notifier) do(ctx context.Context, op, method, path string, body []byte) error {
	req, secrets, err := a.request(ctx, method, path, body)
	if err != nil {
		return failed(op, notifiers.Misconfigured, err)
	}
	reply, err := post.Do(a.client, req, op, secrets...)
	if err != nil {
		return err
	}
	return reply.Error(op, a.now(), secrets...)
}

// request makes a request, and lists what in it is secret.
func (a *Notifier) request(ctx context.Context, method, api string, body []byte) (*http.Request, []string, error) {
	where, err := a.cfg.URL()
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, where, bytes.NewReader(body))
	if err != nil || req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Host == "" {
		return nil, nil, errors.New("url is not an http or https address")
	}
	secrets := post.URLSecrets(req.URL)
	req.URL = req.URL.JoinPath() // without //
	req.URL.Path = strings.TrimSuffix(strings.TrimSuffix(req.URL.Path, "/"), path) + api
	req.URL.RawPath = ""
	req.Header.Set("User-Agent", "qmpalert")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	secret, err := a.cfg.Auth.Set(req)
	if err != nil {
		return nil, nil, err
	}
	return req, append(secrets, secret), nil
}

// encode makes the bodies of as many requests as it takes, mostly one.
func encode(alerts []postable) ([][]byte, error) {
	var bodies [][]byte
	body := []byte("[")
	for i := range alerts {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(&alerts[i]); err != nil {
			return nil, err
		}
		raw := payload.Escape(bytes.TrimSpace(b.Bytes()))
		if len(body) > 1 && len(body)+len(raw) > maxBody {
			bodies = append(bodies, append(body, ']'))
			body = []byte("[")
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(body, raw...)
	}
	if len(body) == 1 {
		return bodies, nil
	}
	return append(bodies, append(body, ']')), nil
}

func failed(op string, class notifiers.Class, err error) error {
	return &notifiers.Error{Class: class, Op: op, Err: post.Redact(err)}
}
