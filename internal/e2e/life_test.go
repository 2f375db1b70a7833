package e2e

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/web"
)

const lifeRules = `groups:
  - name: life
    rules:
      - {alert: Paused, event: STOP, resolve: RESUME, labels: {severity: critical}, annotations: {summary: '{{ vm.name }} is paused'}}
      - {alert: Asleep, event: SUSPEND, resolve: WAKEUP, labels: {severity: warning}, annotations: {summary: '{{ vm.name }} fell asleep'}}
`

func lifeConfig(slack *chat) string {
	return `route:
  receiver: oncall
  group_by: [host, alertname]
  group_wait: 0s
  group_interval: 1s
  routes:
    - matchers: ['alertname="Paused"']
      receiver: oncall
      escalate: {after: 5s, receiver: managers}
receivers:
  - name: oncall
` + slack.yaml("oncall") + "  - name: managers\n" + slack.yaml("managers")
}

// atOnce kills what is not delivered yet when the daemon ends.
func atOnce(o *daemon.Options) { o.Grace = time.Nanosecond }

// TestLifeInSlack is the life of alerts as a team sees it: a message that is
// edited, its thread, the buttons, and a daemon that is started again in the
// middle.
func TestLifeInSlack(t *testing.T) {
	t.Parallel()
	slack := newChat(t)
	s := newSite(t, lifeRules, lifeConfig(slack))
	stop := s.run(atOnce)
	conn := slack.listens()

	s.happens(occurs("STOP", "db1", ""))
	first := slack.posted("C0ONCALL", "db1 is paused")
	if got := actionsOf(first); got != "qmpalert_ack qmpalert_silence_1h qmpalert_silence_8h qmpalert_silence_1d qmpalert_explain" {
		t.Errorf("the buttons are %s", got)
	}
	s.happens(occurs("STOP", "db2", ""))
	slack.edited(first, "db1", "db2")
	slack.replied(first, "db2")

	slack.press(conn, first, "sonja", "qmpalert_ack")
	acked := slack.edited(first, "*Acknowledged* by `sonja`")
	if strings.Contains(actionsOf(acked), "qmpalert_ack") {
		t.Errorf("what is acknowledged can be acknowledged: %s", actionsOf(acked))
	}
	slack.replied(first, "Acknowledged by sonja")
	s.log.said(t, 1, "a button was pressed", "button=acknowledge", "by=sonja", "user=U0SONJA", "channel=C0ONCALL")

	stop() // what follows is told by another process
	s.run(atOnce)
	conn = slack.listens()

	s.happens(occurs("STOP", "db3", ""))
	grown := slack.edited(first, "db1", "db2", "db3", "qmpalert_ack")
	slack.replied(first, "db3")

	// Nobody acknowledges db3. The others were, 5 seconds are over for them too.
	passed := slack.posted("C0MANAGERS", "Nobody acknowledged this for 5s", "db3 is paused")
	if passed.has([]string{"db1"}) || passed.has([]string{"db2"}) {
		t.Errorf("what was acknowledged is escalated: %s", passed.Body)
	}
	slack.edited(first, "*Escalated* to `managers`: nobody had acknowledged")
	if r := slack.replied(first, "Escalated to managers"); r.Loud {
		t.Errorf("those who slept are called again: %+v", r)
	}

	s.must(conn.Close()) // Slack does that every few hours
	conn = slack.listens()
	s.until("the status shows it", func() bool {
		status, err := s.api.Status(t.Context())
		s.must(err)
		return status.Buttons != nil && *status.Buttons == web.Buttons{Apps: 1, Connected: 1}
	})
	slack.press(conn, grown, "eve", "qmpalert_explain")
	why := slack.said("an explanation", func(c slackCall) bool { return c.Method == "chat.postEphemeral" })
	if why.User != "U0EVE" || why.Channel != "C0ONCALL" {
		t.Errorf("the explanation goes to %s in %s", why.User, why.Channel)
	}
	for _, part := range []string{"Paused firing", "vm db1", "vm db3", "rules.yml", "Z STOP\\n", "acknowledged by sonja", "escalated managers"} {
		if !why.has([]string{part}) {
			t.Errorf("the explanation lacks %q: %s", part, why.Body)
		}
	}

	slack.press(conn, passed, "boss", "qmpalert_ack")
	slack.edited(passed, "*Acknowledged* by `boss`")
	slack.edited(first, "*Acknowledged* by `sonja`", "*Acknowledged* by `boss`")

	s.happens(occurs("RESUME", "db1", ""), occurs("RESUME", "db2", ""), occurs("RESUME", "db3", ""))
	for _, m := range []slackCall{first, passed} {
		over := slack.edited(m, "resolved", "~")
		if buttons := actionsOf(over); buttons != "" {
			t.Errorf("what is over has the buttons %s", buttons)
		}
		slack.replied(m, "Resolved")
	}
	slack.press(conn, grown, "late", "qmpalert_ack")
	slack.said("that nothing fires", func(c slackCall) bool {
		return c.User == "U0LATE" && strings.Contains(c.Text+c.Body, "nothing of this group fires any more")
	})

	n := 0
	for _, c := range slack.list() {
		if c.Method == "chat.postMessage" && c.Thread == "" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d messages, want one for each channel: %+v", n, slack.list())
	}
}

