package deliver

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

func TestMergedKind(t *testing.T) {
	const firing, resolved, repeat = notifiers.KindFiring, notifiers.KindResolved, notifiers.KindRepeat
	const update, escalation = notifiers.KindUpdate, notifiers.KindEscalation
	for _, c := range []struct {
		older, newer notifiers.Kind
		status       alert.Status
		want         notifiers.Kind
	}{
		{firing, resolved, alert.Resolved, resolved},
		{escalation, resolved, alert.Resolved, resolved},
		{escalation, firing, alert.Firing, escalation},
		{firing, resolved, alert.Firing, firing}, // one of two ended
		{resolved, update, alert.Firing, resolved},
		{firing, repeat, alert.Firing, firing},
		{repeat, update, alert.Firing, repeat},
		{update, update, alert.Firing, update},
		{update, firing, alert.Firing, firing},
	} {
		got := merge(notifiers.Notification{Kind: c.older, Status: alert.Firing}, notifiers.Notification{Kind: c.newer, Status: c.status})
		if got.Kind != c.want || got.Status != c.status {
			t.Errorf("%s and %s (%s): %s, want %s", c.older, c.newer, c.status, got.Kind, c.want)
		}
	}
}

func TestMergedRest(t *testing.T) {
	a := func(f alert.Fingerprint, s alert.Status, vm string) alert.Change {
		ls := alert.Labels{{Name: "host", Value: "kvm07"}, {Name: "vm", Value: vm}}
		return alert.Change{Fingerprint: f, Status: s, Name: "A" + vm, Labels: ls}
	}
	older := notifiers.Notification{
		ID: "1", Status: alert.Firing, At: 10, Since: 5, Escalated: "boss", Attached: []notifiers.Attachment{{Query: "query-block"}},
		Alerts: []alert.Change{a(1, alert.Resolved, "db1"), a(2, alert.Firing, "db2"), a(3, alert.Firing, "db3")},
	}
	newer := notifiers.Notification{
		ID: "2", Status: alert.Resolved, At: 20, Omitted: 4,
		Alerts:       []alert.Change{a(2, alert.Resolved, "db2")},
		CommonLabels: a(2, "", "db2").Labels,
	}
	got := merge(older, newer)
	// db3 is not in the newer message, which says that all are over.
	if len(got.Alerts) != 2 || got.Alerts[0].Status != alert.Resolved || got.Alerts[1].Fingerprint != 1 {
		t.Errorf("alerts %+v", got.Alerts)
	}
	if got.Since != 5 || got.Escalated != "boss" || len(got.Attached) != 1 || got.Omitted != 4 || got.At != 20 {
		t.Errorf("merged %+v", got)
	}
	if len(got.CommonLabels) != 1 || got.CommonLabels.Get("host") != "kvm07" {
		t.Errorf("common labels %v", got.CommonLabels)
	}
	if got.Timeline[0].What != notifiers.Fired || !slices.Equal(got.Timeline[0].Names, []string{"Adb1", "Adb2", "Adb3"}) {
		t.Errorf("timeline %+v", got.Timeline)
	}
	if len(newer.Alerts) != 1 || len(newer.Carries) != 0 {
		t.Error("the newer message was changed")
	}
	newer.Since = 15 // the notice went quiet between, and fired anew
	if again := merge(older, newer); again.Since != 15 {
		t.Errorf("the life that goes on began at %d", again.Since)
	}
	// The same messages make the same one, on every machine and in every version.
	if got.ID != "dc92039a3de13b1b6b6993f7378ed43b" {
		t.Errorf("id %s", got.ID)
	}
}

// TestMergedCarriesAll: however many messages become one, it names all of them,
// knows the newest state of each alert, and is bounded.
func TestMergedCarriesAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "messages")
		var one notifiers.Notification
		var ids []string
		at := map[alert.Fingerprint]int64{}
		for i := range n {
			next := notifiers.Notification{ID: fmt.Sprint(i), At: int64(i + 1), Status: alert.Firing, Kind: notifiers.KindFiring}
			for _, f := range rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 0, 60, rapid.ID[int]).Draw(t, "alerts") {
				c := alert.Change{Fingerprint: alert.Fingerprint(f), Status: alert.Firing, At: int64(i + 1)}
				next.Alerts = append(next.Alerts, c)
				at[c.Fingerprint] = c.At
			}
			next.Timeline = []notifiers.Moment{{At: int64(i + 1), What: notifiers.Joined}}
			if ids = append(ids, next.ID); i == 0 {
				one = next
			} else {
				one = merge(one, next)
			}
		}
		if !slices.Equal(one.Carries, ids) || len(one.Alerts) != len(at) || len(one.Timeline) > notifiers.MaxTimeline {
			t.Fatalf("%d messages: carries %v, %d of %d alerts, %d moments", n, one.Carries, len(one.Alerts), len(at), len(one.Timeline))
		}
		for _, c := range one.Alerts {
			if c.At != at[c.Fingerprint] {
				t.Fatalf("alert %d is of %d, not of %d", c.Fingerprint, c.At, at[c.Fingerprint])
			}
		}
		if one.Timeline[0].At != 1 || one.Timeline[len(one.Timeline)-1].At != int64(n) ||
			!slices.IsSortedFunc(one.Timeline, func(a, b notifiers.Moment) int { return int(a.At - b.At) }) {
			t.Fatalf("timeline %+v", one.Timeline)
		}
	})
}

func TestBoundsOfAlerts(t *testing.T) {
	big := func(id string, from int) notifiers.Notification {
		n := notifiers.Notification{ID: id, Status: alert.Firing}
		for i := range 800 {
			n.Alerts = append(n.Alerts, alert.Change{Fingerprint: alert.Fingerprint(from + i), Status: alert.Firing})
		}
		return n
	}
	a, b := big("a", 0), big("b", 800)
	if m := merge(a, b); len(m.Alerts) != 1000 || m.Omitted != 600 {
		t.Errorf("merged: %d alerts, %d omitted", len(m.Alerts), m.Omitted)
	}
	var d notifiers.Notification
	addToDigest(&d, &a)
	addToDigest(&d, &b)
	if len(d.Alerts) != 200 || d.Omitted != 1400 || d.Digest[1].Alerts != 800 {
		t.Errorf("digest: %d alerts, %d omitted", len(d.Alerts), d.Omitted)
	}
}
