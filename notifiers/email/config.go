package email

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/notifiers/story"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

// Config is an entry of email_configs.
type Config struct {
	To        []string // addresses, with or without a display name
	From      string   // the same; "" for qmpalert at Hello
	Smarthost string   // host:port
	Hello     string   // name for EHLO; "" for the host's own
	Headers   []Header // further ones, in this order

	// Password, where it is not nil, logs in as Username ("" for the address of
	// From). It is called at each use, so that a changed file counts at once.
	Username string
	Password func() (string, error)

	// PlainAllowed is require_tls: false: a server that does not offer STARTTLS
	// is used all the same.
	PlainAllowed bool
	TLS          tlsopt.Options

	// Timeout of one mail from connecting to the last answer; 0: 30s.
	Timeout time.Duration
}

// Header is one header of a mail.
type Header struct{ Name, Value string }

// Notifier sends to one list of addresses.
type Notifier struct {
	cfg        Config
	host, port string
	implicit   bool // TLS from the first byte
	from       *mail.Address
	to         []*mail.Address
	now        func() time.Time
}

// implicitTLS is the port of SMTP over TLS (RFC 8314).
const implicitTLS = "465"

// New checks a configuration. It does not connect and reads no secret, but
// reads the files of TLS.
func New(cfg Config) (*Notifier, error) {
	n := &Notifier{cfg: cfg, now: time.Now}
	var err error
	if n.host, n.port, err = net.SplitHostPort(cfg.Smarthost); err != nil || n.host == "" || n.port == "" {
		return nil, fmt.Errorf("email: smarthost %q is not host:port, such as mail.example.org:587", cfg.Smarthost)
	}
	n.implicit = n.port == implicitTLS
	if n.cfg.Hello == "" {
		if n.cfg.Hello, err = os.Hostname(); err != nil {
			n.cfg.Hello = "localhost"
		}
	}
	if !helloForm.MatchString(n.cfg.Hello) {
		return nil, fmt.Errorf("email: hello %q is not a host name", n.cfg.Hello)
	}
	if cfg.From == "" {
		cfg.From = "qmpalert@" + n.cfg.Hello
	}
	if n.from, err = address("from", cfg.From); err != nil {
		return nil, err
	}
	if len(cfg.To) == 0 {
		return nil, errors.New("email: to names no address")
	}
	for _, to := range cfg.To {
		a, err := address("to", to)
		if err != nil {
			return nil, err
		}
		n.to = append(n.to, a)
	}
	if err := checkHeaders(cfg.Headers); err != nil {
		return nil, err
	}
	if cfg.Username != "" && cfg.Password == nil {
		return nil, errors.New("email: auth_username without auth_password or auth_password_file")
	}
	if cfg.Username == "" && cfg.Password != nil {
		n.cfg.Username = n.from.Address
	}
	if _, err := cfg.TLS.Config(); err != nil {
		return nil, fmt.Errorf("email: tls_config: %w", err)
	}
	if n.cfg.Timeout <= 0 {
		n.cfg.Timeout = 30 * time.Second
	}
	return n, nil
}

func address(key, s string) (*mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || strings.ContainsFunc(s, story.Unsafe) {
		return nil, fmt.Errorf("email: %s: %q is not a mail address", key, s)
	}
	return a, nil
}

var (
	helloForm  = regexp.MustCompile(`^[A-Za-z0-9._:\[\]-]{1,255}$`)
	headerForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,75}$`)
)

// taken are the headers that the mail itself is made of.
var taken = []string{
	"auto-submitted", "bcc", "cc", "content-transfer-encoding", "content-type", "date", "from", "in-reply-to",
	"message-id", "mime-version", "references", "subject", "to",
}

func checkHeaders(headers []Header) error {
	for _, h := range headers {
		switch {
		case !headerForm.MatchString(h.Name):
			return fmt.Errorf("email: headers: %q is not the name of a header", h.Name)
		case slices.Contains(taken, strings.ToLower(h.Name)):
			return fmt.Errorf("email: headers: %s is set by qmpalert itself", h.Name)
		case strings.ContainsFunc(h.Value, story.Unsafe):
			return fmt.Errorf("email: headers: the value of %s has control characters", h.Name)
		}
	}
	return nil
}
