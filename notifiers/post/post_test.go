package post

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

func TestForbidden(t *testing.T) {
	tests := map[string]bool{
		"169.254.169.254":        true,
		"::ffff:169.254.169.254": true,
		"64:ff9b::a9fe:a9fe":     true,
		"2002:a9fe:a9fe::1":      true,
		"::169.254.169.254":      true,
		"fe80::1":                true,
		"fe80::1%eth0":           true,
		"ff02::1":                true,
		"224.0.0.1":              true,
		"0.0.0.0":                true,
		"::":                     true,
		"100.100.100.200":        true,
		"168.63.129.16":          true,
		"192.0.0.192":            true,
		"fd00:ec2::254":          true,
		"fd20:ce::254":           true,
		"64:ff9b::c000:c0":       true, // 192.0.0.192
		"127.0.0.1":              false,
		"::1":                    false,
		"10.0.0.1":               false,
		"192.168.1.1":            false,
		"fd00::1":                false,
		"93.184.216.34":          false,
		"64:ff9b::5db8:d822":     false,
		"2606:2800:220:1::1":     false,
		"2002:5db8:d822::1":      false,
	}
	for text, want := range tests {
		if got := Forbidden(netip.MustParseAddr(text)); got != want {
			t.Errorf("Forbidden(%s) = %t", text, got)
		}
	}
}

// TestGuardActsAfterTheLookup: the check is on what is dialled, not on the name.
func TestGuardActsAfterTheLookup(t *testing.T) {
	for address, want := range map[string]bool{"169.254.169.254:80": true, "[fe80::1%lo]:80": true, "x": true, "127.0.0.1:80": false} {
		if err := guard("tcp", address, nil); (err != nil) != want {
			t.Errorf("guard(%s) = %v", address, err)
		}
	}
	for _, where := range []string{"http://169.254.169.254/latest", "http://[fe80::1]/"} {
		req, err := http.NewRequest(http.MethodPost, where, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Do(NewClient(Options{}), req, "POST")
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s: %v", where, err)
		}
		// Without the check of the URL the dialer still refuses.
		if _, err := NewClient(Options{}).Do(req); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("dialling %s: %v", where, err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 14, 14, 2, 0, 0, time.UTC)
	tests := map[string]time.Duration{
		"":                              0,
		"30":                            30 * time.Second,
		" 1 ":                           time.Second,
		"0":                             0,
		"-5":                            0,
		"soon":                          0,
		"5m":                            0,
		"99999999999999999999":          0,
		"Sat, 14 Mar 2026 14:03:30 GMT": 90 * time.Second,
		"Sat, 14 Mar 2026 14:01:30 GMT": 0,
	}
	for v, want := range tests {
		got, ok := RetryAfter(http.Header{"Retry-After": {v}}, now)
		if ok != (want > 0) || ok && got != want {
			t.Errorf("RetryAfter(%q) = %v, %t; want %v", v, got, ok, want)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/secret", http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		chunk := []byte(strings.Repeat("\x1bsecret ", 1024))
		for range 1280 { // 10 MB
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	client := NewClient(Options{})
	defer client.CloseIdleConnections()
	for path, want := range map[string]notifiers.Class{"/big": notifiers.Rejected, "/moved": notifiers.Misconfigured} {
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, s.URL+path, strings.NewReader("{}"))
		reply, err := Do(client, req, "POST", "secret")
		if err != nil {
			t.Fatal(err)
		}
		if len(reply.Body) > maxBody {
			t.Errorf("%d bytes were read", len(reply.Body))
		}
		err = reply.Error("POST", time.Now(), "secret")
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != want || len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\x1b") || strings.Contains(err.Error(), "secret ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestRedactKeepsNoURL(t *testing.T) {
	req, _ := http.NewRequest(http.MethodPost, "http://127.0.0.1:1/services/T0/B0/hunter2?k=hunter2", nil)
	_, err := Do(NewClient(Options{}), req, "POST")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Do(NewClient(Options{}), req.WithContext(ctx), "POST")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled inside", err)
	}
}

func TestURLSecrets(t *testing.T) {
	u, err := url.Parse("https://bob:hunter1@hooks.example.org/services/T0/hunter2x?key=hunter3&n=1")
	if err != nil {
		t.Fatal(err)
	}
	said := errors.New("no service at " + u.String() + " nor /services/T0/hunter2x, hunter2x or hunter3 of hunter1")
	if text := Redact(said, URLSecrets(u)...).Error(); strings.Contains(text, "hunter") {
		t.Errorf("%s", text)
	}
}
