package slack

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// slacktest's server leaves a goroutine behind for each message that no
// websocket fetches.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/slack-go/slack/slacktest.(*Server).queueForWebsocket"))
}

func secret(s string) func() (string, error) {
	return func() (string, error) { return s, nil }
}

func open(t *testing.T, cfg Config) *Notifier {
	t.Helper()
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	n.now = func() time.Time { return time.Date(2026, 3, 14, 14, 2, 0, 0, time.UTC) }
	t.Cleanup(func() { n.Close() })
	return n
}

func withToken(t *testing.T) (*fake, *Notifier) {
	f := newFake(t)
	return f, open(t, Config{Token: secret(token), Channel: "#alerts", APIURL: f.server.URL + "/api"})
}

func withWebhook(t *testing.T) (*fake, *Notifier) {
	f := newFake(t)
	return f, open(t, Config{WebhookURL: secret(f.server.URL + webhookPath)})
}

// refuse is an answer of the Web API.
func refuse(code string, headers ...string) http.HandlerFunc {
	return status(200, fmt.Sprintf(`{"ok":false,"error":%q}`, code), append(headers, "Content-Type", "application/json")...)
}

func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func cut(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }

// answers that both ways share.
func (f *fake) answers(secret string) []notifiertest.Answer {
	date := "Sat, 14 Mar 2026 14:03:30 GMT"
	return []notifiertest.Answer{
		{Name: "429 with seconds", Arrange: func() { f.answer(status(429, "", "Retry-After", "7")) }, Want: notifiers.Wait, After: 7 * time.Second},
		{Name: "429 with a date", Arrange: func() { f.answer(status(429, "", "Retry-After", date)) }, Want: notifiers.Wait, After: 90 * time.Second},
		{Name: "429 without", Arrange: func() { f.answer(status(429, "rate_limited")) }, Want: notifiers.Wait},
		{Name: "500", Arrange: func() { f.answer(status(500, "<html>oops</html>")) }, Want: notifiers.Retry},
		{Name: "503 with seconds", Arrange: func() { f.answer(status(503, "", "Retry-After", "30")) }, Want: notifiers.Wait, After: 30 * time.Second},
		{Name: "408", Arrange: func() { f.answer(status(408, "")) }, Want: notifiers.Retry},
		{Name: "page of a proxy", Arrange: func() { f.answer(status(200, "<html>Sign in</html>", "Content-Type", "text/html")) }, Want: notifiers.Retry},
		{Name: "redirect", Arrange: func() { f.answer(status(302, "", "Location", "https://example.org/"+secret)) }, Want: notifiers.Misconfigured},
		{Name: "cut", Arrange: func() { f.answer(cut) }, Want: notifiers.Retry},
		{Name: "10 MB", Arrange: func() { f.answer(status(400, strings.Repeat("x"+secret+"\x1b", 500_000))) }, Want: notifiers.Rejected},
		{Name: "secret in the answer", Arrange: func() { f.answer(status(403, "no "+secret)) }, Want: notifiers.Misconfigured},
		{Name: "down", Arrange: func() { f.server.CloseClientConnections(); f.server.Listener.Close() }, Want: notifiers.Retry},
	}
}

