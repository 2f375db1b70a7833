package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"github.com/qmpalert/qmpalert/notifiers"
)

// desk does what buttons say.
type desk struct {
	did  chan string
	hold chan struct{} // nil: nothing waits
	err  error
}

func (d *desk) do(ctx context.Context, what string) (string, error) {
	if d.hold != nil {
		select {
		case <-d.hold:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	d.did <- what
	return "did " + what, d.err
}

func (d *desk) Ack(ctx context.Context, group, by string) (string, error) {
	return d.do(ctx, "ack "+group+" by "+by)
}

func (d *desk) Silence(ctx context.Context, group string, span time.Duration, by string) (string, error) {
	return d.do(ctx, fmt.Sprintf("silence %s for %v by %s", group, span, by))
}

func (d *desk) Explain(ctx context.Context, group string) (string, error) {
	return d.do(ctx, "explain "+group+"\nline <!channel> ``` two")
}

// listening runs a Listener until the test ends.
type listening struct {
	*Listener
	desk    *desk
	reports chan error
	presses chan Press
	stop    func()
}

func listen(t *testing.T, f *far, change ...func(*Listener)) *listening {
	l := &listening{desk: &desk{did: make(chan string, 100)}, reports: make(chan error, 1000), presses: make(chan Press, 100)}
	made, err := NewListener(ListenerConfig{
		AppToken: secret(appToken), Token: secret(token), APIURL: f.server.URL + "/api", Actions: l.desk,
		Report: func(err error) {
			select {
			case l.reports <- err:
			default:
			}
		},
		Pressed: func(p Press) { l.presses <- p },
	})
	if err != nil {
		t.Fatal(err)
	}
	made.pause = func(int) time.Duration { return time.Millisecond }
	l.Listener = made
	for _, c := range change {
		c(made)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- made.Run(ctx) }()
	stopped := false
	l.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := next(t, "end of Run", ended); !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
		if made.Connected() {
			t.Error("still connected")
		}
	}
	t.Cleanup(l.stop)
	return l
}

func TestPresses(t *testing.T) {
	f := newFar(t)
	l := listen(t, f)
	c := next(t, "connection", f.conns)
	for i, tt := range []struct{ action, value, want string }{
		{"qmpalert_ack", `{}:{host="a"}`, `ack {}:{host="a"} by sonja`},
		{"qmpalert_silence_1h", "g", "silence g for 1h0m0s by sonja"},
		{"qmpalert_silence_8h", "g", "silence g for 8h0m0s by sonja"},
		{"qmpalert_silence_1d", "g", "silence g for 24h0m0s by sonja"},
	} {
		id := strings.Repeat("e", i+1)
		f.send(c, pressed(id, tt.action, tt.value, ""))
		if got := next(t, "acknowledgement", f.acks); got != id {
			t.Errorf("envelope %q, want %q", got, id)
		}
		if got := next(t, "action", l.desk.did); got != tt.want {
			t.Errorf("did %q, want %q", got, tt.want)
		}
		if p := next(t, "press", l.presses); p.UserID != "U024BE7LH" || p.Channel != "C0ALERTS" || p.Group != tt.value {
			t.Errorf("%+v", p)
		}
		said := next(t, "answer", f.told)
		if said.Get("user") != "U024BE7LH" || said.Get("channel") != "C0ALERTS" || !strings.Contains(said.Get("text"), "did "+tt.want[:3]) {
			t.Errorf("answer %v", said)
		}
	}
	if !l.Connected() {
		t.Error("not connected")
	}
}

// TestExplained: what is explained is code, in which nothing is markup.
func TestExplained(t *testing.T) {
	f := newFar(t)
	l := listen(t, f)
	c := next(t, "connection", f.conns)
	f.send(c, pressed("e", "qmpalert_explain", "g", ""))
	next(t, "action", l.desk.did)
	said := next(t, "answer", f.told)
	if !strings.Contains(said.Get("blocks"), "explain g") || said.Get("parse") != "none" {
		t.Errorf("answer %v", said)
	}
	texts([]byte(`{"text":`+quote(said.Get("text"))+`,"blocks":`+said.Get("blocks")+`}`), func(kind, text string) {
		if kind == "mrkdwn" {
			noMarkup(t, text)
		}
	}, func(map[string]any) {})
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(b)
}

func TestParts(t *testing.T) {
	for _, lines := range [][]string{{""}, {"a", "b"}, strings.Split(strings.Repeat("0123456789 <&> 0123456789\n", 1000), "\n")} {
		got := parts(lines, 200)
		for _, p := range got {
			if length(p) > 200 {
				t.Errorf("%d characters", length(p))
			}
			noMarkup(t, p)
		}
		if len(got) > 3 {
			t.Errorf("%d parts", len(got))
		}
	}
}

// TestActionFails: the person hears of it, and so does the log.
func TestActionFails(t *testing.T) {
	f := newFar(t)
	l := listen(t, f, func(l *Listener) { l.cfg.Actions.(*desk).err = errors.New("no such group <!channel>\x1b") })
	c := next(t, "connection", f.conns)
	f.send(c, pressed("e", "qmpalert_ack", "g", ""))
	said := next(t, "answer", f.told)
	if !strings.HasPrefix(said.Get("text"), "That did not work: no such group &lt;!channel&gt;\ufffd") {
		t.Errorf("answer %q", said.Get("text"))
	}
	if err := next(t, "report", l.reports); !strings.Contains(err.Error(), "no such group") {
		t.Error(err)
	}
}

// TestRefused: everything is acknowledged, so that Slack does not send it
// again, but only presses of our buttons are done.
func TestRefused(t *testing.T) {
	f := newFar(t)
	l := listen(t, f)
	c := next(t, "connection", f.conns)
	for i, text := range []string{
		pressed("x", "qmpalert_silence_1y", "g", ""), pressed("x", "", "g", ""), pressed("x", "qmpalert_ack", "", ""),
		pressed("x", "qmpalert_ack", strings.Repeat("g", 2001), ""),
		strings.Replace(pressed("x", "qmpalert_ack", "g", ""), "U024BE7LH", "<!channel>", 1),
		strings.Replace(pressed("x", "qmpalert_ack", "g", ""), `"id":"C0ALERTS"`, `"id":"../../x"`, 1),
		strings.Replace(pressed("x", "qmpalert_ack", "g", ""), "block_actions", "view_submission", 1),
		strings.Replace(pressed("x", "qmpalert_ack", "g", ""), `"actions":[`, `"actions":[{"type":"button","action_id":"qmpalert_ack","block_id":"c","value":"h"},`, 1),
		`{"type":"interactive","envelope_id":"x","payload":{"type":"block_actions"}}`,
		`{"type":"interactive","envelope_id":"x","payload":[]}`,
		`{"type":"interactive","envelope_id":"x","payload":{"type":"block_actions","actions":[null],"user":{"id":5}}}`,
		`{"type":"strange","envelope_id":"x"}`, `[]`, `"x"`, `{`, `null`, ``, "\x00\xff", strings.Repeat("[", 5000),
	} {
		f.send(c, text)
		f.send(c, pressed(strings.Repeat("o", i+1), "qmpalert_ack", "fine", ""))
		if got := next(t, "the next press", l.desk.did); got != "ack fine by sonja" {
			t.Fatalf("%.200s was done: %s", text, got)
		}
	}
}

// TestTwice: what Slack sends again is not done again.
func TestTwice(t *testing.T) {
	f := newFar(t)
	l := listen(t, f)
	c := next(t, "connection", f.conns)
	f.send(c, pressed("a", "qmpalert_ack", "first", ""))
	f.send(c, pressed("a", "qmpalert_ack", "first", ""))
	f.send(c, pressed("bb", "qmpalert_ack", "second", ""))
	for _, want := range []string{"ack first by sonja", "ack second by sonja"} {
		if got := next(t, "action", l.desk.did); got != want {
			t.Errorf("did %q, want %q", got, want)
		}
	}
	for range 3 {
		next(t, "acknowledgement", f.acks)
	}
}

// TestSlowActions: an action that takes long delays no acknowledgement, and
// what is too much is refused and reported.
func TestSlowActions(t *testing.T) {
	f := newFar(t)
	hold := make(chan struct{})
	l := listen(t, f, func(l *Listener) { l.cfg.Actions.(*desk).hold = hold })
	c := next(t, "connection", f.conns)
	for i := range maxWaiting + 10 {
		f.send(c, strings.Replace(pressed("e", "qmpalert_ack", "g", ""), `"action_ts":"1`, fmt.Sprintf(`"action_ts":"%d`, 100+i), 1))
		next(t, "acknowledgement", f.acks)
	}
	if err := next(t, "report", l.reports); !strings.Contains(err.Error(), "too many") {
		t.Error(err)
	}
	close(hold)
	next(t, "action", l.desk.did)
}

// TestReconnects: after whatever end of a connection there is another one, on
// which buttons work.
func TestReconnects(t *testing.T) {
	f := newFar(t)
	var reads atomic.Int64 // of the token
	l := listen(t, f, func(l *Listener) { l.cfg.AppToken = func() (string, error) { reads.Add(1); return appToken, nil } })
	ends := map[string]func(*websocket.Conn){
		"closed":    func(c *websocket.Conn) { c.Close() },
		"goodbye":   func(c *websocket.Conn) { f.send(c, `{"type":"disconnect","reason":"refresh_requested"}`) },
		"link off":  func(c *websocket.Conn) { f.send(c, `{"type":"disconnect","reason":"link_disabled"}`) },
		"too large": func(c *websocket.Conn) { f.send(c, `"`+strings.Repeat("x", maxMessage)+`"`) },
		"no end of nonsense": func(c *websocket.Conn) {
			for range 20 {
				f.send(c, "{")
			}
		},
		"half a frame": func(c *websocket.Conn) { fmt.Fprint(c.NetConn(), "\x81\x7e"); c.NetConn().Close() },
	}
	i := 0
	for name, end := range ends {
		i++
		c := next(t, "connection after "+name, f.conns)
		f.send(c, pressed(strings.Repeat("r", i), "qmpalert_ack", name, ""))
		if got := next(t, "action", l.desk.did); got != "ack "+name+" by sonja" {
			t.Errorf("did %q", got)
		}
		end(c)
	}
	next(t, "connection", f.conns)
	l.stop()
	if n := int(reads.Load()); n != i+1 {
		t.Errorf("the token was read %d times for %d connections", n, i+1)
	}
	if f.opened != i+1 || len(f.conns) != 0 {
		t.Errorf("%d connections were asked for, want %d; %d more were made", f.opened, i+1, len(f.conns))
	}
}

// TestQuietConnection: a connection on which nothing comes, not even a ping, is
// made anew; so is one on which Slack does not greet.
func TestQuietConnection(t *testing.T) {
	for _, mute := range []bool{false, true} {
		f := newFar(t)
		f.mute = mute
		l := listen(t, f, func(l *Listener) { l.quiet, l.patience = 50*time.Millisecond, 50*time.Millisecond })
		next(t, "connection", f.conns)
		next(t, "second connection", f.conns)
		for !strings.Contains(next(t, "report", l.reports).Error(), "nothing came for") {
		}
		l.stop()
	}
}

// TestPingsAreHeard: slack-go still says when Slack pings.
func TestPingsAreHeard(t *testing.T) {
	f := newFar(t)
	signs := make(chan struct{}, 1)
	l := listen(t, f, func(l *Listener) { l.ear = func(chan<- struct{}) ear { return ear{signs} } })
	c := next(t, "connection", f.conns)
	if err := c.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	next(t, "sign of life", signs)
	l.stop()
}

// TestNotLetIn: a token that does not work is tried again, with the token that
// is there then, and the operator hears what is wrong.
func TestNotLetIn(t *testing.T) {
	f := newFar(t)
	tokens := make(chan string, 10)
	for _, s := range []string{"xoxb-wrong", "xapp-wrong", appToken} {
		tokens <- s
	}
	l := listen(t, f, func(l *Listener) { l.cfg.AppToken = func() (string, error) { return <-tokens, nil } })
	next(t, "connection", f.conns)
	for _, want := range []string{"socket_mode_token is not an app-level token", "the app-level token is not valid"} {
		err := next(t, "report", l.reports)
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestOpenFails: all that apps.connections.open can answer ends in another try,
// without the token in any error.
func TestOpenFails(t *testing.T) {
	f := newFar(t)
	answers := []http.HandlerFunc{
		status(500, "oops"), status(429, "", "Retry-After", "0"), refuse("missing_scope"), cut, status(200, "<html>"+appToken),
		status(200, `{"ok":true}`), status(200, `{"ok":true,"url":"http://\u007f"}`), status(200, `{"ok":true,"url":"ws://127.0.0.1:1/?ticket=hunter5"}`), refuse(appToken),
	}
	f.open = func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		h := answers[0]
		if answers = answers[1:]; len(answers) == 0 {
			f.open = nil
		}
		f.mu.Unlock()
		h(w, r)
	}
	l := listen(t, f)
	next(t, "connection", f.conns)
	l.stop()
	if len(l.reports) != 9 {
		t.Errorf("%d reports", len(l.reports))
	}
	for len(l.reports) > 0 {
		err := <-l.reports
		if e := (*notifiers.Error)(nil); !errors.As(err, &e) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%T %v", err, err)
		}
	}
}

func TestListenerCheck(t *testing.T) {
	f := newFar(t)
	l, err := NewListener(ListenerConfig{AppToken: secret(appToken), Token: secret(token), APIURL: f.server.URL + "/api", Actions: &desk{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	f.open = refuse("not_allowed_token_type")
	if err := l.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "must be an app-level token") {
		t.Error(err)
	}
	if _, err := NewListener(ListenerConfig{}); err == nil || !strings.Contains(err.Error(), "socket_mode_token") {
		t.Error(err)
	}
}

// TestWait: the back-off ends with the context, and Slack's own wish counts.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := wait(t.Context(), 90*time.Second); err != nil || time.Since(began) != 90*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	for attempt := range 100 {
		if p := pause(attempt); p < 100*time.Millisecond || p > 2*time.Minute+100*time.Millisecond {
			t.Errorf("attempt %d: %v", attempt, p)
		}
	}
	if got := after(&notifiers.Error{After: time.Minute}); got != time.Minute {
		t.Error(got)
	}
}

// TestWatch: signs of life keep a connection, and nothing else does.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signs := make(chan struct{}, 1)
		began := time.Now()
		go func() {
			for range 20 {
				if wait(t.Context(), 50*time.Second) != nil {
					return
				}
				sign(signs)
				sign(signs) // one is enough
			}
		}()
		err := watch(t.Context(), signs, time.Minute, time.Minute)
		if took := time.Since(began); err == nil || took != 20*50*time.Second+time.Minute {
			t.Errorf("%v after %v", err, took)
		}
		began = time.Now()
		if err := watch(t.Context(), nil, 7*time.Second, time.Minute); err == nil || time.Since(began) != 7*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := watch(ctx, nil, time.Hour, time.Hour); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// FuzzPress: whatever JSON comes as an interaction, it is refused or is a press
// within bounds.
func FuzzPress(f *testing.F) {
	f.Add(strings.TrimSuffix(strings.SplitN(pressed("e", "qmpalert_ack", "g", ""), `"payload":`, 2)[1], "}"))
	f.Add(`{"type":"block_actions","actions":[null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var cb slack.InteractionCallback
		if json.Unmarshal([]byte(text), &cb) != nil {
			return
		}
		p, err := parsePress(&cb)
		if err != nil {
			if len(err.Error()) > 300 {
				t.Errorf("%v", err)
			}
			return
		}
		if p.Group == "" || length(p.Group) > maxValue || p.By == "" || length(p.By) > 160 || p.Action == "silence" != (p.Silence > 0) {
			t.Errorf("%+v", p)
		}
	})
}
