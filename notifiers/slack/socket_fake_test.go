package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const appToken = "xapp-1-hunter4"

// far is Slack's end of Socket Mode: it opens websockets, sends what a test
// wants, and hears what comes back.
type far struct {
	t      *testing.T
	server *httptest.Server
	conns  chan *websocket.Conn // that were greeted
	acks   chan string          // envelope IDs
	told   chan url.Values      // chat.postEphemeral
	mute   bool                 // do not greet

	mu     sync.Mutex
	open   http.HandlerFunc // instead of apps.connections.open
	answer http.HandlerFunc // instead of chat.postEphemeral
	opened int
}

func newFar(t *testing.T) *far {
	f := &far{t: t, conns: make(chan *websocket.Conn, 100), acks: make(chan string, 100), told: make(chan url.Values, 100)}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/apps.connections.open":
		f.mu.Lock()
		f.opened++
		h := f.open
		f.mu.Unlock()
		if h != nil {
			h(w, r)
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+appToken {
			fmt.Fprint(w, `{"ok":false,"error":"invalid_auth"}`)
			return
		}
		fmt.Fprintf(w, `{"ok":true,"url":"ws%s/link?ticket=hunter5"}`, strings.TrimPrefix(f.server.URL, "http"))
	case "/link":
		f.socket(w, r)
	case "/api/chat.postEphemeral":
		f.mu.Lock()
		h := f.answer
		f.mu.Unlock()
		if err := r.ParseForm(); err != nil || r.Form.Get("token") != token {
			f.t.Errorf("%v, token %q", err, r.Form.Get("token"))
		}
		if h != nil {
			h(w, r)
			return
		}
		f.told <- r.Form
		fmt.Fprint(w, `{"ok":true,"message_ts":"1.2"}`)
	default:
		f.t.Errorf("call of %s", r.URL.Path)
	}
}

// socket greets, and then reads until the connection is closed.
func (f *far) socket(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	c, err := up.Upgrade(w, r, nil)
	if err != nil {
		f.t.Errorf("upgrade: %v", err)
		return
	}
	defer c.Close()
	if !f.mute {
		f.send(c, `{"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"}}`)
	}
	f.conns <- c
	for {
		var ack struct {
			ID string `json:"envelope_id"`
		}
		_, raw, err := c.ReadMessage()
		if err != nil {
			return
		}
		if json.Unmarshal(raw, &ack) == nil {
			f.acks <- ack.ID
		}
	}
}

func (f *far) send(c *websocket.Conn, text string) {
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		f.t.Logf("send: %v", err) // the other side has gone
	}
}

// patience is a safety net: it ends a test that hangs.
const patience = time.Minute

func next[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

// pressed is what Slack sends when somebody presses a button.
func pressed(envelope, action, value, more string) string {
	quoted, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings always marshal
	}
	return fmt.Sprintf(`{"type":"interactive","envelope_id":%q,"accepts_response_payload":false,"payload":{"type":"block_actions",`+
		`"user":{"id":"U024BE7LH","username":"sonja","name":"sonja","team_id":"T1"},"api_app_id":"A1","token":"verification","team":{"id":"T1","domain":"x"},`+
		`"container":{"type":"message","message_ts":"1773496923.000000","channel_id":"C0ALERTS","is_ephemeral":false},`+
		`"channel":{"id":"C0ALERTS","name":"alerts"},"message":{"type":"message","ts":"1773496923.000000","text":"x"},`+
		`"response_url":"https://hooks.slack.com/actions/T1/1/x","trigger_id":"1.2.3"%s,`+
		`"actions":[{"type":"button","action_id":%q,"block_id":"b","value":%s,"action_ts":"1773496999.00000%d"}]}}`,
		envelope, more, action, quoted, len(envelope))
}
