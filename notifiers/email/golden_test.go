package email

import (
	"bytes"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

func TestGoldens(t *testing.T) {
	group := notifiertest.Firing()
	for range 24 {
		group.Alerts = append(group.Alerts, group.Alerts[0])
	}
	test := notifiertest.Firing()
	test.Test = true
	n := open(t, Config{Smarthost: "mail.example.org:587"})
	for name, note := range map[string]notifiers.Notification{
		"firing": notifiertest.Firing(), "resolved": notifiertest.Resolved(), "attached": notifiertest.Attached(), "group": group, "test": test,
		"empty": notifiertest.Empty(), "hostile": notifiertest.Hostile(alert.Resolved, strings.Join(notifiertest.Payloads, "\n")),
	} {
		t.Run(name, func(t *testing.T) {
			v := newView(&note)
			var html bytes.Buffer
			if err := htmlTemplate.Execute(&html, v); err != nil {
				t.Fatal(err)
			}
			notifiertest.Golden(t, name+".txt", "Subject: "+v.subject()+"\n\n"+v.text())
			notifiertest.Golden(t, name+".html", html.String())
		})
	}
	// Once as it goes over the wire: the same notification is the same mail.
	for range 2 {
		note := notifiertest.Resolved()
		m, _, err := n.compose(&note, "<first.qmpalert@kvm.example.org>")
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := m.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(raw.String(), "\r\n\r\n")
		notifiertest.Golden(t, "resolved.head", strings.ReplaceAll(head, "\r\n", "\n")+"\n")
	}
}
