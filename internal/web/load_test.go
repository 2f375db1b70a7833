package web_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

// stuck is a daemon that does not answer what it is asked for.
type stuck struct {
	*webtest.Fake
	asked chan struct{} // has room; one for each request that came
}

// Status waits until nobody wants to know any more.
func (s *stuck) Status(ctx context.Context) (web.Status, error) {
	s.asked <- struct{}{}
	<-ctx.Done()
	return web.Status{}, ctx.Err()
}

// TestTooManyRequests: one more is told so at once, and probes are answered all
// the same.
func TestTooManyRequests(t *testing.T) {
	backend := &stuck{webtest.Busy(), make(chan struct{}, 100)}
	s := serve(t, web.Options{Backend: backend})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{}, 64)
	for range 64 {
		go func() {
			defer func() { ended <- struct{}{} }()
			req, err := http.NewRequestWithContext(ctx, "GET", s.url+"/api/v1/status", nil)
			if err != nil {
				t.Error(err)
				return
			}
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			if resp, err := client.Do(req); err == nil {
				resp.Body.Close()
				t.Errorf("answered with %s", resp.Status)
			}
		}()
	}
	for range 64 {
		<-backend.asked
	}
	code, header, text := ask(t, "GET", s.url+"/api/v1/rules", "")
	if code != 503 || header.Get("Retry-After") != "1" || !strings.Contains(text, "too many requests") {
		t.Errorf("%d %s", code, text)
	}
	if code, _, _ := ask(t, "GET", s.url+"/-/healthy", ""); code != 200 {
		t.Errorf("healthy: %d", code)
	}
	stop()
	for range 64 {
		<-ended
	}
}

// TestShutdownCutsWhatDoesNotEnd: a request that hangs does not hold up the end.
func TestShutdownCutsWhatDoesNotEnd(t *testing.T) {
	backend := &stuck{webtest.Busy(), make(chan struct{}, 1)}
	s := web.New(web.Options{Backend: backend, Log: slog.New(slog.DiscardHandler), Now: func() int64 { return 0 }})
	l, err := web.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	served, hung := make(chan error, 1), make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	go func() {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Get("http://" + l.Addr().String() + "/api/v1/status")
		if err == nil {
			resp.Body.Close()
		}
		hung <- err
	}()
	<-backend.asked
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(now); err == nil {
		t.Error("nothing was cut")
	}
	if err := <-hung; err == nil {
		t.Error("it was answered")
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	s.Publish(number(1)) // whoever still decides may still say so
}
