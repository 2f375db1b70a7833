package alertmanager

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/qmpalert/qmpalert/notifiers/post"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

// ResendInterval is how often alerts that fire are to be sent again. It is
// Prometheus' own default (--rules.alert.resend-delay).
const ResendInterval = time.Minute

// lifetime is how long an Alertmanager believes in an alert that it hears no
// more of: three lost messages do no harm. Prometheus uses the same factor.
const lifetime = 4 * ResendInterval

// Config is an entry of alertmanager_configs. Secrets are functions, called at
// each use, so that a changed file counts at once.
type Config struct {
	// URL is where the Alertmanager is, with its --web.route-prefix if it has one:
	// http://127.0.0.1:9093. Whether it ends in /api/v2/alerts does not matter.
	URL func() (string, error)

	Auth    post.Auth
	TLS     tlsopt.Options // its files are read by New
	Timeout time.Duration  // of one request; 0: 15s
	Proxy   *url.URL       // nil for that of the environment
}

// Notifier sends to one Alertmanager.
type Notifier struct {
	cfg    Config
	client *http.Client
	now    func() time.Time
}

// New checks a configuration. It does not connect and reads no secret, but
// reads the files of TLS. now is the clock that the ends of alerts are counted
// from; nil is time.Now.
func New(cfg Config, now func() time.Time) (*Notifier, error) {
	if cfg.URL == nil {
		return nil, errors.New("alertmanager: url or url_file is missing")
	}
	if err := cfg.Auth.Check(); err != nil {
		return nil, fmt.Errorf("alertmanager: %w", err)
	}
	tlsConfig, err := cfg.TLS.Config()
	if err != nil {
		return nil, fmt.Errorf("alertmanager: tls_config: %w", err)
	}
	if now == nil {
		now = time.Now
	}
	client := post.NewClient(post.Options{Timeout: cfg.Timeout, TLS: tlsConfig, Proxy: cfg.Proxy})
	return &Notifier{cfg: cfg, client: client, now: now}, nil
}

// Close closes idle connections. The Notifier can still be used.
func (a *Notifier) Close() error {
	a.client.CloseIdleConnections()
	return nil
}
