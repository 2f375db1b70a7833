package config

import (
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var receiverKeys = yamldoc.Keys{
	Where: "a receiver",
	Known: []string{"name", "slack_configs", "email_configs", "webhook_configs", "alertmanager_configs", "exec_configs"},
	// What Alertmanager knows of its own is a webhook with a body here.
	Unsupported: []string{
		"discord_configs", "incidentio_configs", "jira_configs", "mattermost_configs", "msteams_configs", "msteamsv2_configs",
		"opsgenie_configs", "pagerduty_configs", "pushover_configs", "rocketchat_configs", "sns_configs", "telegram_configs",
		"victorops_configs", "webex_configs", "wechat_configs",
	},
	Instead: func(string, *yamldoc.Node) string {
		return "`webhook_configs` with a `body` speaks to other services: docs/receivers.md has recipes"
	},
}

func (r *reader) receiver(n *yamldoc.Node, c *Config) {
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
	r.each(n, "alertmanager_configs", func(v *yamldoc.Node) { out.Alertmanager = append(out.Alertmanager, r.alertmanager(v)) })
	r.each(n, "exec_configs", func(v *yamldoc.Node) { out.Exec = append(out.Exec, r.exec(v)) })
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
