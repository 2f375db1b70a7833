package dispatch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// guest makes the change of one of many guests of a host.
func guest(i int, status alert.Status, at int64) alert.Change {
	return about(status, at, "Paused", "kvm07", fmt.Sprintf("vm%05d", i))
}

// TestManyInOneMessage: a message lists a thousand alerts and counts the rest;
// one about a single end lists few others.
func TestManyInOneMessage(t *testing.T) {
	const many = 2500
	p := plan(t, Config{Route: Route{Receiver: "ops", GroupBy: []string{"host"}, GroupWait: time.Second}, Receivers: cfg.Receivers})
	for i := range many {
		p.Step(guest(i, alert.Firing, 5), 5)
	}
	n := p.Advance(2_000_000).Notifications
	if len(n) != 1 || len(n[0].Alerts) != MaxAlerts || n[0].Omitted != many-MaxAlerts {
		t.Fatalf("%d messages, %d alerts, %d left out", len(n), len(n[0].Alerts), n[0].Omitted)
	}
	if got := n[0].Timeline; len(got) != 1 || len(got[0].Names) != 5 || got[0].More != many-5 {
		t.Errorf("the timeline names %d and %d more", len(got[0].Names), got[0].More)
	}
	p.Step(guest(7, alert.Resolved, 9), 3_000_000)
	n = p.Advance(3_000_000).Notifications
	if len(n) != 1 || len(n[0].Alerts) != 1+MaxOthers || n[0].Omitted != many-1-MaxOthers || n[0].Status != alert.Firing {
		t.Errorf("%d messages, %d alerts, %d left out, %s", len(n), len(n[0].Alerts), n[0].Omitted, n[0].Status)
	}
	if l := n[0].CommonLabels; len(l) != 2 || l.Get("host") != "kvm07" {
		t.Errorf("common labels %v", l)
	}
}

// TestTimelineKeepsBothEnds: of too many moments the first and the newest stay.
func TestTimelineKeepsBothEnds(t *testing.T) {
	p := plan(t, cfg)
	p.Step(change(alert.Firing, 1), 1)
	p.Advance(1)
	f := change(alert.Firing, 1).Fingerprint
	var last notifiers.Notification
	for i := range int64(100) {
		if err := p.Ack(f, notifiers.Ack{By: fmt.Sprint(i)}, 10+i); err != nil {
			t.Fatal(err)
		}
		last = p.Advance(10 + i).Notifications[0]
	}
	life := last.Timeline
	if len(life) != notifiers.MaxTimeline || life[0].What != notifiers.Fired || life[len(life)-1].By != "99" || last.Acks[0].By != "99" {
		t.Errorf("%d moments: %+v", len(life), life)
	}
}

func TestGroupKeyIsBounded(t *testing.T) {
	long := func(tail string) string {
		return groupKey("ops", "{}", alert.Labels{{Name: "vm", Value: strings.Repeat("ü", 3000) + tail}})
	}
	if a, b := long("a"), long("b"); len(a) > maxKey || a == b || !strings.HasPrefix(a, `ops/{}:{vm="üü`) {
		t.Errorf("%d bytes: %s", len(a), a)
	}
}

func TestSilencesAreBounded(t *testing.T) {
	p := plan(t, cfg)
	s := Silence{Matchers: []string{`vm="db1"`}, EndsAt: 1 << 50}
	for i := range MaxSilences {
		s.ID, s.Matchers = fmt.Sprint(i), []string{fmt.Sprintf("vm=%q", fmt.Sprint("x", i))}
		if _, err := p.SetSilence(s, 1); err != nil {
			t.Fatal(err)
		}
	}
	s.ID = "more"
	if _, err := p.SetSilence(s, 1); err == nil {
		t.Error("one too many")
	}
	p.Step(change(alert.Firing, 1), 1)
	if got := len(p.Advance(1).Notifications); got != 1 {
		t.Errorf("%d messages of an alert that none of them hides", got)
	}
}
