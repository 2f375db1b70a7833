package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// told is a step of a test: what is sent, and which calls come of it.
func told(t *testing.T, f *fake, n *Notifier, what notifiers.Notification, prev notifiers.Receipt, want string) notifiers.Receipt {
	t.Helper()
	before := len(f.callList())
	r, err := n.Notify(t.Context(), what, prev)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.callList()[before:], " "); got != want {
		t.Errorf("%s: calls %q, want %q", what.ID, got, want)
	}
	return r
}

const (
	postCall = "chat.postMessage"
	editCall = "chat.update"
)

func scenes() map[string]notifiers.Notification {
	out := map[string]notifiers.Notification{}
	for _, s := range append(life(), others()...) {
		out[s.name] = s.n
	}
	return out
}

// TestReplyFails: an edit whose reply failed is taken up where it stopped,
// after a restart too: the message is not edited again and nothing is told
// twice.
func TestReplyFails(t *testing.T) {
	for _, failure := range []http.HandlerFunc{refuse("ratelimited", "Retry-After", "7"), status(429, ""), status(500, ""), cut, refuse("not_in_channel"), refuse("invalid_auth")} {
		f, n := withToken(t)
		s := scenes()
		first := told(t, f, n, s["01-firing"], "", postCall)
		f.answerReply(failure)
		r, err := n.Notify(t.Context(), s["03-joined"], first)
		var e *notifiers.Error
		if !errors.As(err, &e) || !e.Resume || r == first || r == "" {
			t.Fatalf("receipt %q after %q, error %+v", r, first, err)
		}
		if e.Op != postCall {
			t.Errorf("%v", err)
		}
		r = told(t, f, n, s["03-joined"], r, postCall)
		if reply := f.forms[len(f.forms)-1]; reply.Thread == "" || reply.ID != s["03-joined"].ID {
			t.Errorf("%+v is no reply", reply)
		}
		told(t, f, n, s["03-joined"], r, editCall) // told again after a crash: nothing new for the thread
	}
}

// TestReplyRefused: a reply that would be refused for ever does not hold up the
// group.
func TestReplyRefused(t *testing.T) {
	f, n := withToken(t)
	s := scenes()
	first := told(t, f, n, s["01-firing"], "", postCall)
	f.arrange(refuse("msg_too_long"), false, isReply) // as blocks and as text
	r, err := n.Notify(t.Context(), s["03-joined"], first)
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Resume || e.Class != notifiers.Rejected || r == "" {
		t.Fatalf("receipt %q, error %+v", r, err)
	}
	f.answer(nil)
	told(t, f, n, s["06-acknowledged"], r, editCall+" "+postCall)
}

func TestWithoutThreads(t *testing.T) {
	for _, code := range []string{"cannot_reply_to_message", "restricted_action_thread_locked", "restricted_action_non_threadable_channel"} {
		f, n := withToken(t)
		s := scenes()
		first := told(t, f, n, s["10-again"], "", postCall)
		f.answerReply(refuse(code))
		second := s["10-again"]
		second.Kind, second.Timeline = notifiers.KindUpdate, append(second.Timeline, notifiers.Moment{At: fired + 4*hour, What: notifiers.Silenced})
		r := told(t, f, n, second, first, editCall+" "+postCall)
		if ts(r) != ts(first) {
			t.Errorf("%s: quiet news became a message", code)
		}
		f.answerReply(refuse(code))
		r = told(t, f, n, s["11-repeat"], r, editCall+" "+postCall+" "+postCall)
		if ts(r) == ts(first) {
			t.Errorf("%s: nobody was called", code)
		}
	}
}

// TestQuietUpdates: they change what is there and never make a message but for
// one that was deleted.
func TestQuietUpdates(t *testing.T) {
	f, n := withToken(t)
	s := scenes()
	if r := told(t, f, n, s["02-count"], "", ""); r != "" {
		t.Errorf("receipt %q", r)
	}
	first := told(t, f, n, s["01-firing"], "", postCall)
	told(t, f, n, s["02-count"], first, editCall)
	f.answerOnce(refuse("edit_window_closed"))
	fixed := told(t, f, n, s["02-count"], first, editCall)
	if ts(fixed) != ts(first) {
		t.Error("an update that cannot be shown became a message")
	}
	f.answerOnce(refuse("edit_window_closed"))
	told(t, f, n, s["06-acknowledged"], first, editCall+" "+postCall)
	if last := f.forms[len(f.forms)-1]; last.Thread == "" {
		t.Error("the acknowledgement is not in the thread")
	}
	f.deleted[ts(first)] = true
	if second := told(t, f, n, s["02-count"], first, editCall+" "+postCall); ts(second) == ts(first) {
		t.Error("a message that is gone was not replaced")
	}
	over := told(t, f, n, s["12-over-alone"], "", postCall)
	told(t, f, n, s["02-count"], over, "") // of a life that this message is not about
	if r := told(t, f, n, s["10-again"], over, postCall); ts(r) == ts(over) {
		t.Error("what fires after the end is no new message")
	}
}

