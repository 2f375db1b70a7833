package config

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// Receiver is somebody to tell, by any number of ways.
type Receiver struct {
	Name         string
	Pos          diag.Pos
	Slack        []Slack
	Email        []Email
	Webhook      []Webhook
	Alertmanager []Alertmanager
	Exec         []Exec
}

// Slack is one entry of slack_configs. Exactly one of Token and WebhookURL is
// set; Token comes with a Channel.
type Slack struct {
	Channel         string
	Token           Secret
	SocketModeToken Secret // for buttons; only with Token
	WebhookURL      Secret
	APIURL          string // "" for Slack's own
	SendResolved    bool
	Pos             diag.Pos
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
	URL  Secret // an address often holds a token
	HTTP HTTP
	// SigningSecrets sign each message, all of them at once: while a secret is
	// changed, the old and the new one. nil signs nothing.
	SigningSecrets []Secret
	MaxAlerts      int           // alerts in one message; 0 means all
	Timeout        time.Duration // of one request; 0 for the notifier's default
	Headers        []Header
	Body           *Value // in place of Alertmanager's JSON; nil for that
	SendResolved   bool
	Pos            diag.Pos
}

// Alertmanager is one entry of alertmanager_configs: an Alertmanager that takes
// the alerts over.
type Alertmanager struct {
	URL          Secret // of the Alertmanager, without /api/v2/alerts
	HTTP         HTTP
	Timeout      time.Duration // of one request; 0 for the notifier's default
	SendResolved bool
	Pos          diag.Pos
}

// Exec is one entry of exec_configs: a program that is run without a shell.
type Exec struct {
	Command      []string      // the program, and its arguments as they are
	Timeout      time.Duration // of one run; 0 for the notifier's default
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
