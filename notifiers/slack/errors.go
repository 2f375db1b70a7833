package slack

import (
	"errors"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// classes is what Slack's error strings mean: those of the Web API (HTTP 200
// with ok:false) and of incoming webhooks (the body). A string that is not here
// is tried again: most of what Slack adds is about its own troubles.
var classes = map[string]notifiers.Class{
	"ratelimited":  notifiers.Wait,
	"rate_limited": notifiers.Wait,

	"internal_error":      notifiers.Retry,
	"fatal_error":         notifiers.Retry, // may have half succeeded
	"service_unavailable": notifiers.Retry,
	"request_timeout":     notifiers.Retry,
	"team_added_to_org":   notifiers.Retry,
	"org_login_required":  notifiers.Retry,
	"rollup_error":        notifiers.Retry, // webhook

	"invalid_auth":           notifiers.Misconfigured,
	"not_authed":             notifiers.Misconfigured,
	"account_inactive":       notifiers.Misconfigured,
	"token_revoked":          notifiers.Misconfigured,
	"token_expired":          notifiers.Misconfigured,
	"missing_scope":          notifiers.Misconfigured,
	"no_permission":          notifiers.Misconfigured,
	"not_allowed_token_type": notifiers.Misconfigured,
	"ekm_access_denied":      notifiers.Misconfigured,
	"accesslimited":          notifiers.Misconfigured,
	"channel_not_found":      notifiers.Misconfigured,
	"not_in_channel":         notifiers.Misconfigured,
	"is_archived":            notifiers.Misconfigured,
	"action_prohibited":      notifiers.Misconfigured, // webhook
	"no_service":             notifiers.Misconfigured, // webhook
	"channel_is_archived":    notifiers.Misconfigured, // webhook

	"msg_too_long":          notifiers.Rejected,
	"msg_blocks_too_long":   notifiers.Rejected,
	"invalid_blocks":        notifiers.Rejected,
	"invalid_blocks_format": notifiers.Rejected,
	"too_many_attachments":  notifiers.Rejected,
	"no_text":               notifiers.Rejected,
	"invalid_payload":       notifiers.Rejected, // webhook

	// Of an edit: a new message is posted instead.
	"message_not_found":   notifiers.Rejected,
	"thread_not_found":    notifiers.Rejected,
	"edit_window_closed":  notifiers.Rejected,
	"cant_update_message": notifiers.Rejected,
}

// hints say how to mend what the operator can mend.
var hints = map[string]string{
	"invalid_auth":           "the token is not valid; copy the bot token (xoxb-…) again",
	"not_authed":             "no token was sent; is the token file empty?",
	"account_inactive":       "the app was removed from the workspace; install it again",
	"token_revoked":          "the token was revoked; install the app again",
	"token_expired":          "the token has expired; issue a new one",
	"missing_scope":          "give the app the scope chat:write and install it again",
	"not_allowed_token_type": "use a bot token (xoxb-…)",
	"channel_not_found":      "check the channel; a private one must have the app as a member",
	"not_in_channel":         "invite the app to the channel: /invite @name-of-the-app",
	"is_archived":            "the channel is archived; choose another",
	"channel_is_archived":    "the channel is archived; choose another",
	"action_prohibited":      "an admin of the workspace has restricted who may post there",
	"no_service":             "the webhook was removed or switched off; make a new one",
}

// apiError is an error string of Slack.
type apiError struct {
	code string
	text string
}

func (e *apiError) Error() string { return e.text }

// codeError makes the error of an error string. after is Retry-After, if any.
func codeError(op string, said answer, after time.Duration, secrets ...string) error {
	class, known := classes[said.Error]
	if !known {
		class = notifiers.Retry
		if strings.HasPrefix(said.Error, "restricted_action") {
			class = notifiers.Misconfigured
		}
	}
	if class != notifiers.Wait {
		after = 0
	}
	text := said.Error
	if d := said.detail(); d != "" {
		text += " (" + d + ")"
	}
	if h := hints[said.Error]; h != "" {
		text += ": " + h
	}
	text = post.Redact(errors.New(text), secrets...).Error()
	return &notifiers.Error{Class: class, After: after, Op: op, Err: &apiError{said.Error, text}}
}

func code(err error) string {
	if e := (*apiError)(nil); errors.As(err, &e) {
		return e.code
	}
	return ""
}

// malformed: Slack will take the message in a simpler form.
func malformed(err error) bool {
	switch code(err) {
	case "msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format",
		"too_many_attachments", "no_text", "invalid_payload":
		return true
	}
	return false
}

// lost: the message to edit is out of reach.
func lost(err error) bool {
	switch code(err) {
	case "message_not_found", "thread_not_found", "edit_window_closed", "cant_update_message":
		return true
	}
	return false
}
