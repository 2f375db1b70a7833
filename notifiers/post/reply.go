package post

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxBody bounds what is read of an answer; the rest is left unread and the
// connection closed.
const maxBody = 64 << 10

// Reply is an answer of whatever status.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte // at most 64 KiB
}

// Do sends a request and reads the answer. op names the request in errors;
// secrets are removed from them. An answer of any status is no error here; see
// Reply.Error.
func Do(client *http.Client, req *http.Request, op string, secrets ...string) (*Reply, error) {
	resp, err := send(client, req, op, secrets)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return nil, failure(op, err, secrets)
	}
	return &Reply{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// Error is what a reply means: nil for 2xx. now is for a Retry-After that is a
// date. The text has the beginning of the body, where services say what was
// wrong.
func (r *Reply) Error(op string, now time.Time, secrets ...string) error {
	if r.Status/100 == 2 {
		return nil
	}
	text := fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status))
	if said := strings.TrimSpace(string(r.Body)); said != "" && !r.html() {
		text += ": " + said
	}
	e := &notifiers.Error{Class: class(r.Status), Op: op, Err: Redact(errors.New(text), secrets...)}
	after, ok := RetryAfter(r.Header, now)
	if !ok && r.Status == http.StatusTooManyRequests {
		after, ok = retryAfterInBody(r.Body)
	}
	if e.Class == notifiers.Retry && (ok || r.Status == http.StatusTooManyRequests) {
		e.Class, e.After = notifiers.Wait, after
	}
	return e
}

func (r *Reply) html() bool {
	return strings.Contains(strings.ToLower(r.Header.Get("Content-Type")), "html") ||
		strings.HasPrefix(strings.TrimSpace(string(r.Body)), "<")
}

// Redact returns an error without the URL that net/http puts into its errors,
// without the secrets, bounded and printable. The chain of causes is cut but
// for context errors: a cause could be printed by somebody.
func Redact(err error, secrets ...string) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	for _, s := range secrets {
		for _, form := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			if form != "" {
				text = strings.ReplaceAll(text, form, "[secret]")
			}
		}
	}
	return &redacted{text: story.Line(text, 300), cause: err}
}

// URLSecrets are the parts of an address that can be a secret: who sent the
// address back should not put them into our log.
func URLSecrets(u *url.URL) []string {
	out := []string{u.String(), u.RequestURI(), u.Path, u.RawQuery}
	if p, ok := u.User.Password(); ok {
		out = append(out, p)
	}
	for _, part := range strings.Split(u.Path, "/") {
		if len(part) >= 6 {
			out = append(out, part)
		}
	}
	for _, values := range u.Query() {
		out = append(out, values...)
	}
	// The longest first, so that no part of one is left when a shorter one goes.
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return slices.DeleteFunc(out, func(s string) bool { return len(s) < 4 })
}

type redacted struct {
	text  string
	cause error
}

func (e *redacted) Error() string { return e.text }

// Is lets errors.Is find the causes without handing them out.
func (e *redacted) Is(target error) bool { return errors.Is(e.cause, target) }