// TestThreadGone: the message was deleted between the edit and the reply.
func TestThreadGone(t *testing.T) {
	f, n := withToken(t)
	s := scenes()
	first := told(t, f, n, s["01-firing"], "", postCall)
	f.answerReply(refuse("thread_not_found"))
	if r := told(t, f, n, s["03-joined"], first, editCall+" "+postCall+" "+postCall); ts(r) == ts(first) {
		t.Error("no new message")
	}
}

// TestAside: what is not about the group's state leaves its message alone.
func TestAside(t *testing.T) {
	f, n := withToken(t)
	s := scenes()
	first := told(t, f, n, s["01-firing"], "", postCall)
	if r := told(t, f, n, s["silence"], first, postCall); r != first {
		t.Errorf("receipt %q after %q", r, first)
	}
	if reply := f.forms[len(f.forms)-1]; reply.Thread != ts(first) || !reply.Broadcast {
		t.Errorf("%+v", reply)
	}
	f.answerReply(refuse("thread_not_found"))
	told(t, f, n, s["silence"], first, postCall+" "+postCall)
	if r := told(t, f, n, s["digest"], first, postCall); r != first {
		t.Errorf("receipt %q after %q", r, first)
	}
	if r := told(t, f, n, s["silence"], "", postCall); r != "" {
		t.Errorf("receipt %q", r)
	}
}

// TestWhoIsCalled: replies that people must see are shown in the channel.
func TestWhoIsCalled(t *testing.T) {
	s := scenes()
	worse := s["03-joined"]
	worse.Alerts = slices.Clone(worse.Alerts)
	mild := s["01-firing"]
	mild.Alerts = slices.Clone(mild.Alerts)
	mild.Alerts[0].Labels = slices.Clone(mild.Alerts[0].Labels)
	mild.Alerts[0].Labels[3].Value = "info"
	for _, tt := range []struct {
		first, then notifiers.Notification
		want        bool
	}{
		{s["01-firing"], s["03-joined"], false}, {s["01-firing"], s["06-acknowledged"], false}, {s["01-firing"], s["09-resolved"], false},
		{mild, worse, true}, {s["10-again"], s["11-repeat"], true}, {s["01-firing"], s["escalation"], true},
	} {
		f, n := withToken(t)
		r := told(t, f, n, tt.first, "", postCall)
		told(t, f, n, tt.then, r, editCall+" "+postCall)
		if got := f.forms[len(f.forms)-1].Broadcast; got != tt.want {
			t.Errorf("%s after %s: broadcast %t", tt.then.ID, tt.first.ID, got)
		}
	}
}

// TestWorseOnce: people are called for a severity once.
func TestWorseOnce(t *testing.T) {
	f, n := withToken(t)
	s := scenes()
	mild := s["01-firing"]
	mild.Alerts = []alert.Change{mild.Alerts[0]}
	mild.Alerts[0].Labels = slices.Clone(mild.Alerts[0].Labels)
	mild.Alerts[0].Labels[3].Value = "info"
	r := told(t, f, n, mild, "", postCall)
	r = told(t, f, n, s["03-joined"], r, editCall+" "+postCall)
	told(t, f, n, s["04-grown"], r, editCall+" "+postCall)
	if first, second := f.forms[2], f.forms[4]; !first.Broadcast || second.Broadcast {
		t.Errorf("broadcast %t, then %t", first.Broadcast, second.Broadcast)
	}
}

// TestEndTwice: the end that is told again, after a crash, is no new message.
func TestEndTwice(t *testing.T) {
	f, n := withToken(t)
	s := scenes()
	r := told(t, f, n, s["10-again"], "", postCall)
	r = told(t, f, n, s["12-over-alone"], r, editCall+" "+postCall)
	told(t, f, n, s["12-over-alone"], r, editCall)
}

