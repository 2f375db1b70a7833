package slack

import (
	"errors"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// restricted is the prefix of a family of codes: an admin has forbidden
// something.
const restricted = "restricted_action"

// apiError is an error string of Slack.
type apiError struct {
	code string
	text string
}

func (e *apiError) Error() string { return e.text }

// codeError makes the error of an error string. after is Retry-After, if any.
func codeError(op string, said answer, after time.Duration, secrets ...string) error {
	m := meaningOf(said.Error)
	if m.class != notifiers.Wait {
		after = 0
	}
	text := said.Error
	if d := said.detail(); d != "" {
		text += " (" + d + ")"
	}
	hint := m.hint
	if op == openOp && openHints[said.Error] != "" {
		hint = openHints[said.Error]
	}
	if hint != "" {
		text += ": " + hint
	}
	text = post.Redact(errors.New(text), secrets...).Error()
	return &notifiers.Error{Class: m.class, After: after, Op: op, Err: &apiError{said.Error, text}}
}

func meaningOf(code string) meaning {
	m, known := meanings[code]
	if !known && strings.HasPrefix(code, restricted) {
		return meanings[restricted]
	}
	return m
}

func code(err error) string {
	if e := (*apiError)(nil); errors.As(err, &e) {
		return e.code
	}
	return ""
}

// does reports whether err is an error string with this remedy.
func does(err error, r remedy) bool {
	c := code(err)
	return c != "" && meaningOf(c).remedy == r
}

// wrapped makes sure of the error's type: slack-go hands ours through, and its
// own are about answers that make no sense.
func wrapped(op string, err error) *notifiers.Error {
	if e := (*notifiers.Error)(nil); errors.As(err, &e) {
		return e
	}
	return nonsense(op)
}
