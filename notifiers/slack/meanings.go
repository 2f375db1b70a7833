package slack

import "github.com/qmpalert/qmpalert/notifiers"

// remedy is what a notifier does itself about an error string, before it is
// the caller's.
type remedy uint8

const (
	_ remedy = iota // nothing
	// simpler: Slack may take the message as plain text.
	simpler
	// gone: the message to edit or to reply to is not there; a new one is posted.
	gone
	// moved: the channel of the message is closed to us, as one is that was given
	// up for another; a new one is posted in the channel of the configuration.
	moved
	// fixed: the message is there but cannot be edited any more. A new one is
	// posted, except for a quiet update, whose news go into the thread only: with
	// a short edit window there would be a message for each count else.
	fixed
	// threadless: no reply is possible there. What calls for people is posted as a
	// message, the rest is left out: the message itself says it.
	threadless
)

// meaning is what is done about an error string.
type meaning struct {
	class  notifiers.Class
	remedy remedy
	hint   string // how the operator mends it
}

// meanings are Slack's error strings: those of the Web API (HTTP 200 with
// ok:false) and of incoming webhooks (the body). A string that is not here is
// tried again: most of what Slack adds is about its own troubles. Statuses
// without such a string are judged by post.Reply.
var meanings = map[string]meaning{
	"ratelimited":  {class: notifiers.Wait},
	"rate_limited": {class: notifiers.Wait},

	"internal_error":      {class: notifiers.Retry},
	"fatal_error":         {class: notifiers.Retry}, // may have half succeeded
	"service_unavailable": {class: notifiers.Retry},
	"request_timeout":     {class: notifiers.Retry},
	"team_added_to_org":   {class: notifiers.Retry},
	"org_login_required":  {class: notifiers.Retry},
	"rollup_error":        {class: notifiers.Retry}, // webhook

	"invalid_auth":           {class: notifiers.Misconfigured, hint: "the token is not valid; copy the bot token (xoxb-…) again"},
	"not_authed":             {class: notifiers.Misconfigured, hint: "no token was sent; is the token file empty?"},
	"account_inactive":       {class: notifiers.Misconfigured, hint: "the app was removed from the workspace; install it again"},
	"token_revoked":          {class: notifiers.Misconfigured, hint: "the token was revoked; install the app again"},
	"token_expired":          {class: notifiers.Misconfigured, hint: "the token has expired; issue a new one"},
	"missing_scope":          {class: notifiers.Misconfigured, hint: "give the app the scope chat:write and install it again"},
	"no_permission":          {class: notifiers.Misconfigured, hint: "the app may not do this; install it again with the scope chat:write"},
	"not_allowed_token_type": {class: notifiers.Misconfigured, hint: "use a bot token (xoxb-…)"},
	"ekm_access_denied":      {class: notifiers.Misconfigured, hint: "an admin of the organisation has suspended access to the keys of the channel"},
	"accesslimited":          {class: notifiers.Misconfigured, hint: "the workspace does not let this app in from here; ask an admin about allowed addresses"},
	"channel_not_found":      {class: notifiers.Misconfigured, remedy: moved, hint: "check the channel; a private one must have the app as a member"},
	"not_in_channel":         {class: notifiers.Misconfigured, remedy: moved, hint: "invite the app to the channel: /invite @name-of-the-app"},
	"is_archived":            {class: notifiers.Misconfigured, remedy: moved, hint: "the channel is archived; choose another"},
	restricted:               {class: notifiers.Misconfigured, hint: "an admin of the workspace has restricted who may post there"},
	"channel_is_archived":    {class: notifiers.Misconfigured, hint: "the channel is archived; choose another"},                     // webhook
	"action_prohibited":      {class: notifiers.Misconfigured, hint: "an admin of the workspace has restricted who may post there"}, // webhook
	"no_service":             {class: notifiers.Misconfigured, hint: "the webhook was removed or switched off; make a new one"},     // webhook

	"msg_too_long":          {class: notifiers.Rejected, remedy: simpler},
	"msg_blocks_too_long":   {class: notifiers.Rejected, remedy: simpler},
	"invalid_blocks":        {class: notifiers.Rejected, remedy: simpler},
	"invalid_blocks_format": {class: notifiers.Rejected, remedy: simpler},
	"too_many_attachments":  {class: notifiers.Rejected, remedy: simpler},
	"no_text":               {class: notifiers.Rejected, remedy: simpler},
	"invalid_payload":       {class: notifiers.Rejected, remedy: simpler}, // webhook

	"message_not_found":   {class: notifiers.Rejected, remedy: gone},
	"thread_not_found":    {class: notifiers.Rejected, remedy: gone},
	"edit_window_closed":  {class: notifiers.Rejected, remedy: fixed},
	"cant_update_message": {class: notifiers.Rejected, remedy: fixed},

	"cannot_reply_to_message":                  {class: notifiers.Rejected, remedy: threadless},
	"restricted_action_non_threadable_channel": {class: notifiers.Rejected, remedy: threadless},
	"restricted_action_thread_locked":          {class: notifiers.Rejected, remedy: threadless},
}

// openHints are for apps.connections.open, which wants another token than all
// other methods.
var openHints = map[string]string{
	"invalid_auth":           "the app-level token is not valid; copy it (xapp-…) again",
	"not_authed":             "no app-level token was sent; is the file of socket_mode_token_file empty?",
	"not_allowed_token_type": "socket_mode_token must be an app-level token (xapp-…)",
	"missing_scope":          "give the app-level token the scope connections:write",
	"no_permission":          "give the app-level token the scope connections:write",
	"token_revoked":          "the app-level token was revoked; make a new one",
	"account_inactive":       "the app was removed from the workspace; install it again",
}
