package alertmanager

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/qmp"
)

// since is Firing, but since a given time.
func since(at time.Time) notifiers.Notification {
	return firing(func(c *alert.Change) { c.StartsAt, c.At = at.UnixMicro(), at.UnixMicro() })
}

// ended is the end of since.
func ended(began, at time.Time) notifiers.Notification {
	n := firing(func(c *alert.Change) {
		c.Status, c.StartsAt, c.EndsAt, c.At = alert.Resolved, began.UnixMicro(), at.UnixMicro(), at.UnixMicro()
	})
	n.Status = alert.Resolved
	return n
}

// TestRealLife sends the life of an alert to a real Alertmanager: it lists the
// alert, tells its webhook, keeps it when it is sent again, and knows when it is
// over.
func TestRealLife(t *testing.T) {
	s := start(t)
	n, err := New(Config{URL: secret(s.addr)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	began := time.Now().Add(-time.Minute).Truncate(time.Millisecond) // as its API prints times
	note := since(began)
	for range 2 {
		if _, err := n.Notify(t.Context(), note, ""); err != nil {
			t.Fatal(err)
		}
	}
	all := s.alerts()
	if len(all) != 1 {
		t.Fatalf("%d alerts: %+v", len(all), all)
	}
	a := all[0]
	want := map[string]string{}
	for _, l := range note.Alerts[0].Labels {
		want[l.Name] = l.Value
	}
	if !maps.Equal(a.Labels, want) || a.Annotations["summary"] != "db1: quorum child c answered badly 14 times" ||
		!a.StartsAt.Equal(began) || a.GeneratorURL != "https://qmpalert.example.org" {
		t.Errorf("%+v", a)
	}
	if left := time.Until(a.EndsAt); left < lifetime-patience || left > lifetime {
		t.Errorf("it would be forgotten in %v", left)
	}
	if m := s.next(1); m.Status != "firing" || len(m.Alerts) != 1 || !maps.Equal(m.Alerts[0].Labels, want) {
		t.Errorf("told %+v", m)
	}

	over := time.Now().Truncate(time.Millisecond)
	if _, err := n.Notify(t.Context(), ended(began, over), ""); err != nil {
		t.Fatal(err)
	}
	if m := s.next(2); m.Status != "resolved" || len(m.Alerts) != 1 || !m.Alerts[0].EndsAt.Equal(over) {
		t.Errorf("told %+v, want the end at %v", m, over)
	}
	if all := s.alerts(); len(all) != 0 {
		t.Errorf("still there: %+v", all)
	}
}

// TestRealForgets: an alert that is not sent again is over after a lifetime. The
// clock of the notifier is late, so that little of the lifetime is left.
func TestRealForgets(t *testing.T) {
	s := start(t)
	late := func() time.Time { return time.Now().Add(5*time.Second - lifetime) }
	n, err := New(Config{URL: secret(s.addr)}, late)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := n.Notify(t.Context(), since(late().Add(-time.Minute)), ""); err != nil {
		t.Fatal(err)
	}
	if m := s.next(1); m.Status != "firing" {
		t.Errorf("told %+v", m)
	}
	if m := s.next(2); m.Status != "resolved" {
		t.Errorf("told %+v", m)
	}
}

// TestRealContract: a real Alertmanager takes whatever a guest wrote, which is
// seen on the way to it.
func TestRealContract(t *testing.T) {
	s := start(t)
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		f := newFar(t)
		u, err := url.Parse(s.addr)
		if err != nil {
			t.Fatal(err)
		}
		proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			answer := httptest.NewRecorder()
			r.Body = io.NopCloser(bytes.NewReader(body))
			proxy.ServeHTTP(answer, r)
			if answer.Code == http.StatusOK {
				r.Body = io.NopCloser(bytes.NewReader(body))
				f.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		}))
		t.Cleanup(front.Close)
		n, err := New(Config{URL: secret(front.URL)}, clock)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { n.Close() })
		return &notifiertest.Harness{Notifier: n, MaxSize: maxBody, Accepted: f.accepted, Harmless: harmless}
	})
}

// TestRealIdentities: alerts that differ only in what cannot be sent stay two.
func TestRealIdentities(t *testing.T) {
	s := start(t)
	n, err := New(Config{URL: secret(s.addr)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	var note notifiers.Notification
	for _, vm := range []string{"a\x1b", "a\x07"} {
		one := firing(func(c *alert.Change) {
			c.Labels = alert.Labels{{Name: "alertname", Value: "A"}, {Name: "vm", Value: vm}}
			c.Fingerprint, c.StartsAt = c.Labels.Fingerprint(), qmp.NoTime
		})
		one.Alerts = append(one.Alerts, note.Alerts...)
		note = one
	}
	if _, err := n.Notify(t.Context(), note, ""); err != nil {
		t.Fatal(err)
	}
	if all := s.alerts(); len(all) != 2 {
		t.Errorf("%+v", all)
	}
}
