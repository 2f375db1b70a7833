package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/qmpalert/qmpalert/notifiers"
)

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
