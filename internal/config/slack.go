package config

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var slackKeys = yamldoc.Keys{
	Where: "slack_configs",
	Known: []string{"channel", "token", "token_file", "socket_mode_token", "socket_mode_token_file",
		"webhook_url", "webhook_url_file", "api_url", "send_resolved"},
	Unsupported: append([]string{"http_config"}, slackTexts...),
	Instead: func(key string, _ *yamldoc.Node) string {
		if slices.Contains(slackTexts, key) {
			return "the message is made of the rule's `annotations`"
		}
		return ""
	},
}

// slackTexts are Alertmanager's keys for what a message looks like.
var slackTexts = []string{
	"username", "color", "title", "title_link", "pretext", "text", "fields", "short_fields", "footer", "fallback", "callback_id",
	"icon_emoji", "icon_url", "image_url", "thumb_url", "link_names", "mrkdwn_in", "actions",
}

func (r *reader) slack(n *yamldoc.Node) Slack {
	n.CheckKeys(r.list, slackKeys)
	s := Slack{
		Token:           r.secret(n, "token", nil),
		SocketModeToken: r.secret(n, "socket_mode_token", appToken),
		WebhookURL:      r.secret(n, "webhook_url", httpURL),
		SendResolved:    r.boolean(n, "send_resolved", true),
		Pos:             n.Pos,
	}
	s.Channel, _ = r.text(n, "channel")
	var ok bool
	if s.APIURL, ok = r.text(n, "api_url"); ok {
		r.slackAPI(n.Get("api_url"))
	}
	token, hook := given(n, "token"), given(n, "webhook_url")
	switch {
	case token && hook:
		r.list.Add(diag.New(diag.KeyCombination, n.Pos, "both a token and a webhook_url are given").
			WithHint("keep the token: with it a message is edited when the alert resolves"))
	case !token && !hook:
		r.list.Add(diag.New(diag.MissingSecret, n.Pos, "a Slack receiver needs a token or a webhook_url").
			WithHint("add `token_file:` with the bot token (xoxb-…), or `webhook_url_file:`"))
	case token && n.Get("channel") == nil:
		r.list.Add(diag.New(diag.MissingKey, n.Pos, "a Slack receiver with a token needs the key `channel`").
			WithHint("such as `channel: '#vm-oncall'`"))
	case hook:
		for _, key := range []string{"channel", "api_url", "socket_mode_token", "socket_mode_token_file"} {
			if k := n.Key(key); k != nil {
				r.list.Errorf(diag.NoEffect, k.Pos, "`%s` does nothing with a webhook_url, which belongs to one channel", key)
			}
		}
	}
	return s
}

// appToken tells the two kinds of Slack's tokens apart, which are easily mixed up.
func appToken(s string) string {
	if strings.HasPrefix(s, "xoxb-") || strings.HasPrefix(s, "xoxp-") {
		return "is the token of a bot; Socket Mode wants that of the app (xapp-…)"
	}
	return ""
}

// slackAPI checks api_url, which in an Alertmanager is the incoming webhook.
func (r *reader) slackAPI(n *yamldoc.Node) {
	switch problem := httpURL(n.Value); {
	case problem != "":
		r.list.Errorf(diag.BadAddress, n.Pos, "`api_url` %s", problem)
	case strings.Contains(n.Value, "://hooks.slack.com/"):
		r.list.Add(diag.New(diag.BadAddress, n.Pos, "`api_url` is an incoming webhook").WithHint("call the key `webhook_url`"))
	}
}
