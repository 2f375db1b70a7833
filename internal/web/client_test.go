package web_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

func newClient(t *testing.T, address string, token func() (string, error)) *web.Client {
	t.Helper()
	c, err := web.NewClient(address, token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestClientSeesWhatTheDaemonHas: whatever the backend returns arrives whole,
// evil texts included.
func TestClientSeesWhatTheDaemonHas(t *testing.T) {
	fake := webtest.Busy()
	token := func() (string, error) { return "s3cret", nil }
	s := serve(t, web.Options{Backend: fake, Token: token})
	c, ctx := newClient(t, s.url+"/", token), t.Context()
	same := func(what string, want, got any, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", what, d)
		}
	}
	status, err := c.Status(ctx)
	same("status", fake.State, status, err)
	alerts, more, err := c.Alerts(ctx, web.ListQuery{States: []string{"all"}, Filters: []string{`vm="db1"`}, Limit: 1, Evidence: true})
	same("alerts", []web.Alert{fake.Stories[0].Alert}, alerts, err)
	same("more", true, more, nil)
	story, err := c.Explain(ctx, fake.Stories[0].Alert.ID)
	same("explain", fake.Stories[0], story, err)
	ack, err := c.Ack(ctx, fake.Stories[0].Alert.ID, web.AckRequest{By: "e", Comment: webtest.Evil})
	same("ack", *fake.Stories[0].Alert.Ack, ack, err)
	silences, err := c.Silences(ctx)
	same("silences", fake.Muting, silences, err)
	made, err := c.SetSilence(ctx, web.SilenceRequest{Matchers: []string{"vm=a/b"}, Duration: "1h", CreatedBy: "e"})
	same("silence", fake.Muting[1], made, err)
	same("expire", "expired", func() string {
		err = c.ExpireSilence(ctx, made.ID, "e")
		return fake.Muting[1].State
	}(), err)
	dead, _, err := c.DeadLetters(ctx, 10)
	same("dead letters", fake.Dead, dead, err)
	same("resend", nil, nil, c.Resend(ctx, dead[0].ID))
	route, err := c.ExplainRoute(ctx, []string{"severity=critical", "vm=" + webtest.Evil}, webtest.Begin)
	want := fake.Routes(nil, webtest.Begin)
	same("route", want.Muted, route.Muted, err)
	same("labels", map[string]string{"severity": "critical", "vm": webtest.Evil}, route.Labels, nil)
	reloaded, err := c.Reload(ctx)
	same("reload", 1, reloaded.Rules, err)
	var p *web.Problem
	if err := c.ExpireSilence(ctx, "a/../b?c", "e"); !errors.As(err, &p) || !strings.Contains(p.Detail, `"a/../b?c"`) {
		t.Errorf("a name with a slash: %v", err)
	}
}

func TestClientFailures(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:9595", "ftp://x", "http://", "http://u:p@x", "http://x/?a", "http://x#y", "http://x:port", "unix:/x"} {
		if _, err := web.NewClient(bad, nil); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := "http://" + l.Addr().String()
	l.Close()
	var away *web.Unreachable
	if _, err := newClient(t, gone, nil).Status(t.Context()); !errors.As(err, &away) || strings.Contains(err.Error(), "/api") {
		t.Errorf("nobody there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newClient(t, gone, nil).Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := newClient(t, gone, func() (string, error) { return "", io.EOF }).Status(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("no token: %v", err)
	}
	answers := map[string]http.HandlerFunc{
		"not from qmpalert":    func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", http.StatusBadGateway) },
		"does not answer as":   func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
		"302 Found":            func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"no daemon answers at": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for want, answer := range answers {
		s := httptest.NewServer(answer)
		if _, err := newClient(t, s.URL, nil).Status(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
		s.Close()
	}
}
