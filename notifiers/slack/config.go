package slack

import (
	"errors"
	"net/url"
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
	// Buttons puts buttons under messages. Somebody must listen to them: see
	// Listener.
	Buttons bool
	// APIURL is DefaultAPIURL when empty.
	APIURL string
	// Timeout of one call; 0: 15s.
	Timeout time.Duration
	// Proxy, nil for that of the environment.
	Proxy *url.URL
}

// Notifier sends to one channel.
type Notifier struct {
	cfg Config
	web
}

// New checks a configuration. It does not talk to Slack and reads no secret.
func New(cfg Config) (*Notifier, error) {
	if (cfg.Token == nil) == (cfg.WebhookURL == nil) {
		return nil, errors.New("slack: give either token (or token_file) with channel, or webhook_url (or webhook_url_file)")
	}
	if cfg.Token != nil && cfg.Channel == "" {
		return nil, errors.New(`slack: token needs channel, such as "#vm-oncall" or a channel ID`)
	}
	w, err := newWeb(cfg.APIURL, post.Options{Timeout: cfg.Timeout, Proxy: cfg.Proxy})
	if err != nil {
		return nil, err
	}
	return &Notifier{cfg: cfg, web: w}, nil
}

// Close closes idle connections. The Notifier can still be used.
func (s *Notifier) Close() error {
	s.client.CloseIdleConnections()
	return nil
}
