package alertmanager

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/notifiers/post"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
	"github.com/qmpalert/qmpalert/qmp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "hunter2-hunter2"

func secret(s string) func() (string, error) {
	return func() (string, error) { return s, nil }
}

// clock is a minute after the end of notifiertest.Resolved.
var clock = func() time.Time { return time.Date(2026, 3, 14, 14, 15, 6, 0, time.UTC) }

// far is an Alertmanager that accepts everything until it is told to answer
// otherwise.
type far struct {
	server *httptest.Server
	hang   chan struct{}

	mu       sync.Mutex
	answer   http.HandlerFunc
	messages []notifiertest.Message
	requests []*http.Request
}

func newFar(t *testing.T) *far {
	f := &far{hang: make(chan struct{})}
	f.server = httptest.NewServer(f)
	t.Cleanup(func() {
		close(f.hang)
		f.server.Close()
	})
	return f
}

func (f *far) say(h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = h
}

func (f *far) status(code int, headers ...string) func() {
	return func() {
		f.say(func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
			fmt.Fprintf(w, "%q\n", "no, "+key+"\x1b[31m")
		})
	}
}

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	answer := f.answer
	if answer == nil && err == nil {
		f.messages = append(f.messages, notifiertest.Message{Raw: string(body), Text: text(body)})
		f.requests = append(f.requests, r)
	}
	f.mu.Unlock()
	if answer != nil {
		answer(w, r)
	}
}

// text is what Alertmanager's page shows of a request: labels and annotations,
// and whether an alert still fires.
func text(body []byte) string {
	var alerts []postable
	if err := json.Unmarshal(body, &alerts); err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, a := range alerts {
		if ends, err := time.Parse(time.RFC3339Nano, a.EndsAt); err != nil || ends.Before(clock()) {
			fmt.Fprintln(&b, "resolved", err)
		}
		for _, set := range []map[string]string{a.Labels, a.Annotations} {
			for _, name := range slices.Sorted(maps.Keys(set)) {
				fmt.Fprintf(&b, "%s=%s\n", name, set[name])
			}
		}
	}
	return b.String()
}

func (f *far) accepted() []notifiertest.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.messages)
}

func (f *far) notifier(t *testing.T, change func(*Config)) *Notifier {
	t.Helper()
	cfg := Config{URL: secret(f.server.URL + "/" + key), Auth: post.Auth{Credentials: secret(key)}}
	if change != nil {
		change(&cfg)
	}
	n, err := New(cfg, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func TestContract(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		f := newFar(t)
		return &notifiertest.Harness{
			Notifier: f.notifier(t, nil), Secrets: []string{key, f.server.URL + "/" + key}, MaxSize: maxBody,
			Accepted: f.accepted,
			Hang:     func() { f.say(func(http.ResponseWriter, *http.Request) { <-f.hang }) },
			Harmless: harmless,
			Answers: []notifiertest.Answer{
				{Name: "204", Arrange: f.status(204), OK: true},
				{Name: "400", Arrange: f.status(400), Want: notifiers.Rejected},
				{Name: "401", Arrange: f.status(401), Want: notifiers.Misconfigured},
				{Name: "403", Arrange: f.status(403), Want: notifiers.Misconfigured},
				{Name: "404", Arrange: f.status(404), Want: notifiers.Misconfigured},
				{Name: "405", Arrange: f.status(405), Want: notifiers.Rejected},
				{Name: "408", Arrange: f.status(408), Want: notifiers.Retry},
				{Name: "410", Arrange: f.status(410), Want: notifiers.Misconfigured},
				{Name: "413", Arrange: f.status(413), Want: notifiers.Rejected},
				{Name: "429", Arrange: f.status(429), Want: notifiers.Wait},
				{Name: "429 with seconds", Arrange: f.status(429, "Retry-After", "11"), Want: notifiers.Wait, After: 11 * time.Second},
				{Name: "429 with a date", Arrange: f.status(429, "Retry-After", "Sat, 14 Mar 2026 14:15:11 GMT"), Want: notifiers.Wait, After: 5 * time.Second},
				{Name: "500", Arrange: f.status(500), Want: notifiers.Retry},
				{Name: "503 with seconds", Arrange: f.status(503, "Retry-After", "2"), Want: notifiers.Wait, After: 2 * time.Second},
				{Name: "302", Arrange: f.status(302, "Location", "/"+key), Want: notifiers.Misconfigured},
				{Name: "cut", Arrange: func() { f.say(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }) }, Want: notifiers.Retry},
				{Name: "10 MB", Arrange: func() {
					f.say(func(w http.ResponseWriter, _ *http.Request) {
						w.WriteHeader(400)
						for range 10 {
							if _, err := w.Write(bytes.Repeat([]byte(key+" "), 1<<16)); err != nil {
								return
							}
						}
					})
				}, Want: notifiers.Rejected},
				{Name: "down", Arrange: func() { f.server.Listener.Close() }, Want: notifiers.Retry},
			},
		}
	})
}