// TestSilenceInSlack: a button makes a silence of an hour, in the name of who
// pressed it, and the next alert of the group is not told.
func TestSilenceInSlack(t *testing.T) {
	t.Parallel()
	slack := newChat(t)
	s := newSite(t, lifeRules, lifeConfig(slack))
	s.run()
	conn := slack.listens()

	s.happens(occurs("SUSPEND", "db1", ""))
	m := slack.posted("C0ONCALL", "db1 fell asleep")
	slack.press(conn, m, "eve", "qmpalert_silence_1h")
	slack.said("an answer", func(c slackCall) bool {
		return c.Method == "chat.postEphemeral" && c.User == "U0EVE" && strings.Contains(c.Text+c.Body, "Silenced for 1h")
	})
	slack.edited(m, "*Silenced* by `eve`: until 2", ": by the button in Slack")
	slack.replied(m, "Silenced by eve: until 2")

	all, err := s.api.Silences(t.Context())
	s.must(err)
	if len(all) != 1 {
		t.Fatalf("%d silences: %+v", len(all), all)
	}
	one := all[0]
	slices.Sort(one.Matchers)
	if one.CreatedBy != "eve" || one.Comment != "by the button in Slack" || one.State != "active" ||
		lasts(one).Round(time.Second) != time.Hour ||
		!slices.Equal(one.Matchers, []string{`alertname="Asleep"`, `host="kvm07"`}) {
		t.Errorf("the silence is %+v", one)
	}

	s.happens(occurs("SUSPEND", "db2", ""), occurs("STOP", "db9", ""))
	told := slack.posted("C0ONCALL", "db9 is paused") // what is not silenced is told
	paused := s.alert("Paused", "db9", "fires", firing)
	s.ask("alert", "ack", paused.ID.String(), "--author", "ann", "--comment", "on it")
	slack.edited(told, "*Acknowledged* by `ann`", ": on it")
	quiet := s.alert("Asleep", "db2", "hidden", func(a *web.Alert) bool { return len(a.Muted) > 0 })
	if w := quiet.Muted[0]; w.By != "silence" || w.Name != one.ID || len(quiet.Told) > 0 {
		t.Errorf("%+v, told %v", w, quiet.Told)
	}
	if why := s.ask("explain", "alert", quiet.ID.String()); !strings.Contains(why, "hidden by silence "+one.ID) {
		t.Errorf("no reason in\n%s", why)
	}

	// Who was told of the beginning is told of the end, silenced or not.
	s.happens(occurs("WAKEUP", "db1", ""), occurs("WAKEUP", "db2", ""))
	slack.edited(m, "resolved", "db1 fell asleep")
	for _, c := range slack.list() {
		if c.has([]string{"db2 fell asleep"}) {
			t.Errorf("what is silenced is told: %+v", c)
		}
	}
}

// TestKilledInSlack: the program is killed while a message stands in Slack, and
// goes on with that message.
func TestKilledInSlack(t *testing.T) {
	t.Parallel()
	slack := newChat(t)
	s := newSite(t, lifeRules, lifeConfig(slack))
	p := s.process()
	slack.listens()
	s.happens(occurs("SUSPEND", "db1", ""))
	m := slack.posted("C0ONCALL", "db1 fell asleep")
	asleep := s.alert("Asleep", "db1", "fires", firing)
	s.until("the daemon knows that Slack has it", func() bool { // else it could be there twice
		x, err := s.api.Explain(t.Context(), asleep.ID)
		s.must(err)
		return len(x.Messages) == 1 && x.Messages[0].State == "delivered"
	})
	p.signal(syscall.SIGKILL)
	<-p.ended

	s.happens(occurs("SUSPEND", "db2", "")) // nobody looks
	s.process()
	conn := slack.listens()
	grown := slack.edited(m, "db1", "db2")
	slack.press(conn, grown, "eve", "qmpalert_ack")
	slack.edited(m, "*Acknowledged* by `eve`")
	s.happens(occurs("WAKEUP", "db1", ""), occurs("WAKEUP", "db2", ""))
	slack.edited(m, "resolved", "~")
	for _, c := range slack.list() {
		if c.Method == "chat.postMessage" && c.Thread == "" && c.TS != m.TS {
			t.Errorf("another message: %+v", c)
		}
	}
}

func lasts(s web.Silence) time.Duration {
	return time.Duration(s.EndsAt-s.StartsAt) * time.Microsecond
}

func actionsOf(m slackCall) string {
	var out []string
	for _, b := range m.buttons() {
		out = append(out, b.Action)
	}
	return strings.Join(out, " ")
}
