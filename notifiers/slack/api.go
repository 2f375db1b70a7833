package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// api returns a maker of Web API clients, by the method they will call. slack-go
// (v0.34.0) loses the status of a 429 whose Retry-After is missing or a date,
// and the body of all other errors, so the answers are judged before it sees
// them.
func (s *Notifier) api(token string) func(method string) *slack.Client {
	return func(method string) *slack.Client {
		d := &doer{s: s, method: method, token: token}
		return slack.New(token, slack.OptionAPIURL(s.cfg.APIURL), slack.OptionHTTPClient(d))
	}
}

type doer struct {
	s      *Notifier
	method string
	token  string
}

// Do returns only answers that say ok.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	reply, err := post.Do(d.s.client, req, d.method, d.token)
	if err != nil {
		return nil, err
	}
	var said answer
	isJSON := json.Unmarshal(reply.Body, &said) == nil
	switch {
	case isJSON && !said.OK && said.Error != "" && reply.Status < 500:
		after, _ := post.RetryAfter(reply.Header, d.s.now())
		return nil, codeError(d.method, said, after, d.token)
	case reply.Status != http.StatusOK:
		return nil, reply.Error(d.method, d.s.now(), d.token)
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
func nonsense(op string) error {
	return &notifiers.Error{Class: notifiers.Retry, Op: op, Err: errors.New("the answer is not Slack's; is there a proxy in between?")}
}

// unreadable is a secret that cannot be read.
func unreadable(op string, err error) error {
	return &notifiers.Error{Class: notifiers.Misconfigured, Op: op, Err: post.Redact(err)}
}
