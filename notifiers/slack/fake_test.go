package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

const (
	token       = "xoxb-1-hunter2"
	webhookPath = "/services/T00/B00/hunter3"
)

// fake is a Slack of one channel: it keeps and edits messages, keeps threads,
// checks the form of messages as Slack does, and answers what it is told to.
type fake struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	calls    []string
	messages []notifiertest.Message // as they came, edits too
	forms    []form
	edits    map[string]int // ts → number of edits
	deleted  map[string]bool
	next     http.HandlerFunc
	when     func(method string, v url.Values) bool // which calls next answers; nil: all
	once     bool
	hang     chan struct{}
	scopes   string
}

// form is a message as Slack reads it.
type form struct {
	Method, Channel, TS, Thread string
	Broadcast                   bool
	Text                        string
	Blocks, Attachments         json.RawMessage
	ID                          string // of the notification, from the metadata
}

func newFake(t *testing.T) *fake {
	f := &fake{t: t, edits: map[string]int{}, deleted: map[string]bool{}, hang: make(chan struct{}), scopes: "chat:write"}
	f.server = httptest.NewServer(f)
	t.Cleanup(func() {
		close(f.hang)
		f.server.Close()
	})
	return f
}

// answer makes h the answer to all that comes; once to the next call only.
func (f *fake) answer(h http.HandlerFunc) { f.arrange(h, false, nil) }

func (f *fake) answerOnce(h http.HandlerFunc) { f.arrange(h, true, nil) }

// answerReply makes h the answer to the next reply in a thread.
func (f *fake) answerReply(h http.HandlerFunc) { f.arrange(h, true, isReply) }

func isReply(_ string, v url.Values) bool { return v.Get("thread_ts") != "" }

func (f *fake) answerEdits(h http.HandlerFunc) {
	f.arrange(h, false, func(method string, _ url.Values) bool { return method == "chat.update" })
}

func (f *fake) arrange(h http.HandlerFunc, once bool, when func(string, url.Values) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next, f.once, f.when = h, once, when
}

func (f *fake) accepted() []notifiertest.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]notifiertest.Message(nil), f.messages...)
}

func (f *fake) callList() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.calls...)
}

// since returns the messages from the i-th on.
func (f *fake) since(i int) []form {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]form(nil), f.forms[i:]...)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the test cancelled the request
	}
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	v, err := url.ParseQuery(string(body))
	if err != nil && r.URL.Path != webhookPath {
		f.t.Errorf("body is no form: %v", err)
	}
	if h := f.called(method, v); h != nil {
		h(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == webhookPath {
		f.webhook(w, body)
		return
	}
	f.method(w, method, v)
}

// called notes a call and returns what was arranged for it.
func (f *fake) called(method string, v url.Values) http.HandlerFunc {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, method)
	if f.when != nil && !f.when(method, v) {
		return nil
	}
	h := f.next
	if f.once {
		f.next = nil
	}
	return h
}

func (f *fake) method(w http.ResponseWriter, method string, v url.Values) {
	m := form{
		Method: method, Channel: v.Get("channel"), TS: v.Get("ts"), Thread: v.Get("thread_ts"), Broadcast: v.Get("reply_broadcast") == "true",
		Text: v.Get("text"), Blocks: json.RawMessage(v.Get("blocks")), Attachments: json.RawMessage(v.Get("attachments")),
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-OAuth-Scopes", f.scopes)
	no := func(code string) { fmt.Fprintf(w, `{"ok":false,"error":%q}`, code) }
	switch {
	case v.Get("token") != token:
		no("invalid_auth")
		return
	case method == "auth.test":
		fmt.Fprint(w, `{"ok":true,"team":"t","user":"qmpalert","user_id":"U1","bot_id":"B1"}`)
		return
	case m.Text == "":
		no("no_text")
		return
	case m.Broadcast && m.Thread == "":
		f.t.Error("a broadcast that is no reply")
	case method == "chat.postMessage" && m.Thread != "" && (m.Channel != "C0ALERTS" || f.edits[m.Thread] == 0):
		no("channel_not_found")
		return
	case method == "chat.postMessage" && f.deleted[m.Thread]:
		no("thread_not_found")
		return
	case method == "chat.postMessage" && (m.Channel == "#alerts" || m.Thread != ""):
		m.Channel, m.TS = "C0ALERTS", fmt.Sprintf("1773496923.%06d", len(f.messages))
		if v.Get("unfurl_links") != "false" || v.Get("unfurl_media") != "false" {
			f.t.Error("links would be unfurled")
		}
	case method == "chat.update" && m.Channel == "C0ALERTS":
		if f.edits[m.TS] == 0 || f.deleted[m.TS] {
			no("message_not_found")
			return
		}
	default:
		no("channel_not_found")
		return
	}
	if v.Get("metadata") != "" || v.Get("parse") != "" { // a check sends neither
		m.ID = f.common(v)
	}
	f.keep(m)
	f.edits[m.TS]++
	fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":%q}`, m.Channel, m.TS)
}

// common checks what every message says, and returns its notification.
func (f *fake) common(v url.Values) string {
	if v.Get("parse") != "none" || v.Get("link_names") != "false" {
		f.t.Errorf("parse %q, link_names %q", v.Get("parse"), v.Get("link_names"))
	}
	var meta struct {
		Type    string            `json:"event_type"`
		Payload map[string]string `json:"event_payload"`
	}
	if raw := v.Get("metadata"); raw != "" {
		if err := json.Unmarshal([]byte(raw), &meta); err != nil || meta.Type != "qmpalert_notification" {
			f.t.Errorf("metadata %s: %v", raw, err)
		}
	}
	return meta.Payload["id"]
}

func (f *fake) webhook(w http.ResponseWriter, body []byte) {
	var m form
	if err := json.Unmarshal(body, &m); err != nil {
		f.t.Errorf("body: %v", err)
	}
	f.keep(m)
	fmt.Fprint(w, "ok")
}

func (f *fake) keep(m form) {
	raw, err := json.Marshal(map[string]any{"text": m.Text, "blocks": orNull(m.Blocks), "attachments": orNull(m.Attachments)})
	if err != nil {
		f.t.Errorf("message: %v", err)
	}
	f.forms = append(f.forms, m)
	f.messages = append(f.messages, notifiertest.Message{Raw: string(raw), Text: shown(raw)})
}

func orNull(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}

// shown is what a person reads.
func shown(raw []byte) string {
	var b strings.Builder
	texts(raw, func(kind, text string) {
		if kind == "mrkdwn" {
			text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
		}
		b.WriteString(text + "\n")
	}, func(map[string]any) {})
	return b.String()
}
