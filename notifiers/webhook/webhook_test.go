package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/notifiers/post"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "hunter2-hunter2"

func secret(s string) func() (string, error) {
	return func() (string, error) { return s, nil }
}

// far is a receiver that accepts everything until it is told to answer
// otherwise.
type far struct {
	server *httptest.Server

	mu       sync.Mutex
	answer   http.HandlerFunc
	messages []notifiertest.Message
	headers  []http.Header
	hang     chan struct{}
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
			fmt.Fprintf(w, "no, %s\x1b[31m\n", key)
		})
	}
}

// body answers with a text.
func (f *far) body(code int, text string) func() {
	return func() {
		f.say(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, text)
		})
	}
}

// cut says what it thinks and hangs up in the middle of its reasons.
func (f *far) cut(code int) func() {
	return func() {
		f.say(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(code)
			fmt.Fprint(w, "because ", key)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
	}
}

// drip never comes to an end.
func (f *far) drip(code int) func() {
	return func() {
		f.say(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, "because ")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-f.hang:
			}
		})
	}
}

func (f *far) flood(code int) func() {
	return func() {
		f.say(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			for range 10 {
				if _, err := w.Write(bytes.Repeat([]byte(key+" "), 1<<16)); err != nil {
					return
				}
			}
		})
	}
}

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	answer := f.answer
	if answer == nil && err == nil {
		f.messages = append(f.messages, notifiertest.Message{Raw: string(body), Text: string(body)})
		f.headers = append(f.headers, r.Header.Clone())
	}
	f.mu.Unlock()
	if answer != nil {
		answer(w, r)
	}
}

var clock = func() time.Time { return time.Date(2026, 3, 14, 14, 10, 0, 0, time.UTC) }

func (f *far) notifier(t *testing.T, change func(*Config)) *Notifier {
	t.Helper()
	cfg := Config{URL: secret(f.server.URL + "/hooks/" + key), Auth: post.Auth{Credentials: secret(key)}}
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
		h := &notifiertest.Harness{
			Notifier: f.notifier(t, nil), Secrets: []string{key, f.server.URL + "/hooks"}, MaxSize: 12 << 20,
			Accepted: func() []notifiertest.Message {
				f.mu.Lock()
				defer f.mu.Unlock()
				return append([]notifiertest.Message(nil), f.messages...)
			},
			Hang: func() { f.say(func(http.ResponseWriter, *http.Request) { <-f.hang }) },
			Harmless: func(t *testing.T, m notifiertest.Message) {
				if !json.Valid([]byte(m.Raw)) || strings.ContainsAny(m.Raw, "\x7f\u009b\u202e\u200b") {
					t.Errorf("%.500q", m.Raw)
				}
			},
			Answers: []notifiertest.Answer{
				{Name: "204", Arrange: f.status(204), OK: true},
				{Name: "429 with seconds", Arrange: f.status(429, "Retry-After", "11"), Want: notifiers.Wait, After: 11 * time.Second},
				{Name: "429 with a date", Arrange: f.status(429, "Retry-After", "Sat, 14 Mar 2026 14:10:05 GMT"), Want: notifiers.Wait, After: 5 * time.Second},
				{Name: "429", Arrange: f.status(429), Want: notifiers.Wait},
				{Name: "503 with seconds", Arrange: f.status(503, "Retry-After", "2"), Want: notifiers.Wait, After: 2 * time.Second},
				{Name: "302", Arrange: f.status(302, "Location", "/"+key), Want: notifiers.Misconfigured},
				{Name: "307", Arrange: f.status(307, "Location", "/"+key), Want: notifiers.Misconfigured},
				{Name: "429 with seconds in the body", Arrange: f.body(429, `{"message":"slow","retry_after":1.5}`), Want: notifiers.Wait, After: 1500 * time.Millisecond},
				{Name: "429 with milliseconds in the body", Arrange: f.body(429, `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}`), Want: notifiers.Wait, After: 2 * time.Second},
				{Name: "429 with parameters in the body", Arrange: f.body(429, `{"ok":false,"parameters":{"retry_after":35}}`), Want: notifiers.Wait, After: 35 * time.Second},
				{Name: "500 with retry_after in the body", Arrange: f.body(500, `{"retry_after":5}`), Want: notifiers.Retry},
				{Name: "cut before the answer", Arrange: func() { f.say(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }) }, Want: notifiers.Retry},
				{Name: "cut after accepting", Arrange: f.cut(202), OK: true},
				{Name: "cut after refusing", Arrange: f.cut(400), Want: notifiers.Rejected},
				{Name: "accepted in drips", Arrange: f.drip(200), OK: true},
				{Name: "10 MB of acceptance", Arrange: f.flood(200), OK: true},
				{Name: "10 MB", Arrange: f.flood(400), Want: notifiers.Rejected},
				{Name: "no HTTP", Arrange: func() {
					f.say(func(w http.ResponseWriter, _ *http.Request) {
						conn, _, err := http.NewResponseController(w).Hijack()
						if err != nil {
							return
						}
						fmt.Fprint(conn, "220 mail.example.org ESMTP\r\n")
						conn.Close()
					})
				}, Want: notifiers.Retry},
				{Name: "down", Arrange: func() { f.server.Listener.Close() }, Want: notifiers.Retry},
			},
		}
		for class, codes := range map[notifiers.Class][]int{
			notifiers.Retry:         {408, 425, 500, 502, 503, 504, 599},
			notifiers.Misconfigured: {401, 403, 404, 410, 300},
			notifiers.Rejected:      {400, 405, 409, 413, 415, 422},
		} {
			for _, code := range codes {
				h.Answers = append(h.Answers, notifiertest.Answer{Name: fmt.Sprint(code), Arrange: f.status(code), Want: class})
			}
		}
		return h
	})
}

