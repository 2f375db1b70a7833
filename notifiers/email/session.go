package email

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"github.com/qmpalert/qmpalert/notifiers"
)

// session is a connection that is ready for a mail: encrypted as the
// configuration wants it, and logged in.
type session struct {
	c    *smtp.Client
	conn net.Conn
	stop func() bool

	user, password string // once they were sent
}

type writerTo interface {
	WriteTo(w io.Writer) (int64, error)
}

// connect dials, greets, encrypts and logs in. Its errors name the stage.
func (n *Notifier) connect(ctx context.Context) (*session, error) {
	tlsConfig, err := n.tlsConfig()
	if err != nil {
		return nil, failed("tls_config", notifiers.Misconfigured, err)
	}
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(n.host, n.port))
	if err != nil {
		return nil, classify("connect", "", err)
	}
	// smtp.Client knows no context: the end of ctx ends the connection instead.
	s := &session{conn: raw, stop: context.AfterFunc(ctx, func() { raw.Close() })}
	if err := n.open(s, tlsConfig); err != nil {
		s.abort()
		if ctx.Err() != nil {
			return nil, classify("connect", "", ctx.Err())
		}
		return nil, s.hide(err)
	}
	return s, nil
}

func (n *Notifier) open(s *session, tlsConfig *tls.Config) error {
	var conn net.Conn = &limited{Conn: s.conn, left: maxAnswers}
	if n.implicit {
		conn = tls.Client(conn, tlsConfig)
	}
	var err error
	if s.c, err = smtp.NewClient(conn, n.host); err != nil {
		return classify("greeting", "", err)
	}
	s.c.SkipSMTPUTF8(ascii(n.from.Address) && n.asciiTo())
	if err := s.c.Hello(n.cfg.Hello); err != nil {
		return classify("EHLO", "", err)
	}
	if err := n.encrypt(s, tlsConfig); err != nil {
		return err
	}
	return n.login(s)
}

// encrypt makes the connection a TLS one. A server that offers STARTTLS and then
// cannot do it gets nothing, also where plain is allowed.
func (n *Notifier) encrypt(s *session, tlsConfig *tls.Config) error {
	if n.implicit {
		return nil
	}
	if offered, _ := s.c.Extension("STARTTLS"); !offered {
		if n.cfg.PlainAllowed {
			return nil
		}
		return failed("STARTTLS", notifiers.Misconfigured,
			errors.New("the server does not offer it, and TLS is required; if the network is trusted, set require_tls: false"))
	}
	if err := s.c.StartTLS(tlsConfig); err != nil {
		return classify("STARTTLS", "", err)
	}
	return nil
}

// login authenticates, where the configuration asks for it, by the strongest
// mechanism that both sides have.
func (n *Notifier) login(s *session) error {
	if n.cfg.Username == "" {
		return nil
	}
	_, encrypted := s.c.TLSConnectionState()
	if exposed(encrypted || n.implicit, s.conn.RemoteAddr()) {
		return failed("AUTH", notifiers.Misconfigured, errors.New("no password is sent over a plain connection; use a server with STARTTLS"))
	}
	password, err := n.cfg.Password()
	if err != nil {
		return failed("auth_password", notifiers.Misconfigured, err)
	}
	_, offered := s.c.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	for _, m := range []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(n.cfg.Username, password)},
		{"PLAIN", smtp.PlainAuth("", n.cfg.Username, password, n.host, true)},
		{"LOGIN", smtp.LoginAuth(n.cfg.Username, password, n.host, true)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(n.cfg.Username, password)},
	} {
		for _, have := range mechanisms {
			if have != m.name {
				continue
			}
			s.user, s.password = n.cfg.Username, password
			if err := s.c.Auth(m.auth); err != nil {
				return classify("AUTH", m.name, err)
			}
			return nil
		}
	}
	return failed("AUTH", notifiers.Misconfigured,
		errors.New("auth_username is set, but the server offers none of SCRAM-SHA-256, PLAIN, LOGIN, CRAM-MD5"))
}

func (n *Notifier) tlsConfig() (*tls.Config, error) {
	c, err := n.cfg.TLS.Config()
	if err != nil {
		return nil, err
	}
	if c.ServerName == "" {
		c.ServerName = n.host
	}
	return c, nil
}

func (n *Notifier) asciiTo() bool {
	for _, a := range n.to {
		if !ascii(a.Address) {
			return false
		}
	}
	return true
}

func ascii(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) }

// exposed reports whether others could read what is sent.
func exposed(encrypted bool, remote net.Addr) bool {
	a, ok := remote.(*net.TCPAddr)
	return !encrypted && (!ok || !a.IP.IsLoopback())
}

// close says good-bye. What the server thinks of that does not matter any more.
func (s *session) close() {
	_ = s.c.Quit()
	s.abort()
}

func (s *session) abort() {
	s.stop()
	s.conn.Close()
}

// maxAnswers bounds what a server can say in one session.
const maxAnswers = 1 << 20

var errTalksTooMuch = errors.New("the server sent more than 1 MiB of answers")

// limited is a connection that delivers so many bytes and no more: the readers
// above it would keep a line of any length.
type limited struct {
	net.Conn
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTalksTooMuch
	}
	n, err := l.Conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
