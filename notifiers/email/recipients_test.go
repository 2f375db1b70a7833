package email

import (
	"errors"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

// TestOneAddressIsRefused: the others get the mail all the same.
func TestOneAddressIsRefused(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{})
	n := open(t, Config{
		Smarthost: s.Addr, To: []string{"a@example.org", "nobody@example.org", "b@example.org"}, TLS: tlsopt.Options{CAFile: s.CAFile},
	})
	receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || receipt == "" || !strings.Contains(err.Error(), "nobody@example.org") {
		t.Errorf("receipt %q, error %v", receipt, err)
	}
	to := ""
	for _, m := range s.Mails(t, 1) {
		to += m.Header.Get("Envelope-To")
	}
	if !strings.Contains(to, "a@example.org") || strings.Contains(to, "nobody") {
		t.Errorf("delivered to %s", to)
	}
}

// TestOneAddressIsDeferred: the others get the mail once, and the one when it
// can.
func TestOneAddressIsDeferred(t *testing.T) {
	later := "TO:<later@example.org>"
	f, n := withFake(t, map[string]string{later: "451 greylisted"}, "a@example.org", "later@example.org")
	for range 2 {
		receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != notifiers.Retry || receipt != "" {
			t.Fatalf("receipt %q, error %v", receipt, err)
		}
	}
	if gone, m := withFake(t, map[string]string{later: "451 greylisted"}, "a@example.org", "later@example.org"); true {
		_, _ = m.Notify(t.Context(), notifiertest.Firing(), "")
		gone.order(later, "550 unknown after all")
		receipt, err := m.Notify(t.Context(), notifiertest.Firing(), "")
		if err == nil || receipt == "" || len(m.done) != 0 {
			t.Errorf("deferred, then refused: receipt %q, error %v, %d remembered", receipt, err, len(m.done))
		}
	}
	f.order(later, "250 ok")
	if receipt, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err != nil || receipt == "" {
		t.Fatalf("receipt %q, error %v", receipt, err)
	}
	mails := f.accepted()
	if len(mails) != 2 || mails[0].Raw != mails[1].Raw {
		t.Errorf("%d mails; a repeat must be the same mail", len(mails))
	}
	if got := strings.Count(f.commands(), "TO:<a@example.org>"); got != 1 {
		t.Errorf("the first address was given %d times", got)
	}
	if len(n.done) != 0 {
		t.Errorf("%d mails are still remembered", len(n.done))
	}
}

func TestNewRefuses(t *testing.T) {
	good := Config{To: []string{"ops@example.org"}, From: "q@example.org", Smarthost: "mail.example.org:587"}
	for want, change := range map[string]func(*Config){
		"smarthost":         func(c *Config) { c.Smarthost = "mail.example.org" },
		"from":              func(c *Config) { c.From = "q" },
		"names no address":  func(c *Config) { c.To = nil },
		"not a mail":        func(c *Config) { c.To = []string{"a@example.org\r\nBcc: x@example.org"} },
		"set by qmpalert":   func(c *Config) { c.Headers = []Header{{"Bcc", "x@example.org"}} },
		"name of a header":  func(c *Config) { c.Headers = []Header{{"X:\r\nBcc", "x"}} },
		"control character": func(c *Config) { c.Headers = []Header{{"X-A", "x\r\nBcc: x@example.org"}} },
		"auth_password":     func(c *Config) { c.Username = "bob" },
		"ca_file":           func(c *Config) { c.TLS.CAFile = "/nonexistent" },
		"hello":             func(c *Config) { c.Hello = "a b" },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

func TestNewFillsIn(t *testing.T) {
	password := func() (string, error) { return "hunter2", nil }
	n, err := New(Config{To: []string{"ops@example.org"}, Smarthost: "mail.example.org:587", Hello: "kvm07", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if n.from.Address != "qmpalert@kvm07" || n.cfg.Username != "qmpalert@kvm07" {
		t.Errorf("from %s, login as %q", n.from, n.cfg.Username)
	}
	n, err = New(Config{To: []string{"ops@example.org"}, From: "Ops <q@example.org>", Smarthost: "mail.example.org:587", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if n.cfg.Username != "q@example.org" {
		t.Errorf("login as %q", n.cfg.Username)
	}
}
