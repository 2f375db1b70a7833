package daemon

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"time"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/alertmanager"
	"github.com/qmpalert/qmpalert/notifiers/body"
	"github.com/qmpalert/qmpalert/notifiers/console"
	"github.com/qmpalert/qmpalert/notifiers/email"
	"github.com/qmpalert/qmpalert/notifiers/exec"
	"github.com/qmpalert/qmpalert/notifiers/post"
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
// a daemon; terminal is where the receiver console prints.
func Endpoints(cfg *config.Config, terminal io.Writer) ([]deliver.Endpoint, diag.List) {
	var m receiverMemory
	return m.endpoints(cfg, Options{Console: terminal})
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
		b.add(r, "console", 0, consoleName, r.Pos, deliver.Endpoint{SendResolved: true, Whole: true}, func() (notifiers.Notifier, error) {
			return console.New(o.Console, console.Options{Color: o.Color}), nil
		})
	}
	for i, c := range r.Slack {
		e := deliver.Endpoint{SendResolved: c.SendResolved, Edits: c.Token.IsSet(), Limit: slackLimit(&c)}
		b.add(r, "slack", i, c, c.Pos, e, func() (notifiers.Notifier, error) { return slack.New(slackConfig(c)) })
	}
	for i, c := range r.Email {
		e := deliver.Endpoint{SendResolved: c.SendResolved}
		b.add(r, "email", i, c, c.Pos, e, func() (notifiers.Notifier, error) { return email.New(emailConfig(c)) })
	}
	for i, c := range r.Webhook {
		// A body of one's own is for people, Alertmanager's JSON for programs, which
		// want every alert.
		e := deliver.Endpoint{SendResolved: c.SendResolved, Whole: c.Body == nil, Timeout: tryTime(c.Timeout)}
		b.add(r, "webhook", i, c, c.Pos, e, func() (notifiers.Notifier, error) { return b.webhook(c) })
	}
	for i, c := range r.Alertmanager {
		e := deliver.Endpoint{SendResolved: c.SendResolved, Resend: alertmanager.ResendInterval, Timeout: tryTime(c.Timeout)}
		b.add(r, "alertmanager", i, c, c.Pos, e, func() (notifiers.Notifier, error) {
			return alertmanager.New(alertmanagerConfig(c), time.Now)
		})
	}
	for i, c := range r.Exec {
		e := deliver.Endpoint{SendResolved: c.SendResolved, Whole: true, Timeout: tryTime(c.Timeout)}
		b.add(r, "exec", i, c, c.Pos, e, func() (notifiers.Notifier, error) {
			return exec.New(exec.Config{Command: c.Command, Timeout: c.Timeout})
		})
	}
}

// tryTime bounds one try of a notifier that bounds it by itself at the time that
// the configuration says: it comes first, and says what happened. 0 is none.
func tryTime(configured time.Duration) time.Duration {
	if configured == 0 {
		return 0
	}
	return configured + 5*time.Second
}

// add makes an endpoint; e says what is known of it already.
func (b *endpointBuilder) add(r *config.Receiver, kind string, i int, cfg any, pos diag.Pos, e deliver.Endpoint, make func() (notifiers.Notifier, error)) {
	e.Receiver, e.Name = r.Name, kind
	if i > 0 {
		e.Name += " " + strconv.Itoa(i+1)
	}
	id := fmt.Sprintf("%q %s", r.Name, e.Name)
	made, ok := b.before[id]
	if !ok || !reflect.DeepEqual(made.cfg, cfg) {
		n, err := make()
		switch {
		case errors.Is(err, errReported):
			return
		case err != nil:
			b.found.Errorf(diag.BadAddress, pos, "receiver %q: %v", r.Name, err)
			return
		}
		made = madeNotifier{cfg: cfg, notifier: n}
	}
	b.now[id] = made
	e.Notifier = made.notifier
	if w, ok := made.notifier.(interface{ Whole() bool }); ok {
		e.Whole = e.Whole || w.Whole()
	}
	b.out = append(b.out, e)
}

// errReported says that the findings say it already.
var errReported = errors.New("reported")

func (b *endpointBuilder) webhook(c config.Webhook) (notifiers.Notifier, error) {
	out := webhookConfig(c)
	if c.Body != nil {
		if out.Body = body.Compile(c.Body, &b.found); out.Body == nil {
			return nil, errReported
		}
	}
	return webhook.New(out, nil)
}

// Slack takes one message a second in a channel, and some more at once
// (https://docs.slack.dev/apis/web-api/rate-limits).
const (
	slackEvery = time.Second
	slackBurst = 5
)

// slackLimit is shared by all endpoints of a channel: what they have in common
// is where their token comes from.
func slackLimit(c *config.Slack) deliver.Limit {
	return deliver.Limit{Key: "slack " + c.Token.Key() + c.WebhookURL.Key() + " " + c.Channel, Every: slackEvery, Burst: slackBurst}
}

func slackConfig(c config.Slack) slack.Config {
	return slack.Config{Token: secret(c.Token), Channel: c.Channel, WebhookURL: secret(c.WebhookURL), APIURL: c.APIURL,
		Buttons: c.SocketModeToken.IsSet()}
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
		URL: secret(c.URL), Auth: auth(c.HTTP), TLS: tlsConfig(c.HTTP.TLS), MaxAlerts: c.MaxAlerts, Timeout: c.Timeout,
	}
	for _, h := range c.Headers {
		out.Headers = append(out.Headers, webhook.Header(h))
	}
	for _, k := range c.SigningSecrets {
		out.SigningSecrets = append(out.SigningSecrets, k.Read)
	}
	return out
}

func alertmanagerConfig(c config.Alertmanager) alertmanager.Config {
	return alertmanager.Config{URL: secret(c.URL), Auth: auth(c.HTTP), TLS: tlsConfig(c.HTTP.TLS), Timeout: c.Timeout}
}

func auth(c config.HTTP) post.Auth {
	return post.Auth{
		Credentials: secret(c.Credentials),
		Username:    c.BasicAuth.Username, Password: secret(c.BasicAuth.Password),
	}
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
