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
// can. Who has it is in the receipt, so a restart between the tries changes
// nothing.
func TestOneAddressIsDeferred(t *testing.T) {
	later := "TO:<later@example.org>"
	f, n := withFake(t, map[string]string{later: "451 greylisted"}, "a@example.org", "later@example.org")
	receipt := notifiers.Receipt("")
	var e *notifiers.Error
	for range 3 {
		var err error
		receipt, err = n.Notify(t.Context(), notifiertest.Firing(), receipt)
		if !errors.As(err, &e) || e.Class != notifiers.Retry || !e.Resume || receipt == "" {
			t.Fatalf("receipt %q, error %+v", receipt, err)
		}
		n = open(t, n.cfg) // a new process
	}
	for name, reply := range map[string]string{"server gone": cut, "password refused": "535 no"} {
		f.order("AUTH", reply)
		again, err := n.Notify(t.Context(), notifiertest.Firing(), receipt)
		if !errors.As(err, &e) || !e.Resume || again != receipt {
			t.Errorf("%s: receipt %q, error %+v", name, again, err)
		}
	}
	f.order("AUTH", "235 welcome")
	f.order(later, "250 ok")
	receipt, err := n.Notify(t.Context(), notifiertest.Firing(), receipt)
	if err != nil || strings.Contains(string(receipt), "have") {
		t.Fatalf("receipt %q, error %v", receipt, err)
	}
	mails := f.accepted()
	if len(mails) != 2 || mails[0].Raw != mails[1].Raw {
		t.Errorf("%d mails; a repeat must be the same mail", len(mails))
	}
	if got := strings.Count(f.commands(), "TO:<a@example.org>"); got != 1 {
		t.Errorf("the first address was given %d times", got)
	}
	// The next mail goes to all again.
	if _, err := n.Notify(t.Context(), notifiertest.Resolved(), receipt); err != nil || strings.Count(f.commands(), "TO:<a@example.org>") != 2 {
		t.Errorf("%v in\n%s", err, f.commands())
	}
}

// TestAddresses is what the answers to two addresses mean together.
func TestAddresses(t *testing.T) {
	const ok, later, never = "250 ok", "450 later", "550 never"
	for _, tt := range []struct {
		a, b    string
		want    notifiers.Class
		sent    bool
		receipt string // what is in it; "": there is none
		resume  bool
	}{
		{ok, never, notifiers.Misconfigured, true, "thread", false},
		{ok, "552 full", notifiers.Rejected, true, "thread", false},
		{ok, later, notifiers.Retry, true, "have", true},
		{later, never, notifiers.Retry, false, "", false},
		{later, later, notifiers.Retry, false, "", false},
		{never, never, notifiers.Misconfigured, false, "", false},
		{ok, cut, notifiers.Retry, false, "", false},
		{ok, "421 closing", notifiers.Retry, false, "", false},
		{ok, "nonsense", notifiers.Retry, false, "", false},
	} {
		t.Run(tt.a+", "+tt.b, func(t *testing.T) {
			f, n := withFake(t, map[string]string{"TO:<a@example.org>": tt.a, "TO:<b@example.org>": tt.b}, "a@example.org", "b@example.org")
			receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
			var e *notifiers.Error
			if !errors.As(err, &e) || e.Class != tt.want || e.Resume != tt.resume {
				t.Errorf("error %+v", err)
			}
			if (receipt == "") != (tt.receipt == "") || !strings.Contains(string(receipt), tt.receipt) {
				t.Errorf("receipt %q", receipt)
			}
			if got := len(f.accepted()) == 1; got != tt.sent {
				t.Errorf("sent: %t", got)
			}
		})
	}
}

// TestDeferredThenRefused: who has the mail has it, and nobody waits any more.
func TestDeferredThenRefused(t *testing.T) {
	later := "TO:<later@example.org>"
	for _, stage := range []string{later, "."} {
		f, n := withFake(t, map[string]string{later: "451 greylisted"}, "a@example.org", "later@example.org")
		receipt, _ := n.Notify(t.Context(), notifiertest.Firing(), "")
		f.order(later, "250 ok")
		f.order(stage, "550 never after all")
		receipt, err := n.Notify(t.Context(), notifiertest.Firing(), receipt)
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Resume || receipt == "" || strings.Contains(string(receipt), "have") {
			t.Errorf("%s: receipt %q, error %+v", stage, receipt, err)
		}
	}
	// The address that is waited for was taken out of the configuration.
	f, n := withFake(t, map[string]string{later: "451 greylisted"}, "a@example.org", "later@example.org")
	receipt, _ := n.Notify(t.Context(), notifiertest.Firing(), "")
	cfg := n.cfg
	cfg.To = cfg.To[:1]
	receipt, err := open(t, cfg).Notify(t.Context(), notifiertest.Firing(), receipt)
	if err != nil || receipt == "" || len(f.accepted()) != 1 {
		t.Errorf("receipt %q, error %v, %d mails", receipt, err, len(f.accepted()))
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
