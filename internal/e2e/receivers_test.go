package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack/slacktest"

	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
)

// officialSlack is slack-go's own test server, which can only post. It keeps
// what was posted for a websocket; what stands before it keeps it for the test.
type officialSlack struct {
	*pile[slackCall] // those that it accepted
	url              string
}

func newOfficialSlack(t *testing.T) *officialSlack {
	server := slacktest.NewTestServer()
	server.Start()
	t.Cleanup(server.Stop)
	s := &officialSlack{pile: newPile[slackCall]()}
	far := &http.Transport{DisableKeepAlives: true}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, body := readCall(t, r)
		there, err := http.NewRequestWithContext(r.Context(), r.Method, server.GetAPIURL()+call.Method, strings.NewReader(body))
		if err != nil {
			t.Errorf("slacktest: %v", err)
			return
		}
		there.Header = r.Header
		resp, err := far.RoundTrip(there)
		if err != nil {
			t.Errorf("slacktest: %v", err)
			return
		}
		defer resp.Body.Close()
		w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		w.WriteHeader(resp.StatusCode)
		if _, err := io.Copy(w, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("slacktest answers %s with %s, %v", call.Method, resp.Status, err)
		}
		s.told(call)
	}))
	s.url = proxy.URL + "/"
	t.Cleanup(proxy.Close)
	return s
}

// told keeps what people see of a call; the questions at the start are none.
func (s *officialSlack) told(call slackCall) {
	if call.Method != "auth.test" {
		s.add(call)
	}
}

func (s *officialSlack) yaml() string { return slackYAML(s.url) }

func slackYAML(url string) string {
	return fmt.Sprintf("    slack_configs: [{channel: '#alerts', token: xoxb-1-test, api_url: '%s'}]\n", url)
}

// slackCall is a call of Slack's Web API.
type slackCall struct {
	Method, Channel, TS, Text, Body string // Body is blocks and attachments
	Thread                          string // the message that it answers
	Loud                            bool   // a reply that the channel sees too
	User                            string // the only one who sees it
}

func readCall(t *testing.T, r *http.Request) (slackCall, string) {
	body, err := io.ReadAll(r.Body)
	v, parseErr := url.ParseQuery(string(body))
	if err != nil || parseErr != nil || v.Get("token") != "xoxb-1-test" {
		t.Errorf("Slack was sent %q: %v, %v", body, err, parseErr)
	}
	method := strings.TrimPrefix(r.URL.Path, "/")
	return slackCall{
		Method: method, Channel: v.Get("channel"), TS: v.Get("ts"), Text: v.Get("text"), Body: v.Get("blocks") + v.Get("attachments"),
		Thread: v.Get("thread_ts"), Loud: v.Get("reply_broadcast") == "true", User: v.Get("user"),
	}, string(body)
}

// ownSlack is a Slack that also edits, and refuses when it is told to.
type ownSlack struct {
	*pile[slackCall]
	url    string
	refuse atomic.Pointer[string] // the error it answers with
}

func newOwnSlack(t *testing.T) *ownSlack {
	s := &ownSlack{pile: newPile[slackCall]()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, _ := readCall(t, r)
		w.Header().Set("Content-Type", "application/json")
		if call.Method == "auth.test" {
			fmt.Fprint(w, `{"ok":true}`)
			return
		}
		if code := s.refuse.Load(); code != nil {
			fmt.Fprintf(w, `{"ok":false,"error":%q}`, *code)
			s.add(call)
			return
		}
		ts := call.TS
		if call.Method == "chat.postMessage" {
			ts = fmt.Sprintf("1773496923.%06d", len(s.list()))
		}
		fmt.Fprintf(w, `{"ok":true,"channel":"C0ALERTS","ts":%q}`, ts)
		s.add(call)
	}))
	s.url = server.URL + "/"
	t.Cleanup(server.Close)
	return s
}

func (s *ownSlack) yaml() string { return slackYAML(s.url) }

// hook takes webhooks, which are those of Alertmanager.
type hook struct {
	*pile[delivery]
	url     string
	fails   atomic.Int32 // so many next requests are answered with 500
	refuses atomic.Bool  // requests are answered with 400
}

// delivery is a webhook as Alertmanager documents it, and what is our own.
type delivery struct {
	ID                string // of the header
	Version           string
	GroupKey          string
	Status            string
	Receiver          string
	GroupLabels       map[string]string
	CommonLabels      map[string]string
	CommonAnnotations map[string]string
	Alerts            []struct {
		Status       string
		Labels       map[string]string
		Annotations  map[string]string
		StartsAt     time.Time
		EndsAt       time.Time
		GeneratorURL string
		Fingerprint  string
		QMPAlert     struct {
			Count    int
			Reason   string
			Evidence struct {
				Events []json.RawMessage
			}
		}
	}
}

func newHook(t *testing.T) *hook {
	h := &hook{pile: newPile[delivery]()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("webhook: %v", err)
		}
		var d delivery
		if err := json.Unmarshal(body, &d); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("webhook: %s %s is %q: %v", r.Method, r.Header.Get("Content-Type"), body, err)
		}
		if h.fails.Load() > 0 {
			h.fails.Add(-1)
			http.Error(w, "not now", http.StatusInternalServerError)
			return
		}
		if h.refuses.Load() {
			http.Error(w, "not this", http.StatusBadRequest)
			return
		}
		d.ID = r.Header.Get("Webhook-Id")
		h.add(d)
	}))
	h.url = server.URL
	t.Cleanup(server.Close)
	return h
}

func (h *hook) yaml() string { return fmt.Sprintf("    webhook_configs: [{url: '%s'}]\n", h.url) }

// brief is a delivery in a line: status, alertname, VM, count.
func (d delivery) brief() string {
	a := d.Alerts[0]
	return fmt.Sprintf("%s %s %s %d", d.Status, a.Labels["alertname"], a.Labels["vm"], a.QMPAlert.Count)
}

func mailYAML(s *smtptest.Server) string {
	return fmt.Sprintf("    email_configs: [{to: ops@example.org, from: qmpalert@example.org, smarthost: '%s', tls_config: {ca_file: %s}}]\n", s.Addr, s.CAFile)
}
