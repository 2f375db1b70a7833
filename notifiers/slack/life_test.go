package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	second int64 = 1_000_000
	minute       = 60 * second
	hour         = 60 * minute
	// fired is 2026-03-14 14:02:03.123456 UTC.
	fired int64 = 1773496923_123456
)

// paused is an alert that a host without space makes for each of its VMs.
func paused(vm, file string, at int64) alert.Change {
	ls := alert.Labels{
		{Name: "alertname", Value: "VMPausedNoSpace"}, {Name: "device", Value: "vda"}, {Name: "host", Value: "kvm07"},
		{Name: "severity", Value: "critical"}, {Name: "vm", Value: vm},
	}
	ev := func(at int64, name, data string) *event.Event {
		return &event.Event{Event: qmp.Event{Name: name, Time: at, Raw: []byte(data)}, Host: "kvm07", VM: event.VM{Name: vm}, Received: at}
	}
	return alert.Change{
		At: at, Status: alert.Firing, Name: "VMPausedNoSpace", Labels: ls, Fingerprint: ls.Fingerprint(),
		Annotations: alert.Labels{
			{Name: "description", Value: "The guest stands still until there is space again.\nFree some, then: virsh resume " + vm},
			{Name: "summary", Value: vm + " is paused: write on vda (/pool/" + file + ".qcow2) failed, no space left"},
		},
		ActiveAt: at, StartsAt: at, EndsAt: qmp.NoTime, Count: 1, Reason: alert.ReasonMatch,
		Evidence: alert.Evidence{Events: []*event.Event{
			ev(at-4000, "BLOCK_IO_ERROR", `{"device":"","qom-path":"/machine/peripheral/vda","operation":"write","action":"stop","nospace":true,"reason":"No space left on device"}`),
			ev(at, "STOP", `{}`),
		}},
	}
}

func over(c alert.Change, at int64) alert.Change {
	c.Status, c.At, c.EndsAt, c.Reason = alert.Resolved, at, at, alert.ReasonResolve
	return c
}

func group(kind notifiers.Kind, at int64, alerts ...alert.Change) notifiers.Notification {
	n := notifiers.Notification{
		ID: fmt.Sprintf("%s-%d", kind, at), Receiver: "oncall", GroupKey: `{}/{severity="critical"}:{alertname="VMPausedNoSpace", host="kvm07"}`,
		Kind: kind, Status: alert.Resolved, At: at, Alerts: alerts, ExternalURL: "https://qmpalert.example.org",
	}
	for _, c := range alerts {
		if c.Status == alert.Firing {
			n.Status = alert.Firing
		}
	}
	return n
}

// scene is one notification in the life of a group.
type scene struct {
	name string
	n    notifiers.Notification
}

// life is what a group lives through: one VM, then all of the host, nobody
// acknowledges, then somebody does, a silence, the end, and all over again.
func life() []scene {
	first := paused("db1", "db1", fired)
	var all []alert.Change
	for i, vm := range []string{"db2", "db3", "mail1", "mail2", "web1", "web2", "web3", "web4", "ci1", "ci2", "ci3", "git", "wiki", "proxy", "dns1", "dns2"} {
		all = append(all, paused(vm, vm, fired+40*second+int64(i)*second))
	}
	few := append([]alert.Change{first}, all[:3]...)
	many := append([]alert.Change{first}, all...)
	var ended []alert.Change
	for i, c := range many {
		ended = append(ended, over(c, fired+52*minute+int64(i)*second))
	}
	some := append(append([]alert.Change(nil), ended[:2]...), few[2:]...)

	timeline := []notifiers.Moment{{At: fired, What: notifiers.Fired, Names: []string{"db1 is paused: write on vda failed"}}}
	then := func(m notifiers.Moment) []notifiers.Moment {
		timeline = append(timeline[:len(timeline):len(timeline)], m)
		return timeline
	}
	var acks []notifiers.Ack
	for _, c := range many {
		acks = append(acks, notifiers.Ack{Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, By: "sonja", At: fired + 19*minute, Comment: "extending the pool"})
	}
	var out []scene
	add := func(name string, n notifiers.Notification, timeline []notifiers.Moment) {
		n.Timeline = timeline
		if n.At > fired+15*minute {
			n.Escalated = "managers"
		}
		if n.At > fired+19*minute {
			n.Acks = acks
		}
		out = append(out, scene{name, n})
	}
	again := first
	again.Count = 3
	add("01-firing", group(notifiers.KindFiring, fired, first), timeline)
	add("02-count", group(notifiers.KindUpdate, fired+30*second, again), timeline)
	add("03-joined", group(notifiers.KindFiring, fired+63*second, few...),
		then(notifiers.Moment{At: fired + 63*second, What: notifiers.Joined, Names: []string{"db2 is paused", "db3 is paused", "mail1 is paused"}}))
	add("04-grown", group(notifiers.KindFiring, fired+2*minute, many...),
		then(notifiers.Moment{At: fired + 2*minute, What: notifiers.Joined, Names: []string{"mail2 is paused", "web1 is paused", "web2 is paused", "web3 is paused", "web4 is paused"}, More: 8}))
	add("05-escalated", group(notifiers.KindUpdate, fired+15*minute+1, many...),
		then(notifiers.Moment{At: fired + 15*minute, What: notifiers.Escalated, By: "managers", Text: "nobody acknowledged for 15m"}))
	add("06-acknowledged", group(notifiers.KindUpdate, fired+19*minute+1, many...),
		then(notifiers.Moment{At: fired + 19*minute, What: notifiers.Acknowledged, By: "sonja", Text: "extending the pool"}))
	add("07-silenced", group(notifiers.KindUpdate, fired+20*minute, many...),
		then(notifiers.Moment{At: fired + 20*minute, What: notifiers.Silenced, By: "sonja", Text: "for 1h"}))
	add("08-some-over", group(notifiers.KindResolved, fired+52*minute+second, some...),
		then(notifiers.Moment{At: fired + 52*minute + second, What: notifiers.Ended, Names: []string{"db1 is paused", "db2 is paused"}}))
	add("09-resolved", group(notifiers.KindResolved, fired+53*minute, ended...),
		then(notifiers.Moment{At: fired + 53*minute, What: notifiers.Ended, Names: []string{"db3 is paused", "mail1 is paused"}, More: 13}))
	back := paused("db1", "db1", fired+3*hour)
	add("10-again", group(notifiers.KindFiring, fired+3*hour, back), []notifiers.Moment{{At: fired + 3*hour, What: notifiers.Fired, Names: []string{"db1 is paused"}}})
	add("11-repeat", group(notifiers.KindRepeat, fired+7*hour, back), []notifiers.Moment{
		{At: fired + 3*hour, What: notifiers.Fired, Names: []string{"db1 is paused"}}, {At: fired + 7*hour, What: notifiers.Repeated},
	})
	for i := range out[9:] {
		out[9+i].n.Acks, out[9+i].n.Escalated = nil, ""
	}
	add("12-over-alone", group(notifiers.KindResolved, fired+8*hour, over(back, fired+8*hour)), []notifiers.Moment{
		{At: fired + 3*hour, What: notifiers.Fired, Names: []string{"db1 is paused"}}, {At: fired + 7*hour, What: notifiers.Repeated},
		{At: fired + 8*hour, What: notifiers.Ended, Text: "an event ended it", Names: []string{"db1 is paused"}},
	})
	out[11].n.Acks, out[11].n.Escalated = nil, ""
	return out
}

