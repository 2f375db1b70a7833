package notifiertest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

// start is 2026-03-14 14:02:03.123456 UTC.
const start int64 = 1773496923_123456

const (
	second int64 = 1_000_000
	minute       = 60 * second
)

func labels(pairs ...string) alert.Labels {
	var ls alert.Labels
	for i := 0; i < len(pairs); i += 2 {
		ls = append(ls, alert.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	ls.Sort()
	return ls
}

func qmpEvent(at int64, name, data string) *event.Event {
	return &event.Event{
		Event: qmp.Event{Name: name, Time: at, Raw: []byte(data)},
		Host:  "kvm07", VM: event.VM{Name: "db1"}, Source: "qmp:/run/qemu/db1.qmp", Received: at,
	}
}

// notification wraps a change as package dispatch does.
func notification(c alert.Change) notifiers.Notification {
	c.Fingerprint = c.Labels.Fingerprint()
	group := "ops/" + c.Fingerprint.String()
	return notifiers.Notification{
		ID: fmt.Sprintf("%s-%s", c.Fingerprint, c.Status), Receiver: "ops", GroupKey: group,
		Status: c.Status, At: c.At, Alerts: []alert.Change{c},
		GroupLabels: c.Labels, CommonLabels: c.Labels, CommonAnnotations: c.Annotations,
		ExternalURL: "https://qmpalert.example.org",
	}
}

func quorum() alert.Change {
	var events []*event.Event
	for i := range int64(10) {
		at := start + i*30*second
		if i > 2 {
			at += 2 * minute
		}
		events = append(events, qmpEvent(at, "QUORUM_REPORT_BAD",
			fmt.Sprintf(`{"node-name":"c","sector-num":%d,"sectors-count":8,"type":"read","error":"Input/output error"}`, 2048+8*i)))
	}
	return alert.Change{
		At: start + 7*minute, Status: alert.Firing, Name: "QuorumChildFailing",
		Labels: labels("alertname", "QuorumChildFailing", "severity", "critical", "host", "kvm07", "vm", "db1",
			"node_name", "c", "team", "storage"),
		Annotations: labels("summary", "db1: quorum child c answered badly 14 times",
			"description", "One replica of the disk gives answers that its siblings outvote.\nReplace it before a second one fails.",
			"runbook_url", "https://wiki.example.org/quorum"),
		ActiveAt: start, StartsAt: start, EndsAt: qmp.NoTime, Count: 14, Reason: alert.ReasonCount,
		Evidence: alert.Evidence{Events: events, Omitted: 4},
	}
}

// Firing is an alert as it is in practice: a quorum child that answers badly.
func Firing() notifiers.Notification { return notification(quorum()) }

// Resolved is the end of Firing, 12 minutes and 3 seconds after it began.
func Resolved() notifiers.Notification {
	c := quorum()
	c.Status, c.Reason = alert.Resolved, alert.ReasonEnded
	c.At = start + 12*minute + 3*second
	c.EndsAt = c.At
	return notification(c)
}

// Attached is Firing with what the VM said about itself: an answer, one that was
// cut, and none.
func Attached() notifiers.Notification {
	n := Firing()
	n.Attached = []notifiers.Attachment{
		{Query: "query-status", JSON: `{"status":"io-error","singlestep":false,"running":false}`},
		{Query: "query-block", JSON: `[{"io-status":"nospace","device":"","qdev":"/machine/peripheral/vda", … (70000 bytes cut)`, Cut: true},
		{Query: "query-jobs", Error: "no monitor of this VM is connected"},
	}
	return n
}

// Empty is a notification of a change that says nothing at all.
func Empty() notifiers.Notification {
	return notification(alert.Change{
		Status: alert.Firing, At: qmp.NoTime, ActiveAt: qmp.NoTime, StartsAt: qmp.NoTime, EndsAt: qmp.NoTime,
		Evidence: alert.Evidence{Events: []*event.Event{{}}},
	})
}

// Payloads are texts that a guest could choose to harm those who read an
// alert: mentions and links of chat services, markup, headers of mail and HTTP,
// escape sequences of terminals, characters that reorder or hide text, template
// and format syntax, invalid UTF-8.
var Payloads = []string{
	"<!channel> <!here> <!everyone|x> <@U123> <#C123> <!subteam^S1> <!date^0^x^https://evil.example|x>",
	"<https://evil.example|click> https://evil.example &lt;!channel&gt; &amp;",
	"``` ` *bold* _x_ ~y~ :tada: @here",
	"<script>alert(1)</script><img src=https://evil.example/x.png onerror=x> \"' onload=x </table></body>",
	"a\r\nBcc: evil@example.org\r\n\r\n.\r\nMAIL FROM:<x>\nSubject: x\x00",
	"\x1b[31;5mred\x1b]0;title\x07\x9b2J\u009b2J\x7f\b",
	"\u202Egnp.exe\u2066x\u2069\u200b\ufeff\U000E0041\u2028\u2029\u061c",
	"%s%n {{ .Secret }} ${HOME} $(reboot) ../../etc/passwd",
	"\xff\xfe\xc3\x28\xed\xa0\x80 =?utf-8?q?=0d=0aBcc:_x?=",
}

// Hostile is a notification in which everything that can come from outside is
// the given text.
func Hostile(status alert.Status, text string) notifiers.Notification {
	c := quorum()
	c.Status = status
	c.EndsAt = c.At
	c.Name = text
	for i := range c.Labels {
		c.Labels[i].Value = text
	}
	for i := range c.Annotations {
		c.Annotations[i].Value = text
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings always marshal
	}
	for _, e := range c.Evidence.Events {
		e.Name, e.Host, e.VM.Name, e.Source = text, text, text, text
		e.Raw = fmt.Appendf(nil, `{"name":%s,%s:"v","client":{"host":%s}}`, quoted, quoted, quoted)
	}
	n := notification(c)
	n.Attached = []notifiers.Attachment{
		{Query: text, JSON: string(quoted)}, {Query: text, JSON: text, Cut: true}, {Query: text, Error: text},
	}
	return n
}

// Big is a notification of the given number of alerts, each as large as bounds
// allow and larger.
func Big(alerts int) notifiers.Notification {
	text := strings.Repeat("<&>\"`é€ ", 600)
	c := Hostile(alert.Firing, text).Alerts[0]
	for i := range 200 {
		c.Labels = append(c.Labels, alert.Label{Name: fmt.Sprintf("z%03d", i), Value: text})
	}
	n := notification(c)
	for range alerts - 1 {
		n.Alerts = append(n.Alerts, c)
	}
	for i := range 30 {
		n.Attached = append(n.Attached, notifiers.Attachment{Query: fmt.Sprintf("query-%d", i), JSON: `["` + strings.Repeat("<`é\\u202e> ", 400) + `"]`})
	}
	return n
}
