package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack/slacktest"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// body is a message as the wire has it, indented.
func body(t *testing.T, m message) string {
	t.Helper()
	raw, err := json.Marshal(struct {
		Text        string
		Blocks      any
		Attachments any
		Simple      string
	}{m.text, m.head, m.attachments(), m.simple})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(json.RawMessage(raw)); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(b.String())
}

// plainSlack is a Notifier for the look of its messages only.
func plainSlack(t *testing.T) *Notifier {
	return open(t, Config{Token: secret(token), Channel: "#alerts", Buttons: true})
}

func TestGoldens(t *testing.T) {
	s := plainSlack(t)
	group := notifiertest.Firing()
	for range 14 {
		group.Alerts = append(group.Alerts, group.Alerts[0])
	}
	test := notifiertest.Firing()
	test.Test = true
	for name, n := range map[string]notifiers.Notification{
		"firing": notifiertest.Firing(), "resolved": notifiertest.Resolved(), "attached": notifiertest.Attached(), "group": group, "test": test,
		"empty": notifiertest.Empty(), "hostile": notifiertest.Hostile(alert.Resolved, strings.Join(notifiertest.Payloads, "\n")),
	} {
		t.Run(name, func(t *testing.T) { notifiertest.Golden(t, name+".json", body(t, s.layout(&n, fresh))) })
	}
}

// TestSlacktest: slack-go's own test server, which is another opinion about the
// form of a call, takes our messages. It has no chat.update.
func TestSlacktest(t *testing.T) {
	var calls []string
	s := slacktest.NewTestServer(func(c slacktest.Customize) {
		c.Handle("/chat.update", func(w http.ResponseWriter, r *http.Request) {
			calls = append(calls, r.FormValue("channel")+" "+r.FormValue("text"))
			fmt.Fprintf(w, `{"ok":true,"channel":"#alerts","ts":%q}`, r.FormValue("ts"))
		})
	})
	s.Start()
	t.Cleanup(s.Stop)
	n := open(t, Config{Token: secret(token), Channel: "#alerts", APIURL: s.GetAPIURL()})
	receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	if err != nil || receipt == "" {
		t.Fatalf("firing: receipt %q, %v", receipt, err)
	}
	again, err := n.Notify(t.Context(), notifiertest.Resolved(), receipt)
	if err != nil || ts(again) != ts(receipt) || len(calls) != 1 || !strings.Contains(calls[0], "resolved") {
		t.Fatalf("resolved: receipt %q, %v, %q", again, err, calls)
	}
}

func ts(r notifiers.Receipt) string {
	h, _ := parseReceipt(r)
	return h.TS
}
