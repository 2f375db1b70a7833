package email

import (
	"context"
	"net/mail"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

func open(t *testing.T, cfg Config) *Notifier {
	t.Helper()
	if cfg.To == nil {
		cfg.To = []string{"Ops <ops@example.org>"}
	}
	if cfg.From == "" {
		cfg.From = "qmpalert <qmpalert@kvm.example.org>"
	}
	cfg.Hello = "kvm07.example.org"
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func secret(s string) func() (string, error) {
	return func() (string, error) { return s, nil }
}

// TestRealServer sends the life of an alert through a real server, with
// STARTTLS and a password, and reads it as a mail program would.
func TestRealServer(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{User: "bob", Password: "hunter2"})
	n := open(t, Config{
		Smarthost: s.Addr, Username: "bob", Password: secret("hunter2"), TLS: tlsopt.Options{CAFile: s.CAFile},
		Headers: []Header{{"X-Team", "storage"}},
	})
	receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Notify(t.Context(), notifiertest.Resolved(), receipt); err != nil {
		t.Fatal(err)
	}
	mails := s.Mails(t, 2)
	if len(mails) != 2 {
		t.Fatalf("%d mails", len(mails))
	}
	firing, resolved := mails[0], mails[1]
	if want := "[FIRING:critical] QuorumChildFailing db1: quorum child c answered badly 14 times"; firing.Subject != want {
		t.Errorf("subject %q, want %q", firing.Subject, want)
	}
	if want := "[RESOLVED] QuorumChildFailing db1: quorum child c answered badly 14 times"; resolved.Subject != want {
		t.Errorf("subject %q, want %q", resolved.Subject, want)
	}
	id := firing.Header.Get("Message-ID")
	if resolved.Header.Get("In-Reply-To") != id || resolved.Header.Get("References") != id || !strings.Contains(string(receipt), id) {
		t.Errorf("thread: %q answered by %q", id, resolved.Header.Get("In-Reply-To"))
	}
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "X-Team": "storage", "Date": "Sat, 14 Mar 2026 14:09:03 +0000",
	} {
		if got := firing.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if to, err := mail.ParseAddressList(firing.Header.Get("To")); err != nil || to[0].Address != "ops@example.org" {
		t.Errorf("To: %v, %v", to, err)
	}
	if !strings.Contains(firing.Header.Get("Received"), "with esmtpsa") {
		t.Errorf("not encrypted and logged in: Received: %s", firing.Header.Get("Received"))
	}
}

// counted knows how many mails must arrive.
type counted struct {
	*Notifier
	n int
}

func (c *counted) Notify(ctx context.Context, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	r, err := c.Notifier.Notify(ctx, n, prev)
	if err == nil {
		c.n++
	}
	return r, err
}

// TestContractRealServer: a real server takes whatever a guest wrote, and the
// mail that lies in the box is still one mail.
func TestContractRealServer(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		s := smtptest.Start(t, smtptest.Options{})
		c := &counted{Notifier: open(t, Config{Smarthost: s.Addr, TLS: tlsopt.Options{CAFile: s.CAFile}})}
		return &notifiertest.Harness{
			Notifier: c, MaxSize: 400_000, Threaded: threaded,
			Accepted: func() []notifiertest.Message {
				var out []notifiertest.Message
				for _, m := range s.Mails(t, c.n) {
					out = append(out, notifiertest.Message{Raw: m.Raw, Text: m.Subject + "\n" + m.Text})
				}
				return out
			},
		}
	})
}
