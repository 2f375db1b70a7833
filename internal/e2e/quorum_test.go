package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
)

// quorumRule is the five lines of the tutorial, with a receiver. A second rule
// tells the test, and nobody else, when the fourth report has been evaluated:
// what has not been sent by then will not be.
const quorumRule = `groups:
  - name: storage
    rules:
      - alert: QuorumChildFailing
        event: QUORUM_REPORT_BAD
        by: [node-name]
        count: 3
        within: 5m
        receiver: ops
      - alert: FourthReport
        event: QUORUM_REPORT_BAD
        by: [node-name]
        count: 4
        within: 5m
        receiver: test
`

// stage is a host with two VMs: the quorum of db1 has a corrupted child, that
// of db2 is healthy. ops is told by Slack, mail and webhook.
type stage struct {
	*host
	slack     *officialSlack
	mail      *smtptest.Server
	hook      *hook
	test      *hook
	bad, good *qemutest.VM
}

func newStage(t *testing.T) *stage {
	s := &stage{
		host: newHost(t), slack: newOfficialSlack(t), mail: smtptest.Start(t, smtptest.Options{}),
		hook: newHook(t), test: newHook(t),
	}
	s.write("rules/quorum.yml", quorumRule)
	s.receivers("  - name: ops\n" + s.slack.yaml() + mailYAML(s.mail) + s.hook.yaml() + "  - name: test\n" + s.test.yaml())
	s.bad, s.good = s.start(qemutest.Quorum("db1", true)), s.start(qemutest.Quorum("db2", false))
	return s
}

// read reads four times from both quorums, slowly enough for a report each
// time, and returns when the fourth has been evaluated. Between the second and
// the third time it calls halfway; ops has been told before the fourth, or the
// message would count four.
func (s *stage) read(halfway func()) {
	s.t.Helper()
	next := ticks(s.t, 1300*time.Millisecond)
	for i := range 4 {
		switch i {
		case 2:
			halfway()
		case 3:
			s.slack.wait(s.t, "the message in Slack", 1)
			s.hook.wait(s.t, "the webhook", 1)
			s.mail.Mails(s.t, 1)
		}
		next()
		s.bad.HMP(qemutest.ReadQuorum(64 * i))
		s.good.HMP(qemutest.ReadQuorum(64 * i))
		s.bad.WaitEvent("QUORUM_REPORT_BAD", i+1)
	}
	got := s.test.wait(s.t, "the fourth report", 1)[0]
	if got.brief() != "firing FourthReport db1 4" {
		s.t.Errorf("the fourth report is %+v", got)
	}
}

// told checks what ops got. It is called when the daemon has stopped.
func (s *stage) told() {
	t := s.t
	t.Helper()
	if all := s.slack.list(); len(all) != 1 {
		t.Errorf("%d calls of Slack: %+v", len(all), all)
	} else {
		checkSlack(t, all[0])
	}
	if all := s.mail.Mails(t, 1); len(all) != 1 {
		t.Errorf("%d mails", len(all))
	} else {
		checkMail(t, all[0])
	}
	if all := s.hook.list(); len(all) != 1 {
		t.Errorf("%d webhooks: %+v", len(all), all)
	} else {
		checkWebhook(t, all[0])
	}
	if n := len(s.test.list()); n != 1 {
		t.Errorf("%d webhooks about the fourth report", n)
	}
}

// sentence is the summary that qmpalert makes for a rule without one.
const sentence = "db1: QUORUM_REPORT_BAD for node-name disk-c, 3 times within 5m"

func checkSlack(t *testing.T, m slackCall) {
	t.Helper()
	if m.Method != "chat.postMessage" || m.Channel != "#alerts" || !strings.Contains(m.Text, sentence) {
		t.Errorf("Slack got %+v", m)
	}
	for _, want := range []string{"disk-c", "db1", "kvm07", "QuorumChildFailing", `"count: 3"`, "warning"} {
		if !strings.Contains(m.Body, want) {
			t.Errorf("the Slack message lacks %q: %s", want, m.Body)
		}
	}
}

func checkMail(t *testing.T, m smtptest.Mail) {
	t.Helper()
	if !strings.Contains(m.Subject, sentence) || !strings.Contains(m.Header.Get("To"), "ops@example.org") {
		t.Errorf("mail %q to %s", m.Subject, m.Header.Get("To"))
	}
	if !strings.Contains(m.Raw, "with esmtps") {
		t.Errorf("the mail came without TLS:\n%s", m.Raw)
	}
	for form, text := range map[string]string{"text": m.Text, "HTML": m.HTML} {
		for _, want := range []string{"disk-c", "db1", "kvm07", "QuorumChildFailing", "count", "3"} {
			if !strings.Contains(text, want) {
				t.Errorf("the %s of the mail lacks %q:\n%s", form, want, text)
			}
		}
	}
}

func checkWebhook(t *testing.T, d delivery) {
	t.Helper()
	if d.Version != "4" || d.Status != "firing" || d.Receiver != "ops" || d.GroupKey == "" || d.ID == "" || len(d.Alerts) != 1 {
		t.Fatalf("webhook %+v", d)
	}
	a := d.Alerts[0]
	for name, want := range map[string]string{
		"alertname": "QuorumChildFailing", "vm": "db1", "host": "kvm07", "node_name": "disk-c", "severity": "warning",
	} {
		if a.Labels[name] != want {
			t.Errorf("label %s is %q, want %q", name, a.Labels[name], want)
		}
	}
	if a.QMPAlert.Count != 3 || a.QMPAlert.Reason != "count" || len(a.QMPAlert.Evidence.Events) != 3 || a.Annotations["summary"] != sentence {
		t.Errorf("alert %+v", a)
	}
	if a.Status != "firing" || a.StartsAt.IsZero() || !a.EndsAt.IsZero() || a.Fingerprint == "" {
		t.Errorf("alert %+v", a)
	}
}

// TestQuorum is the main job: a replica of a quorum goes bad in a real QEMU,
// and everybody who is to know is told once.
func TestQuorum(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	stop := s.watch()
	s.connected("db1", 1)
	s.connected("db2", 1)
	s.read(func() {})
	stop()
	s.told()
	if s.log.count("vm=db2", "alert ") != 0 {
		t.Errorf("the healthy VM made an alert:\n%s", s.log)
	}
}
