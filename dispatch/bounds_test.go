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

// TestManyInOneMessage: a message lists a thousand alerts; what is new beyond
// that comes with the next ones, so that each is named once. One about a single
// end lists few others and counts the rest.
func TestManyInOneMessage(t *testing.T) {
	const many = 2500
	p := plan(t, Config{Route: Route{Receiver: "ops", GroupBy: []string{"host"}, GroupWait: time.Second, GroupInterval: time.Minute}, Receivers: cfg.Receivers})
	for i := range many {
		p.Step(guest(i, alert.Firing, 5), 5)
	}
	named := map[alert.Fingerprint]int{}
	var n []notifiers.Notification
	for i, at := range []int64{2_000_000, 62_000_000, 122_000_000} {
		n = p.Advance(at).Notifications
		if len(n) != 1 || len(n[0].Alerts) != MaxAlerts || n[0].Kind != notifiers.KindFiring {
			t.Fatalf("%d messages, %d alerts", len(n), len(n[0].Alerts))
		}
		fresh := min(MaxAlerts, many-i*MaxAlerts)
		for _, c := range n[0].Alerts[:fresh] {
			named[c.Fingerprint]++
		}
		if want := i*MaxAlerts + fresh - MaxAlerts; n[0].Omitted != want {
			t.Errorf("message %d leaves out %d, want %d", i, n[0].Omitted, want)
		}
		moment := n[0].Timeline[len(n[0].Timeline)-1]
		if len(moment.Names) != 5 || moment.More != fresh-5 {
			t.Errorf("the timeline names %d and %d more", len(moment.Names), moment.More)
		}
	}
	if len(named) != many {
		t.Errorf("%d of %d alerts were named", len(named), many)
	}
	p.Step(guest(7, alert.Resolved, 9), 123_000_000)
	n = p.Advance(123_000_000).Notifications
	if len(n) != 1 || len(n[0].Alerts) != 1+MaxOthers || n[0].Omitted != many-1-MaxOthers || n[0].Status != alert.Firing {
		t.Errorf("%d messages, %d alerts, %d left out, %s", len(n), len(n[0].Alerts), n[0].Omitted, n[0].Status)
	}
	if l := n[0].CommonLabels; len(l) != 2 || l.Get("host") != "kvm07" {
		t.Errorf("common labels %v", l)
	}
}

// TestManyEndAtOnce: each end is told by name, and the last message says that
// all is over.
func TestManyEndAtOnce(t *testing.T) {
	const many = 2500
	p := plan(t, Config{Route: Route{Receiver: "ops", GroupBy: []string{"host"}}, Receivers: cfg.Receivers})
	for i := range many {
		p.Step(guest(i, alert.Firing, 5), 5)
	}
	for at := range int64(3) {
		p.Advance(5 + at)
	}
	for i := range many {
		p.Step(guest(i, alert.Resolved, 9), 9)
	}
	n := p.Advance(9).Notifications
	named := map[alert.Fingerprint]bool{}
	for i, one := range n {
		for _, c := range one.Alerts {
			named[c.Fingerprint] = c.Status == alert.Resolved
		}
		if want := map[bool]alert.Status{true: alert.Resolved, false: alert.Firing}[i == len(n)-1]; one.Status != want || one.Kind != notifiers.KindResolved {
			t.Errorf("message %d of %d is %s, %s", i+1, len(n), one.Kind, one.Status)
		}
	}
	if len(n) != 3 || len(named) != many {
		t.Errorf("%d messages name %d of %d alerts", len(n), len(named), many)
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

// TestSilenceOfAnHour: a silence that was asked for for an hour says that it
// ends, though it began a moment after it was asked for.
func TestSilenceOfAnHour(t *testing.T) {
	const asked, known = int64(1_000_000), int64(1_000_123)
	p := plan(t, cfg)
	s, err := p.SetSilence(Silence{ID: "s1", Matchers: []string{`vm="db1"`}, StartsAt: asked, EndsAt: asked + micros(time.Hour)}, known)
	if err != nil || s.StartsAt != known {
		t.Fatalf("%+v, %v", s, err)
	}
	step(p, change(alert.Firing, known))
	told := p.Advance(s.EndsAt - micros(WarnBefore)).Notifications
	if len(told) != 1 || told[0].Kind != notifiers.KindSilence {
		t.Errorf("told of the end: %+v", told)
	}
}