// harmless: what Alertmanager's own checks ask for, and nothing that acts on
// the terminal of who reads it with amtool.
func harmless(t *testing.T, m notifiertest.Message) {
	t.Helper()
	var alerts []postable
	if err := json.Unmarshal([]byte(m.Raw), &alerts); err != nil {
		t.Fatalf("%v in %.300q", err, m.Raw)
	}
	for _, a := range alerts {
		if a.Labels["alertname"] == "" || len(a.Labels) > maxLabels+2 {
			t.Errorf("labels %.300v", a.Labels)
		}
		starts, ends := a.StartsAt, a.EndsAt
		if starts > ends || ends == "" {
			t.Errorf("from %s until %s", starts, ends)
		}
		for _, set := range []map[string]string{a.Labels, a.Annotations} {
			for name, value := range set {
				if labelName(name) != name || value == "" || strings.ContainsAny(value, "\x00\x1b\x7f\u009b\u202e\u200b\r") {
					t.Errorf("%s=%.300q", name, value)
				}
			}
		}
	}
}

func firing(change func(*alert.Change)) notifiers.Notification {
	n := notifiertest.Firing()
	c := n.Alerts[0]
	c.Labels, c.Annotations = slices.Clone(c.Labels), slices.Clone(c.Annotations)
	change(&c)
	n.Alerts = []alert.Change{c}
	return n
}

// send returns the alerts that an Alertmanager is sent for a notification.
func send(t *testing.T, n notifiers.Notification) []postable {
	t.Helper()
	f := newFar(t)
	if _, err := f.notifier(t, nil).Notify(t.Context(), n, ""); err != nil {
		t.Fatal(err)
	}
	var alerts []postable
	for _, m := range f.accepted() {
		var part []postable
		if err := json.Unmarshal([]byte(m.Raw), &part); err != nil {
			t.Fatal(err)
		}
		alerts = append(alerts, part...)
	}
	return alerts
}

func TestGolden(t *testing.T) {
	n := notifiertest.Attached()
	n.Alerts = append(n.Alerts, notifiertest.Resolved().Alerts...)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(send(t, n)); err != nil {
		t.Fatal(err)
	}
	notifiertest.Golden(t, "alerts.json", b.String())
}

