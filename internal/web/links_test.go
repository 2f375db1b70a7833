package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

// TestLinks: what a message links to leads to what the API says of it.
func TestLinks(t *testing.T) {
	fake := webtest.Busy()
	s := serve(t, web.Options{Backend: fake})
	fingerprint := fake.Stories[0].Alert.Fingerprint
	for path, want := range map[string]string{"/alerts": "/api/v1/alerts", "/alerts/" + fingerprint: "/api/v1/alerts/" + fingerprint} {
		answer, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Request.URL.Path; got != want || answer.StatusCode != http.StatusOK {
			t.Errorf("%s leads to %s with %s, want %s", path, got, answer.Status, want)
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(s.url + "/alerts/..%2f..%2f%2fevil.example.org")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if to := answer.Header.Get("Location"); !strings.HasPrefix(to, "/api/v1/alerts/") || strings.Contains(to, "//") {
		t.Errorf("a hostile link leads to %q", to)
	}
}
