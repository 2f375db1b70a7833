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

// fake is a Slack of one channel: it keeps and edits messages, checks their
// form as Slack does, and answers what it is told to.
type fake struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	calls    []string
	messages []notifiertest.Message // as they came, edits too
	forms    []form
	edits    map[string]int // ts → number of edits
	next     http.HandlerFunc
	once     bool
	hang     chan struct{}
}

// form is a message as Slack reads it.
type form struct {
	Channel, TS, Text   string
	Blocks, Attachments json.RawMessage
}

func newFake(t *testing.T) *fake {
	f := &fake{t: t, edits: map[string]int{}, hang: make(chan struct{})}
	f.server = httptest.NewServer(f)
	t.Cleanup(func() {
		close(f.hang)
		f.server.Close()
	})
	return f
}

// answer makes h the answer to all that comes; once to the next call only.
func (f *fake) answer(h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next, f.once = h, false
}

func (f *fake) answerOnce(h http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next, f.once = h, true
}

func (f *fake) accepted() []notifiertest.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]notifiertest.Message(nil), f.messages...)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the test cancelled the request
	}
	if h := f.called(strings.TrimPrefix(r.URL.Path, "/api/")); h != nil {
		h(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == webhookPath {
		f.webhook(w, body)
		return
	}
	f.method(w, strings.TrimPrefix(r.URL.Path, "/api/"), body)
}

// called notes a call and returns what was arranged for it.
func (f *fake) called(method string) http.HandlerFunc {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, method)
	h := f.next
	if f.once {
		f.next = nil
	}
	return h
}

func (f *fake) method(w http.ResponseWriter, method string, body []byte) {
	v, err := url.ParseQuery(string(body))
	if err != nil {
		f.t.Errorf("body is no form: %v", err)
	}
	m := form{v.Get("channel"), v.Get("ts"), v.Get("text"), json.RawMessage(v.Get("blocks")), json.RawMessage(v.Get("attachments"))}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	switch {
	case v.Get("token") != token:
		fmt.Fprint(w, `{"ok":false,"error":"invalid_auth"}`)
		return
	case m.Text == "":
		fmt.Fprint(w, `{"ok":false,"error":"no_text"}`)
		return
	case method == "chat.postMessage" && m.Channel == "#alerts":
		m.Channel, m.TS = "C0ALERTS", fmt.Sprintf("1773496923.%06d", len(f.messages))
		if v.Get("unfurl_links") != "false" || v.Get("unfurl_media") != "false" {
			f.t.Error("links would be unfurled")
		}
	case method == "chat.update" && m.Channel == "C0ALERTS":
		if _, ok := f.edits[m.TS]; !ok {
			fmt.Fprint(w, `{"ok":false,"error":"message_not_found"}`)
			return
		}
	default:
		fmt.Fprint(w, `{"ok":false,"error":"channel_not_found"}`)
		return
	}
	f.keep(m)
	f.edits[m.TS]++
	fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":%q}`, m.Channel, m.TS)
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

// texts calls see for each text object ("mrkdwn" or "plain_text") and for the
// text of the message ("mrkdwn"), and block for each block.
func texts(raw []byte, see func(kind, text string), block func(map[string]any)) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return
	}
	var walk func(v any)
	walk = func(v any) {
		switch x := v.(type) {
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			kind, _ := x["type"].(string)
			text, isText := x["text"].(string)
			switch {
			case isText && (kind == "mrkdwn" || kind == "plain_text"):
				see(kind, text)
			case isText:
				see("mrkdwn", text)
			case kind != "":
				block(x)
			}
			if fallback, ok := x["fallback"].(string); ok {
				see("mrkdwn", fallback)
			}
			for _, name := range []string{"blocks", "attachments", "text", "fields", "elements"} {
				walk(x[name])
			}
		}
	}
	walk(v)
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
