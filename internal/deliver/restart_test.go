package deliver

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// TestReceiverIsDownOverARestart: a thousand alerts are decided while nobody
// answers, half of them end; the program is killed and started again; the
// receiver comes back. All of them arrive, in order, no faster than Slack wants,
// and as few messages as can be.
func TestReceiverIsDownOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		far := &remote{answer: func() int {
			if up.Load() {
				return accepts
			}
			return fails
		}}
		kept := NewMemory(10_000)
		all := &decided{index: map[string]int{}, fires: map[string]bool{}}
		ends := func(p *process) []Endpoint {
			return []Endpoint{{Receiver: "ops", Name: "slack", SendResolved: true, Edits: true, Limit: slackLimit, Notifier: &remoteEnd{far, "slack", p}}}
		}
		open := func() *life {
			p := newProcess(0)
			l := &life{p: p, kept: kept, d: New(Options{Outbox: disk{Memory: kept, p: p}}), ends: ends(p)}
			mustSwap(t, l.d, l.ends)
			return l
		}
		first := open()
		for i := range 1500 {
			kind := 9
			if i >= 1000 {
				kind = 0 // the end of what fires
			}
			first.uncommitted = append(first.uncommitted, all.next("ops", fmt.Sprint("g", i%1000), kind))
			first.put(false)
			time.Sleep(time.Second)
		}
		close(first.p.dead)
		first.bury()
		triesDown := len(far.seen)
		if triesDown > 300 {
			t.Errorf("%d tries in 25 minutes of nobody there", triesDown)
		}

		second := open()
		time.Sleep(time.Minute)
		up.Store(true)
		back := time.Now()
		for range 100 {
			if left, _ := kept.Endpoints(); len(left) == 0 {
				break
			}
			time.Sleep(time.Second)
		}
		if took := time.Since(back); took > 90*time.Second {
			t.Errorf("it took %v", took)
		}
		second.d.Close(context.Background())
		if what := judge(all, far, nil, second.ends); what != "" {
			t.Error(what)
		}
		if what := tooFast(far, slackLimit, "slack"); what != "" {
			t.Error(what)
		}
		arrived, messages := map[string]bool{}, 0
		for _, s := range far.seen {
			if s.answer == accepts {
				messages++
				for _, id := range carriedIDs(&s.n) {
					arrived[id] = true
				}
			}
		}
		if len(arrived) != 1500 || messages > 40 {
			t.Errorf("%d of 1500 arrived, in %d messages", len(arrived), messages)
		}
	})
}

// TestStormIsADigest: what a digest and a collapsed message say.
func TestStormIsADigest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []notifiers.Notification
		n := notifyFunc(func(_ context.Context, n notifiers.Notification, _ notifiers.Receipt) (notifiers.Receipt, error) {
			got = append(got, n)
			return "", nil
		})
		d := New(Options{})
		labels := alert.Labels{{Name: "host", Value: "kvm07"}, {Name: "vm", Value: "db1"}}
		change := alert.Change{
			Name: "Paused", Fingerprint: 1, Labels: labels, Annotations: alert.Labels{{Name: "summary", Value: "db1 is paused"}},
			Evidence: alert.Evidence{Omitted: 3},
		}
		ends := []Endpoint{{Receiver: "ops", Name: "mail", SendResolved: true, Limit: slackLimit, Notifier: &n}} // a second passes until it has a token
		mustSwap(t, d, ends)
		put := func(id, group string, status alert.Status, at int64) {
			m := msg(id, group, status)
			m.Kind, m.At, m.Alerts = notifiers.Kind(status), at, []alert.Change{change}
			m.Alerts[0].Status, m.CommonLabels = status, labels
			mustPut(t, d, m)
		}
		put("f", "g", alert.Firing, 1)
		put("r", "g", alert.Resolved, 2)
		d.Close(context.Background())
		d = New(Options{})
		mustSwap(t, d, ends)
		for i := range 250 {
			put(fmt.Sprint("f", i), fmt.Sprint("g", i), alert.Firing, int64(10+i))
		}
		put("r0", "g0", alert.Resolved, 300)
		d.Close(context.Background())
		if len(got) != 4 {
			t.Fatalf("%d messages, want 4", len(got))
		}
		both := got[0]
		if both.Kind != notifiers.KindResolved || both.Status != alert.Resolved || both.GroupKey != "g" || len(both.Alerts) != 1 ||
			!slices.Equal(both.Carries, []string{"f", "r"}) || len(both.Timeline) != 2 ||
			both.Timeline[0].What != notifiers.Fired || both.Timeline[0].At != 1 || both.Timeline[1].What != notifiers.Ended {
			t.Errorf("collapsed: %+v", both)
		}
		first := got[1]
		if first.Kind != notifiers.KindDigest || first.Status != alert.Firing || len(first.Digest) != 100 || len(first.Carries) != 101 ||
			first.At != 300 || first.CommonLabels.Get("vm") != "db1" || len(first.Alerts) != 1 || first.Alerts[0].Evidence.Omitted != 0 {
			t.Errorf("digest: %+v", first)
		}
		if e := first.Digest[0]; e.Kind != notifiers.KindResolved || e.Status != alert.Resolved || e.GroupKey != "g0" || e.Alerts != 1 || e.Summary != "db1 is paused" {
			t.Errorf("first entry: %+v", e)
		}
		if e := first.Digest[1]; e.ID != "f1" || e.Labels.Get("host") != "kvm07" {
			t.Errorf("second entry: %+v", e)
		}
		if s := d.Stats()[0]; s.Put != 251 || s.Delivered != 251 {
			t.Errorf("stats %+v", s)
		}
	})
}
