package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers/post"
	"github.com/qmpalert/qmpalert/notifiers/story"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

// Config is an entry of webhook_configs. Secrets are functions, called at each
// use, so that a changed file counts at once.
type Config struct {
	URL     func() (string, error) // http or https; a secret
	Headers []Header               // further ones

	// Credentials, if not nil, are sent as "Authorization: Bearer …"; Username
	// and Password, if not empty, as basic authentication. Not both.
	Credentials func() (string, error)
	Username    string
	Password    func() (string, error)

	TLS       tlsopt.Options // its files are read by New
	MaxAlerts int            // in one message; 0: all
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
	if cfg.Credentials != nil && cfg.Username != "" {
		return nil, errors.New("webhook: authorization and basic_auth exclude each other")
	}
	if cfg.Username != "" && cfg.Password == nil {
		return nil, errors.New("webhook: basic_auth without password or password_file")
	}
	if err := checkHeaders(cfg.Headers); err != nil {
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

// Close closes idle connections. The Notifier can still be used.
func (w *Notifier) Close() error {
	w.client.CloseIdleConnections()
	return nil
}

var headerForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,75}$`)

// taken are the headers that the message is made of, and those of HTTP itself.
var taken = []string{
	"connection", "content-encoding", "content-length", "content-type", "host", "idempotency-key", "te", "trailer",
	"transfer-encoding", "upgrade", "webhook-id", "webhook-signature", "webhook-timestamp",
}

func checkHeaders(headers []Header) error {
	for _, h := range headers {
		switch {
		case !headerForm.MatchString(h.Name):
			return fmt.Errorf("webhook: headers: %q is not the name of a header", h.Name)
		case slices.Contains(taken, strings.ToLower(h.Name)):
			return fmt.Errorf("webhook: headers: %s is set by qmpalert itself", h.Name)
		case strings.ContainsFunc(h.Value, story.Unsafe):
			return fmt.Errorf("webhook: headers: the value of %s has control characters", h.Name)
		}
	}
	return nil
}
