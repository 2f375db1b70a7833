package webhook

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/body"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// bodyOf compiles the body of a webhook as the configuration has it.
func bodyOf(t *testing.T, yaml string) *body.Body {
	t.Helper()
	cfg, found := config.Load("qmpalert.yml", []byte("receivers: [{name: r, webhook_configs: [{url: 'https://example.org/', body: "+yaml+"}]}]"), os.LookupEnv)
	if cfg == nil {
		t.Fatal(found)
	}
	b := body.Compile(cfg.Receivers[0].Webhook[0].Body, &found)
	if b == nil {
		t.Fatal(found)
	}
	return b
}

func TestBody(t *testing.T) {
	f := newFar(t)
	n := f.notifier(t, func(c *Config) {
		c.Body = bodyOf(t, `{text: '{{ title }}', n: '{{ count }}', alerts: '{{ len(alerts) }}'}`)
		c.MaxAlerts = 2
	})
	for range 2 {
		if _, err := n.Notify(t.Context(), notifiertest.Big(3), ""); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.messages[0].Raw; !strings.HasSuffix(got, `,"n":42,"alerts":2}`) || got != f.messages[1].Raw {
		t.Errorf("%s", got)
	}
	if got := f.headers[0].Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type %s", got)
	}
}

// TestWhole: a digest must not take the end of an incident away from a service
// that waits for it.
func TestWhole(t *testing.T) {
	f := newFar(t)
	for yaml, want := range map[string]bool{"": true, "{key: '{{ group_id }}'}": true, "{text: '{{ text }}'}": false} {
		n := f.notifier(t, func(c *Config) {
			if yaml != "" {
				c.Body = bodyOf(t, yaml)
			}
		})
		if n.Whole() != want {
			t.Errorf("%s: %t", yaml, n.Whole())
		}
	}
}

// TestSecretsOfBodies: a far end that says our key back does not put it into our
// log, and a key that cannot be read is the configuration's fault.
func TestSecretsOfBodies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("hunter3-hunter3"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFar(t)
	f.body(400, `{"message":"hunter3-hunter3 and R0123456789abcdefR0123456789abcdef are wrong"}`)()
	n := f.notifier(t, func(c *Config) {
		c.Body = bodyOf(t, "{a: {secret_file: "+path+"}, b: R0123456789abcdefR0123456789abcdef}")
	})
	_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Class != notifiers.Rejected || strings.Contains(err.Error(), "hunter3") || strings.Contains(err.Error(), "R0123") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err = n.Notify(t.Context(), notifiertest.Firing(), ""); !errors.As(err, &e) || e.Class != notifiers.Misconfigured {
		t.Errorf("%v", err)
	}
	n = f.notifier(t, func(c *Config) {
		c.Body = bodyOf(t, "["+strings.Repeat(`'{{ join(map(1..1000, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), "") }}', `, 40)+"]")
	})
	if _, err = n.Notify(t.Context(), notifiertest.Firing(), ""); !errors.As(err, &e) || e.Class != notifiers.Rejected {
		t.Errorf("a body of more than 1 MiB: %v", err)
	}
}

// TestIDInURL: the id of the message is where some services want it.
func TestIDInURL(t *testing.T) {
	f := newFar(t)
	var got []string
	f.say(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Method+" "+r.URL.EscapedPath()) })
	note := notifiertest.Firing()
	for _, id := range []string{"a-1", "a/b ?"} {
		note.ID = id
		n := f.notifier(t, func(c *Config) { c.URL = secret(f.server.URL + "/rooms/!r%3Ax/send/{{ id }}") })
		if _, err := n.Notify(t.Context(), note, ""); err != nil {
			t.Fatal(err)
		}
	}
	if s := strings.Join(got, ", "); s != "PUT /rooms/%21r%3Ax/send/a-1, PUT /rooms/%21r%3Ax/send/a%2Fb%20%3F" && s != "PUT /rooms/!r%3Ax/send/a-1, PUT /rooms/!r%3Ax/send/a%2Fb%20%3F" {
		t.Errorf("%s", s)
	}
	n := f.notifier(t, func(c *Config) { c.URL = secret(f.server.URL + "/{{ title }}") })
	var e *notifiers.Error
	if _, err := n.Notify(t.Context(), note, ""); !errors.As(err, &e) || e.Class != notifiers.Misconfigured {
		t.Errorf("another expression in a URL: %v", err)
	}
}
