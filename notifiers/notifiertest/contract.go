package notifiertest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Harness is a notifier with a far end that the test commands.
type Harness struct {
	Notifier notifiers.Notifier
	// Secrets are the texts that must not be in any error or receipt.
	Secrets []string
	// Accepted returns what the far end has accepted so far, in order.
	Accepted func() []Message
	// MaxSize bounds Message.Raw, in bytes.
	MaxSize int
	// Answers is the table of what the far end can say and what it means.
	Answers []Answer
	// Hang lets the far end take requests and never answer, until the test
	// ends. nil: a far end that cannot.
	Hang func()
	// Harmless fails the test when a text from outside acts as anything but
	// text in the message. Checks beside those of every notifier.
	Harmless func(t *testing.T, m Message)
	// Threaded fails the test when the second message is not shown as the
	// continuation of the first. nil: a far end without threads.
	Threaded func(t *testing.T, first, second Message)
}

// Message is what the far end got.
type Message struct {
	Raw  string // as it came over the wire
	Text string // what a person reads, decoded
}

// Answer is one thing that the far end can say.
type Answer struct {
	Name    string
	Arrange func() // make it the answer to what comes next
	Want    notifiers.Class
	After   time.Duration // with Wait
	OK      bool          // accepted after all: no error
}

// patience is a safety net, not a measure: it ends a test that hangs.
const patience = time.Minute

// Run tests a notifier. open is called for each part of the test anew; what it
// starts it ends by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) *Harness) {
	t.Run("accepted", func(t *testing.T) { accepted(t, open(t)) })
	t.Run("attached", func(t *testing.T) { attached(t, open(t)) })
	t.Run("answers", func(t *testing.T) { answers(t, open) })
	t.Run("cancelled", func(t *testing.T) { cancelled(t, open(t)) })
	t.Run("foreign receipt", func(t *testing.T) { foreignReceipt(t, open(t)) })
	t.Run("harmless", func(t *testing.T) { harmless(t, open(t)) })
	t.Run("bounded", func(t *testing.T) { bounded(t, open(t)) })
}

func notify(t *testing.T, h *Harness, n notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := h.Notifier.Notify(ctx, n, prev)
	if ctx.Err() != nil {
		t.Fatalf("Notify hung: %v", err)
	}
	printable(t, "receipt", string(r), h.Secrets)
	if err != nil {
		printable(t, "error", err.Error(), h.Secrets)
		if e := (*notifiers.Error)(nil); !errors.As(err, &e) || e.Op == "" {
			t.Errorf("error %T %v: want a *notifiers.Error with Op", err, err)
		}
	}
	return r, err
}

// must sends a message and returns what the far end got.
func must(t *testing.T, h *Harness, n notifiers.Notification, prev notifiers.Receipt) (Message, notifiers.Receipt) {
	t.Helper()
	before := len(h.Accepted())
	r, err := notify(t, h, n, prev)
	if err != nil {
		t.Fatalf("Notify: %v", err)
	}
	got := h.Accepted()
	if len(got) != before+1 {
		t.Fatalf("the far end accepted %d messages, want 1", len(got)-before)
	}
	return got[before], r
}

func printable(t *testing.T, what, s string, secrets []string) {
	t.Helper()
	if len(s) > 2000 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) {
		t.Errorf("%s is not bounded printable text: %.300q", what, s)
	}
	for _, secret := range secrets {
		if strings.Contains(s, secret) {
			t.Errorf("%s holds the secret %q: %q", what, secret, s)
		}
	}
}

func accepted(t *testing.T, h *Harness) {
	first, receipt := must(t, h, Firing(), "")
	for _, want := range []string{"QuorumChildFailing", "critical", "db1: quorum child c answered badly 14 times", "kvm07", "db1", "storage"} {
		if !strings.Contains(first.Text, want) {
			t.Errorf("%q is not in the message:\n%s", want, first.Text)
		}
	}
	second, _ := must(t, h, Resolved(), receipt)
	if !strings.Contains(strings.ToLower(second.Text), "resolved") {
		t.Errorf("the second message does not say that it is over:\n%s", second.Text)
	}
	if h.Threaded != nil {
		if receipt == "" {
			t.Error("no receipt to thread on")
		}
		h.Threaded(t, first, second)
	}
	test := Firing()
	test.Test = true
	if m, _ := must(t, h, test, ""); !strings.Contains(strings.ToLower(m.Text), "test") {
		t.Errorf("a test notification does not say so:\n%s", m.Text)
	}
}

// attached: what the VM said is in the message, and so is why it said nothing.
func attached(t *testing.T, h *Harness) {
	m, _ := must(t, h, Attached(), "")
	for _, want := range []string{"query-status", "io-error", "query-block", "nospace", "query-jobs", "no monitor of this VM is connected"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("%q is not in the message:\n%s", want, m.Text)
		}
	}
}

func answers(t *testing.T, open func(t *testing.T) *Harness) {
	for i, a := range open(t).Answers {
		t.Run(a.Name, func(t *testing.T) {
			h := open(t)
			a := h.Answers[i]
			a.Arrange()
			_, err := notify(t, h, Firing(), "")
			if a.OK {
				if err != nil {
					t.Errorf("Notify: %v", err)
				}
				return
			}
			var e *notifiers.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %T %v, want a *notifiers.Error", err, err)
			}
			if e.Class != a.Want || e.After != a.After {
				t.Errorf("%v: class %v after %v, want %v after %v", e, e.Class, e.After, a.Want, a.After)
			}
		})
	}
}

func cancelled(t *testing.T, h *Harness) {
	if h.Hang == nil {
		return
	}
	h.Hang()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := h.Notifier.Notify(ctx, Firing(), "")
		done <- err
	}()
	cancel()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a message that nobody accepted was reported as sent")
		} else {
			printable(t, "error", err.Error(), h.Secrets)
		}
	case <-time.After(patience):
		t.Fatal("Notify did not return when its context was cancelled")
	}
}

// foreignReceipt: after a change of configuration a notifier may get a receipt
// of another kind. It is none, then.
func foreignReceipt(t *testing.T, h *Harness) {
	for _, r := range []notifiers.Receipt{"x", "{}", "C1 1.2 3 4", `["a"]`, `{"channel":5}`} {
		must(t, h, Resolved(), r)
	}
}

func harmless(t *testing.T, h *Harness) {
	for _, text := range Payloads {
		for _, status := range []alert.Status{alert.Firing, alert.Resolved} {
			m, _ := must(t, h, Hostile(status, text), "")
			clean(t, m)
			if h.Harmless != nil {
				h.Harmless(t, m)
			}
		}
	}
	m, _ := must(t, h, Empty(), "")
	clean(t, m)
}

// clean: no control characters on the wire but the white space of its format.
func clean(t *testing.T, m Message) {
	t.Helper()
	bad := func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == utf8.RuneError
	}
	if raw := strings.ReplaceAll(m.Raw, string(utf8.RuneError), ""); strings.ContainsFunc(raw, bad) {
		t.Errorf("control characters on the wire: %.2000q", m.Raw)
	}
}

func bounded(t *testing.T, h *Harness) {
	for _, alerts := range []int{1, 100} {
		m, _ := must(t, h, Big(alerts), "")
		if len(m.Raw) > h.MaxSize {
			t.Errorf("%d alerts: %d bytes, more than %d", alerts, len(m.Raw), h.MaxSize)
		}
		if h.Harmless != nil {
			h.Harmless(t, m)
		}
	}
}