// TestLife goes through the life of a group, each step with the receipt of the
// one before, as after a restart. The goldens are what Slack is told.
func TestLife(t *testing.T) {
	f, n := withToken(t)
	n.cfg.Buttons = true
	receipt := notifiers.Receipt("")
	for _, s := range life() {
		before := len(f.forms)
		r, err := n.Notify(t.Context(), s.n, receipt)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		receipt = r
		notifiertest.Golden(t, "life-"+s.name+".json", calledAs(t, f.since(before), receipt))
	}
	for _, m := range f.accepted() {
		inBudget(t, m)
	}
}

// others are messages beside the life of a group.
func others() []scene {
	many := life()[4].n
	escalation := many
	escalation.Kind, escalation.Receiver, escalation.Escalated, escalation.At = notifiers.KindEscalation, "managers", "", fired+15*minute
	silence := group(notifiers.KindSilence, fired+65*minute, paused("db1", "db1", fired), paused("db2", "db2", fired))
	silence.Silence = &notifiers.Silence{
		ID: "s1", Matchers: []string{`host="kvm07"`, `alertname="VMPausedNoSpace"`}, StartsAt: fired + 20*minute, EndsAt: fired + 80*minute,
		CreatedBy: "sonja", Comment: "extending the pool",
	}
	digest := notifiers.Notification{
		ID: "digest", Kind: notifiers.KindDigest, Status: alert.Firing, At: fired + hour, ExternalURL: "https://qmpalert.example.org",
	}
	for i, c := range many.Alerts {
		e := notifiers.DigestEntry{ID: fmt.Sprint(i), Kind: notifiers.KindFiring, Status: alert.Firing, At: c.At, Summary: c.Annotations.Get("summary"), Alerts: 1, Labels: c.Labels}
		if i%4 == 3 {
			e.Kind, e.Status = notifiers.KindResolved, alert.Resolved
		}
		if i == 1 {
			e.Alerts = 3
		}
		digest.Digest = append(digest.Digest, e)
	}
	return []scene{{"escalation", escalation}, {"silence", silence}, {"digest", digest}}
}

func TestOthers(t *testing.T) {
	for _, s := range others() {
		f, n := withToken(t)
		n.cfg.Buttons = true
		receipt, err := n.Notify(t.Context(), s.n, "")
		if err != nil {
			t.Fatal(err)
		}
		notifiertest.Golden(t, "life-"+s.name+".json", calledAs(t, f.since(0), receipt))
		inBudget(t, f.accepted()[0])
	}
}

// calledAs is what Slack was told, and the receipt, indented.
func calledAs(t *testing.T, forms []form, r notifiers.Receipt) string {
	t.Helper()
	raw, err := json.Marshal(struct {
		Calls   []form
		Receipt notifiers.Receipt
	}{forms, r})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAnotherLife: a group whose end nobody was told of, or that is over already
// when it is told of, is about another message than the one that is there.
func TestAnotherLife(t *testing.T) {
	f, n := withToken(t)
	first := scenes()["01-firing"]
	first.Since = first.At
	r := told(t, f, n, first, "", postCall)
	second := first
	second.At, second.Since, second.ID = first.At+hour, first.At+hour, "second"
	quiet := second
	quiet.Kind = notifiers.KindUpdate
	if same := told(t, f, n, quiet, r, ""); same != r {
		t.Errorf("an update of a message that is not there: %s", same)
	}
	r = told(t, f, n, second, r, postCall)
	second.ID, second.Kind = "second-again", notifiers.KindRepeat
	r = told(t, f, n, second, r, editCall+" "+postCall)
	ends := second
	ends.Kind, ends.Status = notifiers.KindResolved, alert.Resolved
	r = told(t, f, n, ends, r, editCall)
	short := ends
	short.Since, short.ID = second.Since+hour, "short"
	told(t, f, n, short, r, postCall)
	h, _ := parseReceipt(r)
	h.Since = 0 // of an older version
	told(t, f, n, short, h.receipt(), editCall)
}
