package notifiers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

func TestStored(t *testing.T) {
	labels := alert.Labels{{Name: "host", Value: "kvm07"}}
	want := notifiers.Notification{
		ID: "1", Receiver: "ops", GroupKey: "g", Status: alert.Firing, At: 7, Omitted: 3, Since: 2,
		Alerts:      []alert.Change{{At: 1, Name: "A", Status: alert.Firing, Labels: labels, Receivers: []string{"ops"}}},
		GroupLabels: labels, CommonLabels: labels, CommonAnnotations: labels,
		Attached:    []notifiers.Attachment{{Query: "query-block", JSON: `{"a":1}`}, {Query: "x", Error: "e", Cut: true}},
		ExternalURL: "https://example.org", Test: true, Kind: notifiers.KindEscalation, Route: "{}",
		Timeline:  []notifiers.Moment{{At: 1, What: notifiers.Fired, Names: []string{"A"}, More: 2, By: "b", Text: "t"}},
		Acks:      []notifiers.Ack{{Fingerprint: 1<<64 - 1, StartsAt: 2, By: "b", Comment: "c", At: 3}},
		Escalated: "managers",
		Silence:   &notifiers.Silence{ID: "s", Matchers: []string{`a="b"`}, StartsAt: 1, EndsAt: 2, CreatedBy: "me", Comment: "c"},
		Carries:   []string{"a", "b"},
		Digest:    []notifiers.DigestEntry{{ID: "i", GroupKey: "g", Kind: notifiers.KindFiring, Status: alert.Firing, At: 4, Summary: "s", Alerts: 2, Labels: labels}},
	}
	got, err := notifiers.ParseStored(want.AppendStored(nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "{", `{"Alerts":[1]}`} {
		if _, err := notifiers.ParseStored([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
