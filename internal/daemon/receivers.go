package daemon

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/console"
	"github.com/qmpalert/qmpalert/notifiers/email"
	"github.com/qmpalert/qmpalert/notifiers/slack"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
	"github.com/qmpalert/qmpalert/notifiers/webhook"
)

// consoleName is the receiver of a daemon without configuration.
const consoleName = "console"

// receiverMemory holds the notifiers that were made last, by endpoint: one
// whose configuration is the same is not made again, so that its connections
// live through a reload.
type receiverMemory map[string]madeNotifier

type madeNotifier struct {
	cfg      any
	notifier notifiers.Notifier
}

// Endpoints makes the endpoints of a configuration, for those who send without
// a daemon.
func Endpoints(cfg *config.Config) ([]deliver.Endpoint, diag.List) {
	var m receiverMemory
	return m.endpoints(cfg, Options{})
}

// endpoints makes the endpoints that a configuration names. Nothing is
// connected to.
func (m *receiverMemory) endpoints(cfg *config.Config, o Options) ([]deliver.Endpoint, diag.List) {
	b := endpointBuilder{before: *m, now: receiverMemory{}}
	for i := range cfg.Receivers {
		b.receiver(&cfg.Receivers[i], o)
	}
	if b.found.HasErrors() {
		return nil, b.found
	}
	*m = b.now
	return b.out, b.found
}

type endpointBuilder struct {
	before, now receiverMemory
	out         []deliver.Endpoint
	found       diag.List
}

func (b *endpointBuilder) receiver(r *config.Receiver, o Options) {
	if r.Name == consoleName && o.Console != nil {
		b.add(r, "console", 0, true, consoleName, r.Pos, func() (notifiers.Notifier, error) {
			return console.New(o.Console, console.Options{Color: o.Color}), nil
		})
	}
	for i, c := range r.Slack {
		b.add(r, "slack", i, c.SendResolved, c, c.Pos, func() (notifiers.Notifier, error) { return slack.New(slackConfig(c)) })
	}
	for i, c := range r.Email {
		b.add(r, "email", i, c.SendResolved, c, c.Pos, func() (notifiers.Notifier, error) { return email.New(emailConfig(c)) })
	}
	for i, c := range r.Webhook {
		b.add(r, "webhook", i, c.SendResolved, c, c.Pos, func() (notifiers.Notifier, error) { return webhook.New(webhookConfig(c), nil) })
	}
}

func (b *endpointBuilder) add(r *config.Receiver, kind string, i int, resolved bool, cfg any, pos diag.Pos, make func() (notifiers.Notifier, error)) {
	name := kind
	if i > 0 {
		name += " " + strconv.Itoa(i+1)
	}
	id := fmt.Sprintf("%q %s", r.Name, name)
	made, ok := b.before[id]
	if !ok || !reflect.DeepEqual(made.cfg, cfg) {
		n, err := make()
		if err != nil {
			b.found.Errorf(diag.BadAddress, pos, "receiver %q: %v", r.Name, err)
			return
		}
		made = madeNotifier{cfg: cfg, notifier: n}
	}
	b.now[id] = made
	b.out = append(b.out, deliver.Endpoint{Receiver: r.Name, Name: name, SendResolved: resolved, Notifier: made.notifier})
}

func slackConfig(c config.Slack) slack.Config {
	return slack.Config{Token: secret(c.Token), Channel: c.Channel, WebhookURL: secret(c.WebhookURL), APIURL: c.APIURL}
}

func emailConfig(c config.Email) email.Config {
	out := email.Config{
		To: c.To, From: c.From, Smarthost: c.Smarthost, Hello: c.Hello,
		Username: c.AuthUsername, Password: secret(c.AuthPassword),
		PlainAllowed: !c.RequireTLS, TLS: tlsConfig(c.TLS),
	}
	for _, h := range c.Headers {
		out.Headers = append(out.Headers, email.Header(h))
	}
	return out
}

func webhookConfig(c config.Webhook) webhook.Config {
	out := webhook.Config{
		URL: secret(c.URL), Credentials: secret(c.HTTP.Credentials),
		Username: c.HTTP.BasicAuth.Username, Password: secret(c.HTTP.BasicAuth.Password),
		TLS: tlsConfig(c.HTTP.TLS), MaxAlerts: c.MaxAlerts, Timeout: c.Timeout,
	}
	for _, h := range c.Headers {
		out.Headers = append(out.Headers, webhook.Header(h))
	}
	return out
}

func tlsConfig(c config.TLS) tlsopt.Options {
	return tlsopt.Options{
		CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile,
		ServerName: c.ServerName, InsecureSkipVerify: c.InsecureSkipVerify,
	}
}

// secret returns the reader of a secret, nil when there is none.
func secret(s config.Secret) func() (string, error) {
	if !s.IsSet() {
		return nil
	}
	return s.Read
}
