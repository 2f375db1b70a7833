package config

import (
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var webhookKeys = yamldoc.Keys{
	Where: "webhook_configs",
	Known: []string{"url", "url_file", "http_config", "signing_secret", "signing_secret_file", "headers", "body", "max_alerts",
		"timeout", "send_resolved"},
	Unsupported: []string{"payload"},
	Instead: func(string, *yamldoc.Node) string {
		return "call it `body`: a tree of values whose texts may hold {{ }}"
	},
}

func (r *reader) webhook(n *yamldoc.Node) Webhook {
	n.CheckKeys(r.list, webhookKeys)
	w := Webhook{
		URL:            r.secret(n, "url", httpURL),
		HTTP:           r.http(n),
		SigningSecrets: r.secrets(n, "signing_secret"),
		Headers:        r.headers(n),
		Timeout:        r.duration(n, "timeout", 0, 0),
		SendResolved:   r.boolean(n, "send_resolved", true),
		Pos:            n.Pos,
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
	if v := n.Get("body"); v != nil {
		w.Body = r.body(v)
	}
	return w
}

// body is what is sent in place of Alertmanager's JSON.
func (r *reader) body(n *yamldoc.Node) *Value {
	v := r.value(n)
	if v.Kind == ObjectValue || v.Kind == ListValue {
		return &v
	}
	r.list.Add(diag.New(diag.WrongType, n.Pos, "`body` must be a mapping or a list").
		WithHint("write the JSON that the service wants as YAML, such as body: {text: '{{ summary }}'}"))
	return nil
}

var alertmanagerKeys = yamldoc.Keys{
	Where: "alertmanager_configs",
	Known: []string{"url", "url_file", "http_config", "timeout", "send_resolved"},
	// How Prometheus is told about its Alertmanagers.
	Unsupported: []string{"static_configs", "scheme", "path_prefix", "api_version", "basic_auth", "authorization", "tls_config"},
	Instead: func(key string, _ *yamldoc.Node) string {
		switch key {
		case "basic_auth", "authorization", "tls_config":
			return "put it under `http_config`"
		case "api_version":
			return "it is always v2"
		}
		return "give one address, such as url: http://alertmanager.example.org:9093"
	},
}

func (r *reader) alertmanager(n *yamldoc.Node) Alertmanager {
	n.CheckKeys(r.list, alertmanagerKeys)
	if !given(n, "url") {
		r.list.Errorf(diag.MissingKey, n.Pos, "an Alertmanager needs the key `url` or `url_file`")
	}
	return Alertmanager{
		URL:          r.secret(n, "url", alertmanagerURL),
		HTTP:         r.http(n),
		Timeout:      r.duration(n, "timeout", 0, 0),
		SendResolved: r.boolean(n, "send_resolved", true),
		Pos:          n.Pos,
	}
}

// alertmanagerURL wants the address that a browser would be given.
func alertmanagerURL(s string) string {
	if strings.Contains(s, "/api/v") {
		return "is the address of the Alertmanager itself, without /api/v2/alerts"
	}
	return httpURL(s)
}
