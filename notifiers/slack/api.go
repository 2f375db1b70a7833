package slack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// web calls Slack's Web API.
type web struct {
	url    string // ends with a slash
	client *http.Client
	now    func() time.Time
}

// newWeb checks an api_url, "" for Slack's own.
func newWeb(apiURL string, o post.Options) (web, error) {
	apiURL = cmp.Or(apiURL, DefaultAPIURL)
	u, err := url.Parse(apiURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return web{}, errors.New("slack: api_url is not an http or https address")
	}
	if !strings.HasSuffix(apiURL, "/") {
		apiURL += "/" // slack-go appends the method to it
	}
	return web{url: apiURL, client: post.NewClient(o), now: time.Now}, nil
}

// api returns a maker of Web API clients, by the method they will call. slack-go
// (v0.34.0) loses the status of a 429 whose Retry-After is missing or a date,
// and the body of all other errors, so the answers are judged before it sees
// them.
func (w *web) api(token string) func(method string) *slack.Client {
	return func(method string) *slack.Client {
		return w.over(&doer{w: w, method: method, token: token}, token)
	}
}

func (w *web) over(d interface {
	Do(*http.Request) (*http.Response, error)
}, token string) *slack.Client {
	return slack.New(token, slack.OptionAPIURL(w.url), slack.OptionHTTPClient(d), slack.OptionAppLevelToken(token))
}

type doer struct {
	w      *web
	method string
	token  string
}

// Do returns only answers that say ok.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	reply, err := post.Do(d.w.client, req, d.method, d.token)
	if err != nil {
		return nil, err
	}
	var said answer
	isJSON := json.Unmarshal(reply.Body, &said) == nil
	switch {
	case isJSON && !said.OK && said.Error != "" && reply.Status < 500:
		after, _ := post.RetryAfter(reply.Header, d.w.now())
		return nil, codeError(d.method, said, after, d.token)
	case reply.Status != http.StatusOK:
		return nil, reply.Error(d.method, d.w.now(), d.token)
	case !isJSON || !said.OK:
		return nil, nonsense(d.method)
	}
	return &http.Response{
		StatusCode: reply.Status, Header: reply.Header, Request: req,
		Body: io.NopCloser(bytes.NewReader(reply.Body)),
	}, nil
}

// answer is what every method answers.
type answer struct {
	OK       bool   `json:"ok"`
	Error    string `json:"error"`
	Needed   string `json:"needed"` // with missing_scope
	Metadata struct {
		Messages []string `json:"messages"` // with invalid_blocks: which and why
	} `json:"response_metadata"`
}

// detail is what the answer says beside the code.
func (a *answer) detail() string {
	if a.Needed != "" {
		return "needed: " + a.Needed
	}
	return strings.Join(a.Metadata.Messages, "; ")
}

// nonsense is an answer that is not Slack's: the page of a proxy, or half of
// an answer.
func nonsense(op string) *notifiers.Error {
	return &notifiers.Error{Class: notifiers.Retry, Op: op, Err: errors.New("the answer is not Slack's; is there a proxy in between?")}
}

// unreadable is a secret that cannot be read.
func unreadable(op string, err error) *notifiers.Error {
	return &notifiers.Error{Class: notifiers.Misconfigured, Op: op, Err: post.Redact(err)}
}