// TestSameTime: of two moments at one time, each is told once.
func TestSameTime(t *testing.T) {
	f, n := withToken(t)
	s := scenes()["10-again"]
	r := told(t, f, n, s, "", postCall)
	for _, by := range []string{"ann", "bob"} {
		s.Kind = notifiers.KindUpdate
		s.Timeline = append(s.Timeline, notifiers.Moment{At: s.At, What: notifiers.Acknowledged, By: by})
		r = told(t, f, n, s, r, editCall+" "+postCall)
		if got := f.forms[len(f.forms)-1].Text; got != "👤 Acknowledged by "+by {
			t.Errorf("told %q", got)
		}
	}
	told(t, f, n, s, r, editCall)
}

func TestWebhookIsNotUpdated(t *testing.T) {
	f, n := withWebhook(t)
	for _, s := range life() {
		before := len(f.forms)
		if r, err := n.Notify(t.Context(), s.n, ""); err != nil || r != "" {
			t.Fatalf("%s: receipt %q, %v", s.name, r, err)
		}
		want := 1
		if s.n.Kind == notifiers.KindUpdate {
			want = 0
		}
		if got := len(f.forms) - before; got != want {
			t.Errorf("%s: %d messages", s.name, got)
		}
		if strings.Contains(string(f.forms[len(f.forms)-1].Attachments), "qmpalert_ack") {
			t.Error("a webhook's message has buttons")
		}
	}
}

// TestNothingTwice: whatever calls fail, and however often a notification is
// tried again with the receipt that it left, each moment is in the thread once
// and in order, and there is one message. The fake drops calls before it
// accepts them, as a Slack that is down does.
func TestNothingTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, n := withToken(t)
		receipt := notifiers.Receipt("")
		for _, s := range life()[:9] {
			if s.name != "01-firing" && rapid.IntRange(0, 3).Draw(rt, s.name+" is skipped") == 0 {
				continue
			}
			for range 20 {
				failing := rapid.IntRange(0, 4).Draw(rt, "fails")
				switch failing {
				case 1:
					f.answerOnce(status(500, ""))
				case 2:
					f.answerReply(refuse("ratelimited"))
				default:
					f.answer(nil)
				}
				r, err := n.Notify(t.Context(), s.n, receipt)
				if e := (*notifiers.Error)(nil); errors.As(err, &e) && e.Resume || err == nil {
					receipt = r
				}
				if err == nil {
					break
				}
			}
		}
		messages, seen := 0, map[string]int{}
		for _, m := range f.forms {
			if m.Method == postCall && m.Thread == "" {
				messages++
			}
			if m.Thread != "" {
				for _, line := range strings.Split(string(m.Blocks), `\n`) {
					seen[line]++
				}
			}
		}
		if messages != 1 {
			rt.Errorf("%d messages", messages)
		}
		for line, times := range seen {
			if times > 1 {
				rt.Errorf("told %d times: %s", times, line)
			}
		}
	})
}

// FuzzReceipt: what is in the store can be damaged.
func FuzzReceipt(f *testing.F) {
	f.Add(`{"channel":"C0ALERTS","ts":"1.2","seen":{"at":1,"same":["00000000"]}}`)
	f.Add(`{"channel":"C0ALERTS","ts":"1.2","seen":{"at":-9223372036854775808,"same":["x"]},"edited":"<"}`)
	s := scenes()["06-acknowledged"]
	f.Fuzz(func(t *testing.T, text string) {
		h, ok := parseReceipt(notifiers.Receipt(text))
		if !ok {
			return
		}
		again, ok := parseReceipt(h.receipt())
		if !ok || fmt.Sprint(again.receipt()) != fmt.Sprint(h.receipt()) {
			t.Errorf("%q became %q", h.receipt(), again.receipt())
		}
		w := writer{n: &s}
		w.told(&h)
		if len(h.Seen.behind(s.Timeline)) != 0 || !h.valid() {
			t.Errorf("%+v leaves news behind", h)
		}
	})
}

