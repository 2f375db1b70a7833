package email

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

// noMail fails when a server that we should not trust was given anything.
func noMail(t *testing.T, f *fake, err error) {
	t.Helper()
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Class != notifiers.Misconfigured {
		t.Errorf("error %v, want Misconfigured", err)
	}
	for _, verb := range []string{"MAIL", "AUTH", "DATA"} {
		if strings.Contains(f.commands(), verb) {
			t.Errorf("%s was sent:\n%s", verb, f.commands())
		}
	}
}

func TestNeverPlain(t *testing.T) {
	stripped := map[string]string{"EHLO": "250-fake\r\n250 AUTH PLAIN LOGIN"}

	f, n := withFake(t, stripped)
	_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	noMail(t, f, err)

	// require_tls: false does not mean that STARTTLS may fail.
	for _, reply := range []string{"454 not now", "502 no"} {
		f, n := withFake(t, map[string]string{"STARTTLS": reply})
		n.cfg.PlainAllowed = true
		if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err == nil || strings.Contains(f.commands(), "MAIL") {
			t.Errorf("STARTTLS %s: %v, then\n%s", reply, err, f.commands())
		}
	}

	// It means that a server without it is used, if no password goes there
	// (here one does: the far end is this machine).
	f, n = withFake(t, stripped)
	n.cfg.PlainAllowed = true
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err != nil || len(f.accepted()) != 1 {
		t.Errorf("plain: %v", err)
	}
}

func TestExposed(t *testing.T) {
	there, here := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, &net.TCPAddr{IP: net.IPv6loopback}
	if !exposed(false, there) || exposed(true, there) || exposed(false, here) || !exposed(false, &net.UnixAddr{}) {
		t.Error("a password may go over TLS or stay on this machine, nothing else")
	}
}

func TestCertificates(t *testing.T) {
	tests := map[string]tlsopt.Options{
		"unknown authority": {},
		"wrong name":        {ServerName: "mail.example.org"},
	}
	for name, o := range tests {
		f, n := withFake(t, nil)
		if o.ServerName != "" {
			o.CAFile = f.ca
		}
		n.cfg.TLS = o
		_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		t.Log(name, err)
		noMail(t, f, err)
	}
	f, n := withFake(t, nil)
	n.cfg.TLS = tlsopt.Options{InsecureSkipVerify: true}
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err != nil || len(f.accepted()) != 1 {
		t.Errorf("insecure_skip_verify: %v", err)
	}
	n.cfg.TLS = tlsopt.Options{CAFile: filepath.Join(t.TempDir(), "gone.pem")}
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err == nil || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("ca_file that vanished: %v", err)
	}
}

func TestLogin(t *testing.T) {
	f, n := withFake(t, nil)
	n.cfg.Password = func() (string, error) {
		return "", &os.PathError{Op: "open", Path: "/etc/password", Err: os.ErrNotExist}
	}
	_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || len(f.accepted()) != 0 {
		t.Errorf("password that cannot be read: %v", err)
	}

	s := smtptest.Start(t, smtptest.Options{User: "bob", Password: "right"})
	for have, want := range map[string]notifiers.Class{"wrong": notifiers.Misconfigured} {
		n := open(t, Config{Smarthost: s.Addr, Username: "bob", Password: secret(have), TLS: tlsopt.Options{CAFile: s.CAFile}})
		_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		if !errors.As(err, &e) || e.Class != want || strings.Contains(err.Error(), have+" ") {
			t.Errorf("password %s: %v", have, err)
		}
	}
	n = open(t, Config{Smarthost: s.Addr, TLS: tlsopt.Options{CAFile: s.CAFile}})
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); !errors.As(err, &e) || e.Class != notifiers.Misconfigured {
		t.Errorf("without logging in: %v", err)
	}
}

func TestImplicitTLS(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{Implicit: true})
	n := open(t, Config{Smarthost: s.Addr, TLS: tlsopt.Options{CAFile: s.CAFile}})
	port := n.port
	n.implicit = true // what port 465 does
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err != nil {
		t.Fatalf("port %s: %v", port, err)
	}
	if got := s.Mails(t, 1)[0].Header.Get("Received"); !strings.Contains(got, "with esmtps") {
		t.Errorf("Received: %s", got)
	}
	if n := open(t, Config{Smarthost: "mail.example.org:465"}); !n.implicit {
		t.Error("port 465 is not TLS from the first byte")
	}
}