func TestContractToken(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		f, n := withToken(t)
		h := f.harness(n, token)
		for code, class := range map[string]notifiers.Class{
			"message_not_found": notifiers.Rejected, "thread_not_found": notifiers.Rejected, "edit_window_closed": notifiers.Rejected,
			"cant_update_message": notifiers.Rejected, "cannot_reply_to_message": notifiers.Rejected,
			"ratelimited": notifiers.Wait, "rate_limited": notifiers.Wait,
			"internal_error": notifiers.Retry, "fatal_error": notifiers.Retry, "service_unavailable": notifiers.Retry,
			"request_timeout": notifiers.Retry, "team_added_to_org": notifiers.Retry, "org_login_required": notifiers.Retry,
			"invalid_auth": notifiers.Misconfigured, "not_authed": notifiers.Misconfigured, "account_inactive": notifiers.Misconfigured,
			"token_revoked": notifiers.Misconfigured, "token_expired": notifiers.Misconfigured, "missing_scope": notifiers.Misconfigured,
			"no_permission": notifiers.Misconfigured, "not_allowed_token_type": notifiers.Misconfigured,
			"ekm_access_denied": notifiers.Misconfigured, "accesslimited": notifiers.Misconfigured,
			"channel_not_found": notifiers.Misconfigured, "not_in_channel": notifiers.Misconfigured, "is_archived": notifiers.Misconfigured,
			"restricted_action": notifiers.Misconfigured, "restricted_action_read_only_channel": notifiers.Misconfigured,
			"msg_too_long": notifiers.Rejected, "msg_blocks_too_long": notifiers.Rejected, "invalid_blocks": notifiers.Rejected,
			"invalid_blocks_format": notifiers.Rejected, "too_many_attachments": notifiers.Rejected, "no_text": notifiers.Rejected,
			"something_new\x1b" + token: notifiers.Retry,
		} {
			h.Answers = append(h.Answers, notifiertest.Answer{Name: code, Arrange: func() { f.answer(refuse(code)) }, Want: class})
		}
		h.Answers = append(h.Answers,
			notifiertest.Answer{Name: "ratelimited with seconds", Arrange: func() { f.answer(refuse("ratelimited", "Retry-After", "3")) }, Want: notifiers.Wait, After: 3 * time.Second},
			notifiertest.Answer{Name: "429 as JSON", Arrange: func() {
				f.answer(status(429, `{"ok":false,"error":"ratelimited"}`, "Retry-After", "4"))
			}, Want: notifiers.Wait, After: 4 * time.Second},
			notifiertest.Answer{Name: "half an answer", Arrange: func() { f.answer(status(200, `{"ok":tr`)) }, Want: notifiers.Retry},
			notifiertest.Answer{Name: "no answer", Arrange: func() { f.answer(status(200, `{}`)) }, Want: notifiers.Retry},
			notifiertest.Answer{Name: "blocks refused once", Arrange: func() { f.answerOnce(refuse("invalid_blocks")) }, OK: true},
		)
		h.Threaded = func(t *testing.T, _, _ notifiertest.Message) {
			if f.forms[0].TS != f.forms[1].TS || f.calls[1] != "chat.update" {
				t.Errorf("the message was not edited: %v, %s and %s", f.calls, f.forms[0].TS, f.forms[1].TS)
			}
		}
		return h
	})
}

func TestContractWebhook(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		f, n := withWebhook(t)
		h := f.harness(n, "hunter3")
		for _, a := range []struct {
			code int
			body string
			want notifiers.Class
		}{
			{403, "action_prohibited", notifiers.Misconfigured}, {404, "channel_not_found", notifiers.Misconfigured},
			{404, "no_service", notifiers.Misconfigured}, {410, "channel_is_archived", notifiers.Misconfigured},
			{403, "invalid_token", notifiers.Misconfigured}, {500, "rollup_error", notifiers.Retry},
			{400, "invalid_payload", notifiers.Rejected}, {400, "no_text", notifiers.Rejected}, {400, "strange", notifiers.Rejected},
		} {
			h.Answers = append(h.Answers, notifiertest.Answer{
				Name: a.body, Arrange: func() { f.answer(status(a.code, a.body+"\n")) }, Want: a.want,
			})
		}
		h.Answers = append(h.Answers, notifiertest.Answer{
			Name: "blocks refused once", Arrange: func() { f.answerOnce(status(400, "invalid_payload")) }, OK: true,
		})
		return h
	})
}

