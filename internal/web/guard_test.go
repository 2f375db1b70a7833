package web_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

func TestHostOnLoopback(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy(), Hosts: []string{"qmpalert.example.org"}})
	for host, want := range map[string]int{
		"127.0.0.1": 200, "127.0.0.1:9595": 200, "127.9.9.9": 200, "localhost": 200, "LOCALHOST:80": 200, "localhost.": 200,
		"[::1]": 200, "[::1]:9595": 200, "qmpalert.example.org": 200, "QMPalert.example.org:443": 200,
		"evil.example": 421, "evil.example:9595": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421,
		"10.0.0.1": 421, "[::2]": 421, "0.0.0.0": 421, "169.254.169.254": 421, "2130706433": 421,
	} {
		for _, path := range []string{"/api/v1/status", "/-/healthy", "/api/v1/events", "/nothing"} {
			if path == "/api/v1/events" && want == 200 {
				continue // it does not end
			}
			expect := want
			if path == "/nothing" && want == 200 {
				expect = 404
			}
			if code, _, text := ask(t, "GET", s.url+path, "", "Host: "+host); code != expect {
				t.Errorf("%s of %s: %d, want %d: %s", path, host, code, expect, text)
			}
		}
	}
}

func TestToken(t *testing.T) {
	token, failure := "s3cret", error(nil)
	s := serve(t, web.Options{Backend: webtest.Busy(), Token: func() (string, error) { return token, failure }})
	tests := []struct {
		header string
		want   int
	}{
		{"Authorization: Bearer s3cret", 200}, {"Authorization: bearer s3cret", 200},
		{"Authorization: Bearer s3cre", 401}, {"Authorization: Bearer s3crett", 401}, {"Authorization: Bearer ", 401},
		{"Authorization: Basic s3cret", 401}, {"Authorization: s3cret", 401}, {"X-Other: 1", 401},
	}
	for _, tt := range tests {
		for _, path := range []string{"/api/v1/status", "/api/v1/alerts"} {
			code, header, text := ask(t, "GET", s.url+path, "", tt.header)
			if code != tt.want || strings.Contains(text, token) {
				t.Errorf("%s: %d, want %d: %s", tt.header, code, tt.want, text)
			}
			if code == 401 && header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: no WWW-Authenticate", tt.header)
			}
		}
	}
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		if code, _, _ := ask(t, "GET", s.url+path, ""); code != 200 {
			t.Errorf("%s: %d", path, code)
		}
	}
	// A token that was exchanged counts at once; one that cannot be read opens
	// nothing.
	token = "other"
	if code, _, _ := ask(t, "GET", s.url+"/api/v1/status", "", "Authorization: Bearer s3cret"); code != 401 {
		t.Errorf("the old token: %d", code)
	}
	token = ""
	if code, _, _ := ask(t, "GET", s.url+"/api/v1/status", "", "Authorization: Bearer "); code != 503 {
		t.Errorf("an empty token: %d", code)
	}
	token, failure = "x", errors.New("no such file")
	if code, _, text := ask(t, "GET", s.url+"/api/v1/status", "", "Authorization: Bearer x"); code != 503 || strings.Contains(text, "no such file") {
		t.Errorf("a token that cannot be read: %d %s", code, text)
	}
}

func TestNoTokenNoNetwork(t *testing.T) {
	if _, err := web.Listen(t.Context(), "0.0.0.0:0", false); !errors.Is(err, web.ErrNoToken) {
		t.Errorf("got %v", err)
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := web.New(serverOptions()).Serve(l); !errors.Is(err, web.ErrNoToken) {
		t.Errorf("got %v", err)
	}
	l, err = web.Listen(t.Context(), "0.0.0.0:0", true)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, err := web.Listen(t.Context(), "nonsense", true); err == nil {
		t.Error("listens to nonsense")
	}
}

// TestBrowsers: a page of another origin changes nothing and reads nothing.
func TestBrowsers(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	for _, h := range []string{"Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"} {
		if code, _, text := ask(t, "POST", s.url+"/-/reload", "", h); code != 403 {
			t.Errorf("%s: %d %s", h, code, text)
		}
		code, header, _ := ask(t, "GET", s.url+"/api/v1/status", "", h)
		if code != 200 || header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", h, code, header)
		}
	}
	if code, header, _ := ask(t, "OPTIONS", s.url+"/api/v1/silences", "", "Origin: https://evil.example", "Access-Control-Request-Method: POST"); code != 405 || header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("preflight: %d %v", code, header)
	}
	if code, _, _ := ask(t, "POST", s.url+"/-/reload", "", "Origin: "+s.url, "Sec-Fetch-Site: same-origin"); code != 200 {
		t.Errorf("same origin: %d", code)
	}
	for _, path := range []string{"/api/v1/status", "/-/healthy", "/nothing", "/api/v1/openapi.json"} {
		_, header, _ := ask(t, "GET", s.url+path, "")
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

// TestRequestsAreCounted: by pattern, never by path.
func TestRequestsAreCounted(t *testing.T) {
	counted := make(chan string, 10)
	s := serve(t, web.Options{Backend: webtest.Busy(), OnRequest: func(route string, code int) { counted <- route + " " + http.StatusText(code) }})
	for path, want := range map[string]string{
		"/api/v1/alerts/0000000000000001": "GET /api/v1/alerts/{id} Not Found",
		"/api/v1/status":                  "GET /api/v1/status OK",
		"/evil":                           "other Not Found",
	} {
		ask(t, "GET", s.url+path, "")
		if got := <-counted; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
