package email

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// samples are mails of every kind.
func samples() map[string]notifiers.Notification {
	test := notifiertest.Firing()
	test.Test = true
	all := map[string]notifiers.Notification{
		"firing": notifiertest.Firing(), "resolved": notifiertest.Resolved(), "attached": notifiertest.Attached(),
		"group": crowd(25, 2), "test": test, "digest": digest(12), "empty": notifiertest.Empty(),
		"hostile": notifiertest.Hostile(alert.Resolved, strings.Join(notifiertest.Payloads, "\n")),
	}
	for i, n := range life() {
		all[fmt.Sprintf("life-%d", i+1)] = n
	}
	return all
}

func render(t *testing.T, v *view) string {
	t.Helper()
	var html bytes.Buffer
	if err := htmlTemplate.Execute(&html, v); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

func TestGoldens(t *testing.T) {
	for name, note := range samples() {
		t.Run(name, func(t *testing.T) {
			v := newView(&note, "")
			notifiertest.Golden(t, name+".txt", "Subject: "+v.Subject()+"\n\n"+v.text())
			notifiertest.Golden(t, name+".html", render(t, v))
		})
	}
}

// TestDigestNamesAll: whatever waited is named, as much as one digest carries.
func TestDigestNamesAll(t *testing.T) {
	note := digest(maxWaited)
	v := newView(&note, "")
	for i := range note.Digest {
		want := fmt.Sprintf("db%d: quorum", i+1)
		if !strings.Contains(v.text(), want) || !strings.Contains(render(t, v), want) {
			t.Errorf("%s is not named", want)
		}
	}
}

// TestSameMail: the same notification is the same mail, byte for byte.
func TestSameMail(t *testing.T) {
	n := open(t, Config{Smarthost: "mail.example.org:587"})
	for range 2 {
		note := notifiertest.Resolved()
		th := thread{Root: "<first.qmpalert@kvm.example.org>", Subject: "QuorumChildFailing db1"}
		m, err := n.compose(&note, &th)
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

// TestNarrow: no line is wider than a terminal, but for addresses to follow.
func TestNarrow(t *testing.T) {
	all := samples()
	all["big"] = notifiertest.Big(100)
	wide := notifiertest.Hostile(alert.Firing, strings.Repeat("日本語のディスク", 40))
	all["wide"] = wide
	for name, note := range all {
		for _, line := range strings.Split(newView(&note, "").text(), "\n") {
			if width(line) > columns && !strings.Contains(line, "://") || strings.HasSuffix(line, " ") && line != "-- " {
				t.Errorf("%s: %d columns: %q", name, width(line), line)
			}
		}
	}
}
