package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/qmpalert/qmpalert/notifiers/body"
	"github.com/qmpalert/qmpalert/notifiers/post"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

// Config is an entry of webhook_configs. Secrets are functions, called at each
// use, so that a changed file counts at once.
type Config struct {
	URL     func() (string, error) // http or https; a secret
	Headers []Header               // further ones; their values may be secrets

	// SigningSecrets sign each message, all of them: see doc.go.
	SigningSecrets []func() (string, error)
	// Body makes the JSON; nil for Alertmanager's.
	Body *body.Body

	Auth      post.Auth
	TLS       tlsopt.Options // its files are read by New
	MaxAlerts int            // in one message; 0: all, of a Body 100
	Timeout   time.Duration  // of one request; 0: 15s
	Proxy     *url.URL       // nil for that of the environment
}

// Header is one header of the request.
type Header struct{ Name, Value string }

// Notifier posts to one address.
type Notifier struct {
	cfg    Config
	client *http.Client
	now    func() time.Time
}

// New checks a configuration. It does not connect and reads no secret, but
// reads the files of TLS. now is for webhook-timestamp and for dates in
// Retry-After; nil is time.Now.
func New(cfg Config, now func() time.Time) (*Notifier, error) {
	if cfg.URL == nil {
		return nil, errors.New("webhook: url or url_file is missing")
	}
	if err := cfg.Auth.Check(); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	if err := checkHeaders(&cfg); err != nil {
		return nil, err
	}
	tlsConfig, err := cfg.TLS.Config()
	if err != nil {
		return nil, fmt.Errorf("webhook: tls_config: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	client := post.NewClient(post.Options{Timeout: cfg.Timeout, TLS: tlsConfig, Proxy: cfg.Proxy})
	return &Notifier{cfg: cfg, client: client, now: now}, nil
}

// Whole reports whether the far end must get every message by itself, none in
// the name of others: programs that read Alertmanager's JSON, and services that
// keep something for each group.
func (w *Notifier) Whole() bool { return w.cfg.Body == nil || w.cfg.Body.Keyed() }

// Close closes idle connections. The Notifier can still be used.
func (w *Notifier) Close() error {
	w.client.CloseIdleConnections()
	return nil
}
