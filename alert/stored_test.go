package alert_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

func TestStored(t *testing.T) {
	e, err := event.Parse([]byte(`{"timestamp":{"seconds":1700000000,"microseconds":1},"event":"STOP","host":"h","vm":{"name":"a"},"source":"s","received":"2023-11-14T22:13:20.000001Z","seq":7}`))
	if err != nil {
		t.Fatal(err)
	}
	want := alert.Change{
		At: 5, Status: alert.Firing, Name: "A",
		Labels:      alert.Labels{{Name: "alertname", Value: "A"}, {Name: "vm", Value: "<&\u2028\x00"}},
		Annotations: alert.Labels{{Name: "summary", Value: "s"}},
		Fingerprint: 1<<63 + 1, ActiveAt: 3, StartsAt: 4, EndsAt: qmp.NoTime, Count: 9, Reason: alert.ReasonCount,
		Evidence:  alert.Evidence{Events: []*event.Event{e}, Omitted: 2, Bounded: 1, Note: "n"},
		Receivers: []string{"ops"}, Shadow: true, Inhibits: []string{"B"}, Attach: []string{"query-block"},
	}
	text := want.AppendStored(nil)
	got, err := alert.ParseStored(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want.AppendJSON(nil)), string(got.AppendJSON(nil))); diff != "" {
		t.Errorf("printed form (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(string(text), string(got.AppendStored(nil))); diff != "" {
		t.Errorf("stored form (-want +got):\n%s", diff)
	}
	if got.Fingerprint != want.Fingerprint || !got.Shadow || got.Receivers[0] != "ops" || got.Inhibits[0] != "B" || got.Attach[0] != "query-block" || got.EndsAt != qmp.NoTime {
		t.Errorf("got %+v", got)
	}
	if _, err := alert.ParseStored([]byte("{")); err == nil {
		t.Error("damaged text is read")
	}
}
