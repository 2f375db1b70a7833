package config

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// Config is a configuration file that was found good. Paths in it are relative
// to the working directory: those of the file were joined to its directory.
type Config struct {
	// File is the name the configuration was read from.
	File string
	// Host is the name of this host in events; "" means the system's.
	Host string
	// ExternalURL is where people reach this qmpalert; "" when nowhere.
	ExternalURL string
	// Sources are where events come from; nil when the key is absent.
	Sources []Source
	// RuleFiles are files, directories and globs; nil when the key is absent.
	RuleFiles []string
	Route     Route
	// Receivers have unique names.
	Receivers []Receiver
}

// Source is one entry of sources.
type Source struct {
	// QMP is the path of a unix socket, a glob of such paths, or
	// tcp://host:port.
	QMP string
	// VMName is text in which {{ file }} stands for the name of the socket
	// file; "" means as QEMU says.
	VMName string
	Pos    diag.Pos
}

// Route says who is told.
type Route struct {
	// Receiver is told of every alert whose rule names no other; "" when the
	// file has no receivers.
	Receiver string
	Pos      diag.Pos // of the name, else of what comes nearest
}

// Receiver is somebody to tell, by any number of ways.
type Receiver struct {
	Name    string
	Pos     diag.Pos
	Slack   []Slack
	Email   []Email
	Webhook []Webhook
}

// Slack is one entry of slack_configs. Exactly one of Token and WebhookURL is
// set; Token comes with a Channel.
type Slack struct {
	Channel      string
	Token        Secret
	WebhookURL   Secret
	APIURL       string // "" for Slack's own
	SendResolved bool
	Pos          diag.Pos
}

// Email is one entry of email_configs.
type Email struct {
	To           []string // addresses, at least one, as in RFC 5322
	From         string   // "" for qmpalert at Hello
	Smarthost    string   // host:port
	Hello        string   // "" for the system's host name
	AuthUsername string   // only with AuthPassword; "" for the address of From
	AuthPassword Secret
	RequireTLS   bool
	TLS          TLS
	Headers      []Header
	SendResolved bool
	Pos          diag.Pos
}

// Webhook is one entry of webhook_configs.
type Webhook struct {
	URL          Secret // an address often holds a token
	HTTP         HTTP
	MaxAlerts    int           // alerts in one message; 0 means all
	Timeout      time.Duration // of one request; 0 for the notifier's default
	Headers      []Header
	SendResolved bool
	Pos          diag.Pos
}

// HTTP is http_config. At most one of Credentials and BasicAuth is set.
type HTTP struct {
	Credentials Secret // sent as "Authorization: Bearer …"
	BasicAuth   BasicAuth
	TLS         TLS
}

// BasicAuth is a user with a password; Username is "" when there is none.
type BasicAuth struct {
	Username string
	Password Secret
}

// TLS is tls_config; its zero value is the system's roots.
type TLS struct {
	CAFile             string
	CertFile, KeyFile  string // both or neither
	ServerName         string
	InsecureSkipVerify bool
}

// Header is a header of a message, in the order of the file.
type Header struct{ Name, Value string }

// ReceiverNames lists the receivers in the order of the file.
func (c *Config) ReceiverNames() []string {
	names := make([]string, len(c.Receivers))
	for i := range c.Receivers {
		names[i] = c.Receivers[i].Name
	}
	return names
}

// Receiver returns the receiver of that name, nil if there is none.
func (c *Config) Receiver(name string) *Receiver {
	for i := range c.Receivers {
		if c.Receivers[i].Name == name {
			return &c.Receivers[i]
		}
	}
	return nil
}
