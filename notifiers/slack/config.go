package slack

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers/post"
)

// DefaultAPIURL is where Slack's Web API is.
const DefaultAPIURL = "https://slack.com/api/"

// Config is an entry of slack_configs. Secrets are functions, called at each
// use, so that a changed file counts at once.
type Config struct {
	// Token returns the bot token, Channel is a name ("#vm-oncall") or, better,
	// an ID. Both, or WebhookURL.
	Token   func() (string, error)
	Channel string
	// WebhookURL returns the address of an incoming webhook, which is a secret.
	WebhookURL func() (string, error)
	// APIURL is DefaultAPIURL when empty.
	APIURL string
	// Timeout of one call; 0: 15s.
	Timeout time.Duration
	// Proxy, nil for that of the environment.
	Proxy *url.URL
}

// Notifier sends to one channel.
type Notifier struct {
	cfg    Config
	client *http.Client
	now    func() time.Time
}

// New checks a configuration. It does not talk to Slack and reads no secret.
func New(cfg Config) (*Notifier, error) {
	if (cfg.Token == nil) == (cfg.WebhookURL == nil) {
		return nil, errors.New("slack: give either token (or token_file) with channel, or webhook_url (or webhook_url_file)")
	}
	if cfg.Token != nil && cfg.Channel == "" {
		return nil, errors.New(`slack: token needs channel, such as "#vm-oncall" or a channel ID`)
	}
	if cfg.APIURL == "" {
		cfg.APIURL = DefaultAPIURL
	}
	u, err := url.Parse(cfg.APIURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("slack: api_url is not an http or https address")
	}
	if !strings.HasSuffix(cfg.APIURL, "/") {
		cfg.APIURL += "/" // slack-go appends the method to it
	}
	client := post.NewClient(post.Options{Timeout: cfg.Timeout, Proxy: cfg.Proxy})
	return &Notifier{cfg: cfg, client: client, now: time.Now}, nil
}

// Close closes idle connections. The Notifier can still be used.
func (s *Notifier) Close() error {
	s.client.CloseIdleConnections()
	return nil
}