func (f *fake) harness(n *Notifier, secret string) *notifiertest.Harness {
	return &notifiertest.Harness{
		Notifier: n,
		Secrets:  []string{token, "hunter", f.server.URL + webhookPath},
		Accepted: f.accepted,
		MaxSize:  40_000,
		Answers:  f.answers(secret),
		Hang:     func() { f.answer(func(http.ResponseWriter, *http.Request) { <-f.hang }) },
		Harmless: func(t *testing.T, m notifiertest.Message) { inBudget(t, m) },
	}
}

func TestLostMessagesAreFollowedByNewOnes(t *testing.T) {
	for _, code := range []string{
		"message_not_found", "edit_window_closed", "cant_update_message", "thread_not_found",
		"channel_not_found", "not_in_channel", "is_archived", // the message is in another channel than the configuration's now
	} {
		f, n := withToken(t)
		receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		if err != nil {
			t.Fatal(err)
		}
		f.answerOnce(refuse(code))
		second, err := n.Notify(t.Context(), notifiertest.Resolved(), receipt)
		if err != nil || second == receipt || second == "" {
			t.Errorf("%s: receipt %q after %q, %v", code, second, receipt, err)
		}
		if want := "[chat.postMessage chat.update chat.postMessage]"; fmt.Sprint(f.calls) != want {
			t.Errorf("%s: calls %v, want %s", code, f.calls, want)
		}
	}
}

// TestEditFails: an edit that Slack could not do now is an edit to repeat, not
// a second message.
func TestEditFails(t *testing.T) {
	f, n := withToken(t)
	receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	if err != nil {
		t.Fatal(err)
	}
	f.answerOnce(status(500, ""))
	_, err = n.Notify(t.Context(), notifiertest.Resolved(), receipt)
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Class != notifiers.Retry || e.Op != "chat.update" || len(f.forms) != 1 {
		t.Errorf("error %v, %d messages", err, len(f.forms))
	}
}

// TestPlainSecondTry: what is refused as blocks arrives as text, and an edit to
// plain text takes the blocks away.
func TestPlainSecondTry(t *testing.T) {
	f, n := withToken(t)
	receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	if err != nil {
		t.Fatal(err)
	}
	f.answerOnce(refuse("msg_blocks_too_long"))
	if _, err := n.Notify(t.Context(), notifiertest.Resolved(), receipt); err != nil {
		t.Fatal(err)
	}
	last := f.forms[len(f.forms)-1]
	if string(last.Blocks) != "[]" || string(last.Attachments) != "[]" || !strings.Contains(last.Text, "Resolved after 12m 3s") {
		t.Errorf("blocks %s, attachments %s, text:\n%s", last.Blocks, last.Attachments, last.Text)
	}
}

func TestSecretsThatCannotBeRead(t *testing.T) {
	broken := func() (string, error) {
		return "", &os.PathError{Op: "open", Path: "/etc/token", Err: os.ErrPermission}
	}
	for _, cfg := range []Config{{Token: broken, Channel: "#alerts"}, {WebhookURL: broken}, {WebhookURL: secret("ht\ntp://hunter2")}} {
		_, err := open(t, cfg).Notify(t.Context(), notifiertest.Firing(), "")
		var e *notifiers.Error
		if !errors.As(err, &e) || e.Class != notifiers.Misconfigured || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, cfg := range map[string]Config{
		"give either":       {},
		"needs channel":     {Token: secret(token)},
		"webhook_url":       {Token: secret(token), Channel: "#a", WebhookURL: secret("x")},
		"api_url is not an": {Token: secret(token), Channel: "#a", APIURL: "slack.com"},
	} {
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%+v) = %v, want %q", cfg, err, want)
		}
	}
}

func TestReceiptIsPlain(t *testing.T) {
	h := handle{Channel: "C1", TS: "1.2"}
	if r := h.receipt(); r != `{"channel":"C1","ts":"1.2"}` {
		t.Errorf("receipt %s", r)
	}
	h = handle{Channel: "C1\n", TS: "1.2"}
	if r := h.receipt(); r != "" {
		t.Errorf("a strange channel became the receipt %q", r)
	}
}
