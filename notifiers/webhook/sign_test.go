package webhook

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

const (
	oldSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newSecret = "bmV3IHNlY3JldCBvZiAzMiBieXRlcyBpbiBhbGwhISE=" // the prefix may be missing
)

// TestStandardWebhooks: the library of Standard Webhooks verifies what we send,
// with each of two secrets while one is changed, and with no other.
func TestStandardWebhooks(t *testing.T) {
	f := newFar(t)
	n := f.notifier(t, func(c *Config) { c.SigningSecrets = []func() (string, error){secret(oldSecret), secret(newSecret)} })
	n.now = time.Now // the library refuses old messages
	for _, note := range []notifiers.Notification{notifiertest.Firing(), notifiertest.Resolved(), notifiertest.Big(2)} {
		if _, err := n.Notify(t.Context(), note, ""); err != nil {
			t.Fatal(err)
		}
	}
	for s, want := range map[string]bool{oldSecret: true, newSecret: true, "whsec_" + newSecret: true, "whsec_b3RoZXIgc2VjcmV0IG9mIDMyIGJ5dGVzIGFsbCE=": false} {
		verifier, err := standardwebhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.messages {
			if err := verifier.Verify([]byte(f.messages[i].Raw), f.headers[i]); (err == nil) != want {
				t.Errorf("with %s message %d: %v", s, i, err)
			}
			damaged := strings.Replace(f.messages[i].Raw, "firing", "firinG", 1) + " "
			if err := verifier.Verify([]byte(damaged), f.headers[i]); err == nil {
				t.Errorf("with %s the damaged message %d passes", s, i)
			}
		}
	}
}

// TestRepeat: another try is the same message with the same id; only the time of
// the try differs.
func TestRepeat(t *testing.T) {
	f := newFar(t)
	n := f.notifier(t, func(c *Config) { c.SigningSecrets = []func() (string, error){secret(oldSecret)} })
	later := clock()
	n.now = func() time.Time { later = later.Add(time.Second); return later }
	note := notifiertest.Firing()
	f.say(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	if _, err := n.Notify(t.Context(), note, ""); err == nil {
		t.Fatal("accepted")
	}
	f.say(nil)
	for range 2 {
		again, err := notifiers.ParseStored(note.AppendStored(nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Notify(t.Context(), again, ""); err != nil {
			t.Fatal(err)
		}
	}
	a, b := f.headers[0], f.headers[1]
	if f.messages[0].Raw != f.messages[1].Raw || a.Get(headerID) != b.Get(headerID) || a.Get("Idempotency-Key") != note.ID || b.Get("Idempotency-Key") != note.ID {
		t.Error("a repeat is another message")
	}
	if a.Get(headerTimestamp) == b.Get(headerTimestamp) || a.Get(headerSignature) == b.Get(headerSignature) {
		t.Error("a repeat has the time of the first try: receivers refuse old messages")
	}
}

func TestSigningSecrets(t *testing.T) {
	short := base64.StdEncoding.EncodeToString(make([]byte, minKey-1))
	long := base64.StdEncoding.EncodeToString(make([]byte, maxKey+1))
	for name, read := range map[string]func() (string, error){
		"no base64": secret("whsec_" + key), "short": secret(short), "long": secret(long), "empty": secret(""),
		"unreadable": func() (string, error) { return "", errors.New("permission denied") },
	} {
		f := newFar(t)
		n := f.notifier(t, func(c *Config) { c.SigningSecrets = []func() (string, error){secret(oldSecret), read} })
		_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || strings.Contains(err.Error(), key) || len(f.messages) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