// alertmanager is what a receiver written for Alertmanager reads: its Go types
// of version 4, with strictly no member missing.
type alertmanager struct {
	Version           string            `json:"version"`
	GroupKey          string            `json:"groupKey"`
	TruncatedAlerts   uint64            `json:"truncatedAlerts"`
	Receiver          string            `json:"receiver"`
	Status            string            `json:"status"`
	GroupLabels       map[string]string `json:"groupLabels"`
	CommonLabels      map[string]string `json:"commonLabels"`
	CommonAnnotations map[string]string `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
	Alerts            []struct {
		Status       string            `json:"status"`
		Labels       map[string]string `json:"labels"`
		Annotations  map[string]string `json:"annotations"`
		StartsAt     time.Time         `json:"startsAt"`
		EndsAt       time.Time         `json:"endsAt"`
		GeneratorURL string            `json:"generatorURL"`
		Fingerprint  string            `json:"fingerprint"`
		Change       struct {
			AlertName string `json:"alertname"`
			Count     int    `json:"count"`
			Evidence  struct {
				Events []struct {
					Data map[string]any `json:"data"`
				} `json:"events"`
			} `json:"evidence"`
		} `json:"qmpalert"`
	} `json:"alerts"`
}

func TestAReceiverOfAlertmanagerReadsIt(t *testing.T) {
	f := newFar(t)
	n := f.notifier(t, func(c *Config) { c.Headers = []Header{{"X-Team", "storage"}} })
	for _, note := range []notifiers.Notification{notifiertest.Firing(), notifiertest.Resolved()} {
		if _, err := n.Notify(t.Context(), note, ""); err != nil {
			t.Fatal(err)
		}
	}
	var got [2]alertmanager
	for i := range got {
		d := json.NewDecoder(strings.NewReader(f.messages[i].Raw))
		if err := d.Decode(&got[i]); err != nil {
			t.Fatal(err)
		}
	}
	firing, resolved := got[0].Alerts[0], got[1].Alerts[0]
	if got[0].Version != "4" || got[0].Status != "firing" || got[1].Status != "resolved" || got[0].GroupKey != got[1].GroupKey {
		t.Errorf("messages: %+v and %+v", got[0], got[1])
	}
	if !firing.EndsAt.IsZero() || resolved.EndsAt.Sub(resolved.StartsAt) != 12*time.Minute+3*time.Second || firing.Fingerprint != resolved.Fingerprint {
		t.Errorf("times: %v to %v, then to %v", firing.StartsAt, firing.EndsAt, resolved.EndsAt)
	}
	if c := firing.Change; c.AlertName != "QuorumChildFailing" || c.Count != 14 || len(c.Evidence.Events) != 10 || c.Evidence.Events[9].Data["node-name"] != "c" {
		t.Errorf("change: %+v", c)
	}
	head := f.headers[0]
	want := map[string]string{
		"Content-Type": "application/json", "User-Agent": "qmpalert", "X-Team": "storage",
		"Webhook-Id": notifiertest.Firing().ID, "Idempotency-Key": notifiertest.Firing().ID, "Webhook-Timestamp": "1773497400",
		"Authorization": "Bearer " + key,
	}
	seen := map[string]string{}
	for name := range want {
		seen[name] = head.Get(name)
	}
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
}

// TestTLS: who does not prove who it is gets nothing.
func TestTLS(t *testing.T) {
	f := newFar(t)
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	for name, where := range map[string]string{
		"unknown authority": s.URL, "https to a port without TLS": strings.Replace(f.server.URL, "http:", "https:", 1),
	} {
		n := f.notifier(t, func(c *Config) { c.URL = secret(where + "/" + key) })
		_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(f.messages) != 0 {
		t.Errorf("%d messages were sent", len(f.messages))
	}
}

// TestTimeout: a far end that hangs is tried again later.
func TestTimeout(t *testing.T) {
	f := newFar(t)
	f.say(func(http.ResponseWriter, *http.Request) { <-f.hang })
	n := f.notifier(t, func(c *Config) { c.Timeout = 50 * time.Millisecond })
	_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Class != notifiers.Retry {
		t.Errorf("%v", err)
	}
}

func TestBasicAuth(t *testing.T) {
	f := newFar(t)
	n := f.notifier(t, func(c *Config) { c.Auth.Credentials, c.Auth.Username, c.Auth.Password = nil, "bob", secret(key) })
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err != nil {
		t.Fatal(err)
	}
	r := http.Request{Header: f.headers[0]}
	if user, password, ok := r.BasicAuth(); !ok || user != "bob" || password != key {
		t.Errorf("%s, %s, %t", user, password, ok)
	}
}

// TestRefusals: what never leaves this machine.
func TestRefusals(t *testing.T) {
	denied := &os.PathError{Op: "open", Path: "/etc/url", Err: os.ErrPermission}
	broken := func() (string, error) { return "", denied }
	f := newFar(t)
	for name, change := range map[string]func(*Config){
		"unreadable url":         func(c *Config) { c.URL = broken },
		"unreadable credentials": func(c *Config) { c.Auth.Credentials = broken },
		"unreadable password":    func(c *Config) { c.Auth.Credentials, c.Auth.Username, c.Auth.Password = nil, "bob", broken },
		"no address":             func(c *Config) { c.URL = secret("ht tp://" + key) },
		"file":                   func(c *Config) { c.URL = secret("file:///etc/passwd") },
		"metadata":               func(c *Config) { c.URL = secret("http://169.254.169.254/" + key) },
		"metadata in IPv6":       func(c *Config) { c.URL = secret("http://[::ffff:a9fe:a9fe]/" + key) },
	} {
		_, err := f.notifier(t, change).Notify(t.Context(), notifiertest.Firing(), "")
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(f.messages) != 0 {
		t.Errorf("%d messages were sent", len(f.messages))
	}
}

func TestNewRefuses(t *testing.T) {
	u := secret("https://example.org/")
	for want, cfg := range map[string]Config{
		"url or url_file":   {},
		"exclude":           {URL: u, Auth: post.Auth{Credentials: u, Username: "bob"}},
		"basic_auth":        {URL: u, Auth: post.Auth{Username: "bob"}},
		"set by qmpalert":   {URL: u, Headers: []Header{{"Webhook-ID", "x"}}},
		"name of a header":  {URL: u, Headers: []Header{{"X\r\nY", "x"}}},
		"control character": {URL: u, Headers: []Header{{"X", "x\r\nY: z"}}},
		"given twice":       {URL: u, Headers: []Header{{"X-Key", "1"}, {"x-key", "2"}}},
		"http_config":       {URL: u, Auth: post.Auth{Credentials: u}, Headers: []Header{{"authorization", "Bearer x"}}},
		"cert_file":         {URL: u, TLS: tlsopt.Options{CertFile: "x"}},
	} {
		if _, err := New(cfg, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
}
