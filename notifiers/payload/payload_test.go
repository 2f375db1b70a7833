package payload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// whole is Firing with everything that a group can have beside its alerts.
func whole() notifiers.Notification {
	n := notifiertest.Firing()
	c := n.Alerts[0]
	n.Kind, n.Route, n.Escalated = notifiers.KindEscalation, `{} / {severity="critical"}`, "managers"
	n.Timeline = []notifiers.Moment{
		{At: c.StartsAt, What: notifiers.Fired, Names: []string{"QuorumChildFailing"}, More: 2},
		{At: c.At, What: notifiers.Escalated, By: "managers", Text: "nobody acknowledged for 15m"},
	}
	n.Acks = []notifiers.Ack{{Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, By: "ann", Comment: "on it", At: c.At}}
	return n
}

func silenced() notifiers.Notification {
	n := notifiertest.Firing()
	n.Kind = notifiers.KindSilence
	n.Silence = &notifiers.Silence{ID: "s1", Matchers: []string{`vm="db1"`}, StartsAt: n.At - 3_600_000_000, EndsAt: n.At, CreatedBy: "ann", Comment: "disk swap"}
	return n
}

func digest(entries int) notifiers.Notification {
	n := notifiertest.Firing()
	n.ID, n.Kind, n.Alerts, n.Carries = "digest-1", notifiers.KindDigest, nil, nil
	for i := range entries {
		id := fmt.Sprintf("%016x-firing", i)
		n.Carries = append(n.Carries, id)
		n.Digest = append(n.Digest, notifiers.DigestEntry{
			ID: id, GroupKey: "g", Kind: notifiers.KindFiring, Status: alert.Firing, At: n.At,
			Summary: "db1 is paused", Alerts: 1, Labels: n.CommonLabels,
		})
	}
	return n
}

func TestGoldens(t *testing.T) {
	many := notifiertest.Firing()
	for range 4 {
		many.Alerts = append(many.Alerts, many.Alerts[0])
	}
	test := notifiertest.Firing()
	test.Test = true
	for name, n := range map[string]notifiers.Notification{
		"firing": notifiertest.Firing(), "resolved": notifiertest.Resolved(), "attached": notifiertest.Attached(),
		"empty": notifiertest.Empty(), "truncated": many, "whole": whole(), "silence": silenced(), "digest": digest(2), "test": test,
		"hostile": notifiertest.Hostile(alert.Firing, strings.Join(notifiertest.Payloads, "\n")),
	} {
		raw, err := Encode(&n, 2)
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		notifiertest.Golden(t, name+".json", indented.String()+"\n")
	}
}

// TestSameBytes: a repeat is the same message, byte for byte, also after the
// store.
func TestSameBytes(t *testing.T) {
	for _, n := range []notifiers.Notification{whole(), silenced(), digest(3), notifiertest.Attached(), notifiertest.Big(1)} {
		first, err := Encode(&n, 0)
		if err != nil {
			t.Fatal(err)
		}
		again, err := notifiers.ParseStored(n.AppendStored(nil))
		if err != nil {
			t.Fatal(err)
		}
		second, err := Encode(&again, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s differs:\n%.2000s\n%.2000s", n.ID, first, second)
		}
	}
}

// TestLargeEvidenceIsLeftOut: the alert arrives all the same, and says so.
func TestLargeEvidenceIsLeftOut(t *testing.T) {
	n := notifiertest.Firing()
	for _, e := range n.Alerts[0].Evidence.Events {
		e.Raw = fmt.Appendf(nil, `{"error":%q}`, strings.Repeat("x", 100_000))
	}
	raw, err := Encode(&n, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > 10_000 || !bytes.Contains(raw, []byte(`"evidence":{"events":[],"omitted":14}`)) {
		t.Errorf("%d bytes: %.3000s", len(raw), raw)
	}
}

// TestTruncatedCountsAll: what the notification left out and what its form does.
func TestTruncatedCountsAll(t *testing.T) {
	n := notifiertest.Firing()
	n.Alerts = append(n.Alerts, n.Alerts[0], n.Alerts[0])
	n.Omitted = 1500
	raw, err := Encode(&n, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte(`"truncatedAlerts":1501,`)) {
		t.Errorf("%.200s", raw)
	}
}

func TestBounded(t *testing.T) {
	big := digest(maxDigest + 7)
	raw, err := Encode(&big, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte(`"digestOmitted":7`)) || !bytes.Contains(raw, []byte(big.Carries[maxDigest+6])) {
		t.Error("a long digest does not say what it leaves out, or not all that it stands for")
	}
	many := notifiertest.Big(12)
	if raw, err = Encode(&many, 0); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Truncated int               `json:"truncatedAlerts"`
		Alerts    []json.RawMessage `json:"alerts"`
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if len(raw) > 12<<20 || got.Truncated == 0 || got.Truncated+len(got.Alerts) != 12 {
		t.Errorf("%d bytes, %d alerts and %d truncated", len(raw), len(got.Alerts), got.Truncated)
	}
}
