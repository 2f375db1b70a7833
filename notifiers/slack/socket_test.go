package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
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
