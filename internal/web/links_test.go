package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

// TestLinks: what a message links to leads to what the API says of it, also
// behind a proxy that has the daemon below a path.
func TestLinks(t *testing.T) {
	fake := webtest.Busy()
	s := serve(t, web.Options{Backend: fake})
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.StripPrefix("/vms", &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
	}))
	defer proxy.Close()
	id := "/alerts/" + fake.Stories[0].Alert.Fingerprint
	for _, base := range []string{s.url, proxy.URL + "/vms"} {
		for path, want := range map[string]string{"/": "/alerts", "/alerts": "/alerts", id: id} {
			answer, err := http.Get(base + path)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if got := answer.Request.URL.String(); got != base+"/api/v1"+want || answer.StatusCode != http.StatusOK {
				t.Errorf("%s%s leads to %s with %s", base, path, got, answer.Status)
			}
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(s.url + "/alerts/..%2f..%2f%2fevil.example.org")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if to := answer.Header.Get("Location"); !strings.HasPrefix(to, "../api/v1/alerts/") || strings.Contains(to, "//") || strings.Count(to, "../") > 1 {
		t.Errorf("a hostile link leads to %q", to)
	}
}
