package config

import (
	"net"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var receiverKeys = yamldoc.Keys{
	Where:       "a receiver",
	Known:       []string{"name", "slack_configs", "email_configs", "webhook_configs"},
	Unsupported: []string{"alertmanager_configs", "exec_configs"},
}

func (r *reader) receiver(n *yamldoc.Node, c *Config) {
	if !n.AsMapping(r.list) {
		return
	}
	n.CheckKeys(r.list, receiverKeys)
	out := Receiver{Pos: n.Pos}
	if name, ok := r.required(n, "a receiver", "name"); ok {
		out.Name, out.Pos = name, n.Get("name").Pos
		if first := c.Receiver(name); first != nil {
			r.list.Add(diag.New(diag.DuplicateReceiver, out.Pos, "there is a receiver `%s` already", name).
				WithHint("put both into one receiver, or rename one").WithRelated(first.Pos, "first here"))
			return
		}
	}
	r.each(n, "slack_configs", func(v *yamldoc.Node) { out.Slack = append(out.Slack, r.slack(v)) })
	r.each(n, "email_configs", func(v *yamldoc.Node) { out.Email = append(out.Email, r.email(v)) })
	r.each(n, "webhook_configs", func(v *yamldoc.Node) { out.Webhook = append(out.Webhook, r.webhook(v)) })
	if out.Name != "" {
		c.Receivers = append(c.Receivers, out)
	}
}

// each calls f for every mapping in the list under key.
func (r *reader) each(n *yamldoc.Node, key string, f func(*yamldoc.Node)) {
	v := n.Get(key)
	if v == nil {
		return
	}
	items, _ := v.AsSequence(r.list)
	for _, item := range items {
		if item.AsMapping(r.list) {
			f(item)
		}
	}
}

var slackKeys = yamldoc.Keys{
	Where:       "slack_configs",
	Known:       []string{"channel", "token", "token_file", "webhook_url", "webhook_url_file", "api_url", "send_resolved"},
	Unsupported: []string{"socket_mode_token", "socket_mode_token_file", "http_config"},
}

func (r *reader) slack(n *yamldoc.Node) Slack {
	n.CheckKeys(r.list, slackKeys)
	s := Slack{
		Token:        r.secret(n, "token", nil),
		WebhookURL:   r.secret(n, "webhook_url", httpURL),
		SendResolved: r.boolean(n, "send_resolved", true),
		Pos:          n.Pos,
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
		for _, key := range []string{"channel", "api_url"} {
			if k := n.Key(key); k != nil {
				r.list.Errorf(diag.NoEffect, k.Pos, "`%s` does nothing with a webhook_url, which belongs to one channel", key)
			}
		}
	}
	return s
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

var emailKeys = yamldoc.Keys{
	Where: "email_configs",
	Known: []string{"to", "from", "smarthost", "hello", "auth_username", "auth_password", "auth_password_file",
		"require_tls", "tls_config", "headers", "send_resolved"},
	Unsupported: []string{"auth_secret", "auth_secret_file", "auth_identity", "force_implicit_tls", "html", "text", "threading"},
}

func (r *reader) email(n *yamldoc.Node) Email {
	n.CheckKeys(r.list, emailKeys)
	e := Email{
		Hello:        r.name(n, "hello"),
		AuthPassword: r.secret(n, "auth_password", nil),
		RequireTLS:   r.boolean(n, "require_tls", true),
		TLS:          r.tls(n),
		Headers:      r.headers(n),
		SendResolved: r.boolean(n, "send_resolved", true),
		Pos:          n.Pos,
	}
	if v := n.Require(r.list, "an e-mail receiver", "to"); v != nil {
		e.To = r.addresses(v)
	}
	if v := n.Get("from"); v != nil {
		switch from := r.addresses(v); {
		case len(from) == 1:
			e.From = from[0]
		case len(from) > 1:
			r.list.Errorf(diag.BadAddress, v.Pos, "`from` must be one address")
		}
	}
	if s, ok := r.required(n, "an e-mail receiver", "smarthost"); ok {
		e.Smarthost = s
		if !hostPort(s) {
			r.list.Add(diag.New(diag.BadAddress, n.Get("smarthost").Pos, "`smarthost` is not a host with a port").
				WithHint("write it as 'mail.example.org:587'"))
		}
	}
	e.AuthUsername, _ = r.text(n, "auth_username")
	if k := n.Key("auth_username"); k != nil && !given(n, "auth_password") {
		r.list.Errorf(diag.KeyCombination, k.Pos, "`auth_username` needs `auth_password` or `auth_password_file`")
	}
	return e
}

func hostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	number, portErr := strconv.ParseUint(port, 10, 16)
	return err == nil && portErr == nil && host != "" && number > 0
}

var webhookKeys = yamldoc.Keys{
	Where:       "webhook_configs",
	Known:       []string{"url", "url_file", "http_config", "max_alerts", "timeout", "headers", "send_resolved"},
	Unsupported: []string{"signing_secret", "signing_secret_file", "body", "payload"},
}

func (r *reader) webhook(n *yamldoc.Node) Webhook {
	n.CheckKeys(r.list, webhookKeys)
	w := Webhook{
		URL:          r.secret(n, "url", httpURL),
		Headers:      r.headers(n),
		SendResolved: r.boolean(n, "send_resolved", true),
		Pos:          n.Pos,
	}
	if !given(n, "url") {
		r.list.Errorf(diag.MissingKey, n.Pos, "a webhook receiver needs the key `url` or `url_file`")
	}
	if v := n.Get("max_alerts"); v != nil {
		var ok bool
		if w.MaxAlerts, ok = v.AsInt(r.list); ok && w.MaxAlerts < 0 {
			r.list.Errorf(diag.BadValue, v.Pos, "`max_alerts` is negative")
		}
	}
	if v := n.Get("timeout"); v != nil {
		w.Timeout, _ = v.AsDuration(r.list)
	}
	if v := n.Get("http_config"); v != nil && v.AsMapping(r.list) {
		w.HTTP = r.http(v)
	}
	return w
}

var (
	httpKeys = yamldoc.Keys{
		Where: "http_config",
		Known: []string{"authorization", "basic_auth", "tls_config"},
		Unsupported: []string{"oauth2", "proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header",
			"follow_redirects", "enable_http2", "bearer_token", "bearer_token_file", "http_headers"},
	}
	authorizationKeys = yamldoc.Keys{
		Where:       "authorization",
		Known:       []string{"credentials", "credentials_file"},
		Unsupported: []string{"type", "credentials_ref"},
	}
	basicAuthKeys = yamldoc.Keys{
		Where:       "basic_auth",
		Known:       []string{"username", "password", "password_file"},
		Unsupported: []string{"username_file", "username_ref", "password_ref"},
	}
)

func (r *reader) http(n *yamldoc.Node) HTTP {
	n.CheckKeys(r.list, httpKeys)
	h := HTTP{TLS: r.tls(n)}
	if v := n.Get("authorization"); v != nil && v.AsMapping(r.list) {
		v.CheckKeys(r.list, authorizationKeys)
		h.Credentials = r.secret(v, "credentials", nil)
		if !given(v, "credentials") {
			r.list.Errorf(diag.MissingSecret, v.Pos, "authorization needs the key `credentials` or `credentials_file`")
		}
	}
	if v := n.Get("basic_auth"); v != nil && v.AsMapping(r.list) {
		v.CheckKeys(r.list, basicAuthKeys)
		h.BasicAuth.Username, _ = r.required(v, "basic_auth", "username")
		h.BasicAuth.Password = r.secret(v, "password", nil)
		if !given(v, "password") {
			r.list.Errorf(diag.MissingSecret, v.Pos, "basic_auth needs the key `password` or `password_file`")
		}
	}
	if n.Get("authorization") != nil && n.Get("basic_auth") != nil {
		r.list.Errorf(diag.KeyCombination, n.Key("basic_auth").Pos, "`authorization` and `basic_auth` exclude each other")
	}
	return h
}
