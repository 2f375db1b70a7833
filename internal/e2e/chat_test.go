package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// chat is a Slack with channels, threads, edits, and people who press buttons.
// Its calls are those that it accepted; it accepts no edit of a message that is
// not there.
type chat struct {
	*pile[slackCall]
	t     *testing.T
	url   string
	links chan *websocket.Conn // that were greeted
	heard *pile[string]        // presses that the daemon acknowledged to Slack

	mu      sync.Mutex
	there   map[string]string // ts → channel of messages
	presses int
}

func newChat(t *testing.T) *chat {
	c := &chat{pile: newPile[slackCall](), t: t, links: make(chan *websocket.Conn, 10), heard: newPile[string](), there: map[string]string{}}
	server := httptest.NewServer(c)
	c.url = server.URL + "/"
	t.Cleanup(server.Close)
	return c
}

// yaml is a receiver for a channel, with buttons.
func (c *chat) yaml(channel string) string {
	return fmt.Sprintf("    slack_configs: [{channel: '#%s', token: xoxb-1-test, socket_mode_token: xapp-1-test, api_url: '%s'}]\n", channel, c.url)
}

func (c *chat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/apps.connections.open":
		if r.Header.Get("Authorization") != "Bearer xapp-1-test" {
			c.t.Errorf("a connection is asked for with %q", r.Header.Get("Authorization"))
		}
		fmt.Fprintf(w, `{"ok":true,"url":"ws%slink"}`, strings.TrimPrefix(c.url, "http"))
	case "/link":
		c.link(w, r)
	case "/auth.test":
		fmt.Fprint(w, `{"ok":true,"user_id":"U1","bot_id":"B1"}`)
	default:
		call, _ := readCall(c.t, r)
		c.called(w, &call)
	}
}

func (c *chat) called(w http.ResponseWriter, call *slackCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	refuse := func(code string) { fmt.Fprintf(w, `{"ok":false,"error":%q}`, code) }
	switch call.Method {
	case "chat.postMessage":
		if call.Thread != "" && c.there[call.Thread] != call.Channel {
			refuse("thread_not_found")
			return
		}
		if name, ok := strings.CutPrefix(call.Channel, "#"); ok {
			call.Channel = "C0" + strings.ToUpper(name)
		}
		call.TS = fmt.Sprintf("1773496923.%06d", len(c.there))
		c.there[call.TS] = call.Channel
	case "chat.update":
		if c.there[call.TS] != call.Channel || call.Channel == "" {
			refuse("message_not_found") // also the answer to the check of a channel
			return
		}
	case "chat.postEphemeral":
	default:
		c.t.Errorf("Slack was asked to %s", call.Method)
		refuse("unknown_method")
		return
	}
	fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":%q,"message_ts":"1.2"}`, call.Channel, call.TS)
	c.add(*call)
}

// link is a connection of Socket Mode.
func (c *chat) link(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		c.t.Errorf("upgrade: %v", err)
		return
	}
	defer conn.Close()
	c.send(conn, `{"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"}}`)
	c.links <- conn
	for {
		var ack struct {
			ID string `json:"envelope_id"`
		}
		if err := conn.ReadJSON(&ack); err != nil {
			return // closed
		}
		c.heard.add(ack.ID)
	}
}

func (c *chat) send(conn *websocket.Conn, text string) {
	if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		c.t.Errorf("the socket: %v", err)
	}
}

// listens waits until the daemon listens for presses.
func (c *chat) listens() *websocket.Conn {
	c.t.Helper()
	select {
	case conn := <-c.links:
		return conn
	case <-time.After(patience):
		c.t.Fatal("nobody listens for presses")
		panic("unreachable")
	}
}

// said waits for a call that is as wanted, and returns the first such.
func (c *chat) said(what string, is func(slackCall) bool) slackCall {
	c.t.Helper()
	all := c.until(c.t, what, func(all []slackCall) bool { return slices.ContainsFunc(all, is) })
	return all[slices.IndexFunc(all, is)]
}

// posted waits for a message in a channel that has all parts.
func (c *chat) posted(channel string, parts ...string) slackCall {
	c.t.Helper()
	return c.said("a message in "+channel+" with "+strings.Join(parts, ", "), func(s slackCall) bool {
		return s.Method == "chat.postMessage" && s.Channel == channel && s.Thread == "" && s.has(parts)
	})
}

// edited waits until the newest form of a message has all parts.
func (c *chat) edited(m slackCall, parts ...string) slackCall {
	c.t.Helper()
	var now slackCall
	c.until(c.t, "an edit with "+strings.Join(parts, ", "), func(all []slackCall) bool {
		for _, s := range all {
			if s.TS == m.TS && s.Method == "chat.update" {
				now = s
			}
		}
		return now.has(parts)
	})
	return now
}

// replied waits for a reply in the thread of a message that has all parts.
func (c *chat) replied(m slackCall, parts ...string) slackCall {
	c.t.Helper()
	return c.said("a reply with "+strings.Join(parts, ", "), func(s slackCall) bool {
		return s.Method == "chat.postMessage" && s.Thread == m.TS && s.has(parts)
	})
}

func (s *slackCall) has(parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(s.Text+s.Body, part) {
			return false
		}
	}
	return s.Method != ""
}

// press presses a button of a message as it is in m, and waits until the daemon
// has heard it.
func (c *chat) press(conn *websocket.Conn, m slackCall, user, action string) {
	c.t.Helper()
	value := ""
	for _, b := range m.buttons() {
		if b.Action == action {
			value = b.Value
		}
	}
	if value == "" {
		c.t.Fatalf("there is no button %s: %s", action, m.Body)
	}
	c.presses++
	envelope := fmt.Sprintf("envelope-%d", c.presses)
	quoted, err := json.Marshal(value)
	if err != nil {
		c.t.Fatal(err)
	}
	c.send(conn, fmt.Sprintf(`{"type":"interactive","envelope_id":%q,"accepts_response_payload":false,"payload":{"type":"block_actions",`+
		`"user":{"id":"U0%s","username":%q,"name":%q,"team_id":"T1"},"api_app_id":"A1","token":"verification","team":{"id":"T1","domain":"x"},`+
		`"container":{"type":"message","message_ts":%q,"channel_id":%q,"is_ephemeral":false},"channel":{"id":%q,"name":"x"},`+
		`"message":{"type":"message","ts":%q,"text":"x"},"response_url":"https://hooks.slack.com/actions/T1/1/x","trigger_id":"1.2.3",`+
		`"actions":[{"type":"button","action_id":%q,"block_id":"b","value":%s,"action_ts":"1773496999.%06d"}]}}`,
		envelope, strings.ToUpper(user), user, user, m.TS, m.Channel, m.Channel, m.TS, action, quoted, c.presses))
	c.heard.until(c.t, "the press to be heard", func(all []string) bool { return slices.Contains(all, envelope) })
}

// button is one of a message.
type button struct {
	Action string `json:"action_id"`
	Value  string `json:"value"`
}

func (s *slackCall) buttons() []button {
	var out []button
	var find func(v any)
	find = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				find(e)
			}
		case map[string]any:
			if v["type"] == "button" {
				action, _ := v["action_id"].(string)
				value, _ := v["value"].(string)
				out = append(out, button{action, value})
			}
			for _, e := range v {
				find(e)
			}
		}
	}
	for d := json.NewDecoder(strings.NewReader(s.Body)); d.More(); {
		var v any
		if d.Decode(&v) != nil {
			return nil
		}
		find(v)
	}
	return out
}