// TestTimes: an alert that fires ends a lifetime from now, one that was
// resolved when it was; and no end is before its beginning, whatever the clocks
// say.
func TestTimes(t *testing.T) {
	us := func(s string) int64 {
		if s == "" {
			return qmp.NoTime
		}
		at, err := time.Parse(time.TimeOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at.AddDate(2026, 2, 13).UnixMicro()
	}
	for _, tt := range []struct {
		name                   string
		status                 alert.Status
		starts, ends           string
		wantStarts, wantEndsAt string
	}{
		{"firing", alert.Firing, "14:02:03", "", "14:02:03", "14:19:06"},
		{"firing, clock stepped back", alert.Firing, "15:02:03", "", "15:02:03", "15:06:03"},
		{"firing since who knows", alert.Firing, "", "", "", "14:19:06"},
		{"resolved", alert.Resolved, "14:02:03", "14:14:06", "14:02:03", "14:14:06"},
		{"resolved, clock stepped back", alert.Resolved, "14:02:03", "13:00:00", "14:02:03", "14:02:03"},
		{"resolved who knows when", alert.Resolved, "14:02:03", "", "14:02:03", "14:15:06"},
	} {
		n := firing(func(c *alert.Change) { c.Status, c.StartsAt, c.EndsAt = tt.status, us(tt.starts), us(tt.ends) })
		full := func(s string) string {
			if s == "" {
				return ""
			}
			return "2026-03-14T" + s + ".000000Z"
		}
		if a := send(t, n)[0]; a.StartsAt != full(tt.wantStarts) || a.EndsAt != full(tt.wantEndsAt) {
			t.Errorf("%s: from %s until %s", tt.name, a.StartsAt, a.EndsAt)
		}
	}
}

// TestLabels: what Prometheus has no form for is changed, and the alert keeps
// its identity all the same.
func TestLabels(t *testing.T) {
	for _, tt := range []struct{ name, value, wantName, wantValue string }{
		{"vm", "db1", "vm", "db1"},
		{"node-name", "c", "node_name", "c"},
		{"0day", "x", "_0day", "x"},
		{"", "x", "_", "x"},
		{"naïve", "x", "na_ve", "x"},
		{"guest", "a\x1b\u202e\xffb", "guest", "a\uFFFD\uFFFD\uFFFDb"},
	} {
		n := firing(func(c *alert.Change) {
			c.Labels = alert.Labels{{Name: "alertname", Value: "A"}, {Name: "empty"}, {Name: tt.name, Value: tt.value}}
		})
		want := map[string]string{"alertname": "A", tt.wantName: tt.wantValue}
		if tt.name != tt.wantName || tt.value != tt.wantValue {
			want[identity] = n.Alerts[0].Fingerprint.String()
		}
		if got := send(t, n)[0].Labels; !maps.Equal(got, want) {
			t.Errorf("%q=%q: %v, want %v", tt.name, tt.value, got, want)
		}
	}
}

// TestWhatIsNotSent: alerts that did not fire, and notices about silences.
func TestWhatIsNotSent(t *testing.T) {
	for _, status := range []alert.Status{alert.Pending, alert.Inactive} {
		if got := send(t, firing(func(c *alert.Change) { c.Status = status })); len(got) != 0 {
			t.Errorf("%s: %v", status, got)
		}
	}
	n := notifiertest.Firing()
	n.Kind, n.Silence = notifiers.KindSilence, &notifiers.Silence{ID: "s"}
	if got := send(t, n); len(got) != 0 {
		t.Errorf("silence: %v", got)
	}
	n = notifiertest.Firing()
	n.ExternalURL = "javascript:alert(1)"
	if got := send(t, n)[0].GeneratorURL; got != "" {
		t.Errorf("generatorURL %s", got)
	}
}

// TestManyAlerts: a group that is too large for one request is sent as several.
func TestManyAlerts(t *testing.T) {
	n := notifiertest.Big(1)
	for range 399 {
		n.Alerts = append(n.Alerts, n.Alerts[0])
	}
	f := newFar(t)
	if _, err := f.notifier(t, nil).Notify(t.Context(), n, ""); err != nil {
		t.Fatal(err)
	}
	got := f.accepted()
	for _, m := range got {
		if len(m.Raw) > maxBody || !json.Valid([]byte(m.Raw)) {
			t.Errorf("%d bytes", len(m.Raw))
		}
	}
	if len(got) < 2 || len(send(t, n)) != 400 {
		t.Errorf("%d requests", len(got))
	}
}

func TestRequest(t *testing.T) {
	f := newFar(t)
	for _, tail := range []string{"", "/", "/api/v2/alerts", "/api/v2/alerts/", "//"} {
		n := f.notifier(t, func(c *Config) {
			c.URL, c.Auth.Credentials = secret(f.server.URL+"/am"+tail), nil
			c.Auth.Username, c.Auth.Password = "bob", secret(key)
		})
		if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err != nil {
			t.Fatal(err)
		}
		r := f.requests[len(f.requests)-1]
		user, password, _ := r.BasicAuth()
		if r.URL.Path != "/am/api/v2/alerts" || r.Header.Get("Content-Type") != "application/json" || user != "bob" || password != key {
			t.Errorf("%q: %s %v", tail, r.URL, r.Header)
		}
	}
	for _, where := range []string{"", "am", "ftp://am", "http://", "http://\x00"} {
		n := f.notifier(t, func(c *Config) { c.URL = secret(where) })
		if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err == nil || !strings.Contains(err.Error(), "not an http") {
			t.Errorf("%q: %v", where, err)
		}
	}
}

// TestCheck: what answers there is an Alertmanager that lets us in, or not.
func TestCheck(t *testing.T) {
	f := newFar(t)
	n := f.notifier(t, nil)
	for code, want := range map[int]notifiers.Class{
		401: notifiers.Misconfigured, 404: notifiers.Misconfigured, 302: notifiers.Misconfigured, 503: notifiers.Retry,
	} {
		f.status(code, "Location", "/x")()
		var e *notifiers.Error
		if err := n.Check(t.Context()); !errors.As(err, &e) || e.Class != want || strings.Contains(err.Error(), key) {
			t.Errorf("%d: %v", code, err)
		}
	}
	f.say(nil)
	if err := n.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := f.requests[0]; r.Method != http.MethodGet || r.URL.Path != "/"+key+"/api/v2/status" || r.Header.Get("Authorization") != "Bearer "+key {
		t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
	}
}

func TestSecretsThatCannotBeRead(t *testing.T) {
	broken := func() (string, error) { return "", io.ErrUnexpectedEOF }
	for name, change := range map[string]func(*Config){
		"url":         func(c *Config) { c.URL = broken },
		"credentials": func(c *Config) { c.Auth.Credentials = broken },
		"password":    func(c *Config) { c.Auth.Credentials, c.Auth.Username, c.Auth.Password = nil, "bob", broken },
	} {
		n := newFar(t).notifier(t, change)
		if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, cfg := range map[string]Config{
		"url":      {},
		"exclude":  {URL: secret("x"), Auth: post.Auth{Credentials: secret("x"), Username: "x", Password: secret("x")}},
		"password": {URL: secret("x"), Auth: post.Auth{Username: "x"}},
		"ca_file":  {URL: secret("x"), TLS: tlsopt.Options{CAFile: "/nonexistent"}},
	} {
		if _, err := New(cfg, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
}