func TestCheck(t *testing.T) {
	class := func(err error) string {
		var e *notifiers.Error
		if !errors.As(err, &e) {
			return fmt.Sprint(err)
		}
		return e.Class.String()
	}
	for _, tt := range []struct {
		name    string
		channel string
		token   string
		arrange func(f *fake)
		want    string
		says    string
	}{
		{"a name", "#alerts", token, nil, "<nil>", ""},
		{"an ID", "C0ALERTS", token, nil, "<nil>", ""},
		{"another ID", "C0OTHERS", token, nil, "misconfigured", "check the channel"},
		{"a wrong token", "#alerts", "xoxb-wrong", nil, "misconfigured", "copy the bot token"},
		{"the other token", "#alerts", "xapp-1-x", nil, "misconfigured", "socket_mode_token"},
		{"no scope", "#alerts", token, func(f *fake) { f.scopes = "channels:read,users:read" }, "misconfigured", "chat:write"},
		{"many scopes", "#alerts", token, func(f *fake) { f.scopes = "channels:read, chat:write" }, "<nil>", ""},
		{"Slack is down", "#alerts", token, func(f *fake) { f.answer(status(503, "")) }, "retry", "503"},
		{"too often", "#alerts", token, func(f *fake) { f.answer(refuse("ratelimited", "Retry-After", "3")) }, "wait", "ratelimited"},
		{"not invited", "C0ALERTS", token, func(f *fake) { f.answerEdits(refuse("not_in_channel")) }, "misconfigured", "/invite"},
		{"archived", "C0ALERTS", token, func(f *fake) { f.answerEdits(refuse("is_archived")) }, "misconfigured", "archived"},
		{"an unknown answer", "C0ALERTS", token, func(f *fake) { f.answerEdits(refuse("something_new")) }, "<nil>", ""},
		{"down after all", "C0ALERTS", token, func(f *fake) { f.answerEdits(status(500, "")) }, "retry", "500"},
	} {
		f := newFake(t)
		if tt.arrange != nil {
			tt.arrange(f)
		}
		n := open(t, Config{Token: secret(tt.token), Channel: tt.channel, APIURL: f.server.URL + "/api"})
		err := n.Check(t.Context())
		if class(err) != tt.want || tt.says != "" && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if len(f.forms) != 0 {
			t.Errorf("%s: the check left %v in the channel", tt.name, f.forms)
		}
	}
	_, hook := withWebhook(t)
	if err := hook.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := open(t, Config{WebhookURL: secret("hunter2")}).Check(t.Context()); class(err) != "misconfigured" || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

// TestCancelledBetween: the end of the daemon between edit and reply is a
// failure like others.
func TestCancelledBetween(t *testing.T) {
	f, n := withToken(t)
	s := scenes()
	first := told(t, f, n, s["01-firing"], "", postCall)
	ctx, cancel := context.WithCancel(t.Context())
	f.answerReply(func(http.ResponseWriter, *http.Request) { cancel(); <-f.hang })
	r, err := n.Notify(ctx, s["03-joined"], first)
	var e *notifiers.Error
	if !errors.As(err, &e) || !e.Resume || e.Class != notifiers.Retry {
		t.Fatalf("%v", err)
	}
	told(t, f, n, s["03-joined"], r, postCall)
}

func TestButtonGroup(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, key := range []string{long, "\xff", "sha256:00"} {
		if got := ButtonGroup(key); !strings.HasPrefix(got, "sha256:") || len(got) != 71 || got == key {
			t.Errorf("%.20q: %s", key, got)
		}
	}
	if got := ButtonGroup(`{}:{host="a"}`); got != `{}:{host="a"}` {
		t.Errorf("%s", got)
	}
	n := notifiertest.Firing()
	n.GroupKey = long
	if raw := body(t, plainSlack(t).layout(&n, fresh)); strings.Contains(raw, long) || !strings.Contains(raw, ButtonGroup(long)) {
		t.Error("the button has the whole key")
	}
}

func TestLinks(t *testing.T) {
	for base, want := range map[string]string{
		"https://q.example.org":       "<https://q.example.org/alerts/00000000000000ab|Open in qmpalert>",
		"https://q.example.org/base/": "<https://q.example.org/base/alerts/00000000000000ab|Open in qmpalert>",
		"https://q.example.org/?a&b":  "<https://q.example.org/alerts/00000000000000ab?a&amp;b|Open in qmpalert>",
		"https://q.example.org/a|b>c": "<https://q.example.org/a%7Cb%3Ec/alerts/00000000000000ab|Open in qmpalert>",
		"https://q.example.org/?a|b":  "",
		"javascript:alert(1)":         "", "": "", "https://": "", "http://\x7f": "",
	} {
		if got := link(base, alert.Fingerprint(0xab).String()); got != want {
			t.Errorf("%q: %s", base, got)
		}
	}
}
