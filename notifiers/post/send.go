package post

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// linger is how long the body of an answer is waited for whose status is known:
// a far end that drips holds up nobody for longer.
const linger = 3 * time.Second

// Send sends a request to a far end that says all with the status of its
// answer, and returns what that means: see Reply.Error. Whatever becomes of the
// body of the answer, 2xx is accepted, so that nothing is sent twice because a
// connection was cut too late.
func Send(client *http.Client, req *http.Request, op string, now time.Time, secrets ...string) error {
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	resp, err := send(client, req.WithContext(ctx), op, secrets)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	defer time.AfterFunc(linger, cancel).Stop()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxBody)) // what came is enough
	return (&Reply{Status: resp.StatusCode, Header: resp.Header, Body: body}).Error(op, now, secrets...)
}

// send sends a request to where it may go.
func send(client *http.Client, req *http.Request, op string, secrets []string) (*http.Response, error) {
	if a, bad := forbiddenHost(req.URL.Hostname()); bad {
		return nil, &notifiers.Error{Class: notifiers.Misconfigured, Op: op, Err: &forbiddenError{a}}
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, failure(op, err, secrets)
	}
	return resp, nil
}
