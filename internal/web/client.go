package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what a client reads of one answer.
const maxAnswer = 256 << 20

// Client asks a daemon. It is safe for concurrent use.
//
// Errors: *Unreachable when there is no daemon, *Problem when it refuses, else
// what came back was no answer of qmpalert.
type Client struct {
	base  *url.URL
	token func() (string, error)
	http  http.Client
}

// Unreachable says that nobody answers at the address.
type Unreachable struct {
	Address string
	Err     error
}

func (e *Unreachable) Error() string {
	err := e.Err
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the URL, which stands before it already
	}
	return fmt.Sprintf("no daemon answers at %s: %v", e.Address, err)
}

func (e *Unreachable) Unwrap() error { return e.Err }

// NewClient makes a client for a daemon at address, "http://127.0.0.1:9595".
// token may be nil. It is not sent over a redirect, which no daemon answers
// with.
func NewClient(address string, token func() (string, error)) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("%q is no address of a daemon: want one such as http://127.0.0.1:9595", address)
	}
	return &Client{base: u, token: token, http: http.Client{
		Timeout:       requestTimeout + 10*time.Second,
		Transport:     &http.Transport{ResponseHeaderTimeout: requestTimeout + 5*time.Second, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Status asks how the daemon is.
func (c *Client) Status(ctx context.Context) (out Status, err error) {
	return out, c.do(ctx, http.MethodGet, "/api/v1/status", nil, nil, &out)
}

// ListQuery says which alerts Alerts lists.
type ListQuery struct {
	Filters  []string // matchers
	States   []string // active, pending, firing, resolved, inactive, all; nil: active
	Limit    int      // 0: the server's
	Evidence bool
}

// Alerts lists alerts.
func (c *Client) Alerts(ctx context.Context, q ListQuery) (all []Alert, more bool, err error) {
	v := url.Values{"filter": q.Filters, "state": q.States, "evidence": {strconv.FormatBool(q.Evidence)}}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	var out list[Alert]
	err = c.do(ctx, http.MethodGet, "/api/v1/alerts", v, nil, &out)
	return out.Items, out.More, err
}

// Explain tells the story of one life of an alert.
func (c *Client) Explain(ctx context.Context, id AlertID) (out Explanation, err error) {
	return out, c.do(ctx, http.MethodGet, "/api/v1/alerts/"+id.String(), nil, nil, &out)
}

// Ack says that somebody takes care of an alert.
func (c *Client) Ack(ctx context.Context, id AlertID, a AckRequest) (out Ack, err error) {
	return out, c.do(ctx, http.MethodPost, "/api/v1/alerts/"+id.String()+"/ack", nil, a, &out)
}

// Silences lists silences.
func (c *Client) Silences(ctx context.Context) ([]Silence, error) {
	var out list[Silence]
	err := c.do(ctx, http.MethodGet, "/api/v1/silences", nil, nil, &out)
	return out.Items, err
}

// SetSilence makes or changes a silence.
func (c *Client) SetSilence(ctx context.Context, s SilenceRequest) (out Silence, err error) {
	return out, c.do(ctx, http.MethodPost, "/api/v1/silences", nil, s, &out)
}

// ExpireSilence ends a silence now.
func (c *Client) ExpireSilence(ctx context.Context, id, by string) error {
	return c.do(ctx, http.MethodDelete, "/api/v1/silences/"+url.PathEscape(id), url.Values{"by": {by}}, nil, nil)
}

// DeadLetters lists messages that were given up.
func (c *Client) DeadLetters(ctx context.Context, limit int) (all []DeadLetter, more bool, err error) {
	var out list[DeadLetter]
	err = c.do(ctx, http.MethodGet, "/api/v1/dead-letters", url.Values{"limit": {strconv.Itoa(limit)}}, nil, &out)
	return out.Items, out.More, err
}

// Resend puts a dead letter back into its queue.
func (c *Client) Resend(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, "/api/v1/dead-letters/"+url.PathEscape(id)+"/resend", nil, nil, nil)
}

// ExplainRoute says who would be told about an alert with these labels, each
// name=value.
func (c *Client) ExplainRoute(ctx context.Context, labels []string, at Time) (out RouteExplanation, err error) {
	v := url.Values{"label": labels}
	if !at.IsZero() {
		v.Set("at", at.String())
	}
	return out, c.do(ctx, http.MethodGet, "/api/v1/explain/route", v, nil, &out)
}

// Reload has the daemon take over the files as they are on disk now.
func (c *Client) Reload(ctx context.Context) (out Reloaded, err error) {
	return out, c.do(ctx, http.MethodPost, "/-/reload", nil, nil, &out)
}

// do sends in, if it is not nil, and reads the answer into out, if that is not
// nil.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, in, out any) error {
	req, err := c.request(ctx, method, path, query, in)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Unreachable{c.base.String(), err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return &Unreachable{c.base.String(), err}
	}
	if resp.StatusCode >= 300 {
		return refusal(resp, body)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%s does not answer as qmpalert does: %w", c.base, err)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, path string, query url.Values, in any) (*http.Request, error) {
	u := *c.base
	u.RawPath = strings.TrimSuffix(u.EscapedPath(), "/") + path
	var err error
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return nil, err
	}
	u.RawQuery = query.Encode()
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != nil {
		token, err := c.token()
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

// refusal makes a *Problem of an answer that is not what was asked for.
func refusal(resp *http.Response, body []byte) error {
	var p Problem
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") && json.Unmarshal(body, &p) == nil && p.Status != 0 {
		return &p
	}
	return NewProblem(resp.StatusCode, "the answer is %s, but not from qmpalert", resp.Status)
}
