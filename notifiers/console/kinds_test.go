package console

import (
	"bytes"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// TestKinds prints every kind of message, plain and in colours.
func TestKinds(t *testing.T) {
	const hour int64 = 3600_000_000
	of := func(kind notifiers.Kind, later int64) notifiers.Notification {
		n := notifiertest.Firing()
		n.Kind, n.At = kind, n.Alerts[0].ActiveAt+later
		return n
	}
	acked := of(notifiers.KindUpdate, hour)
	acked.Acks = []notifiers.Ack{{Fingerprint: acked.Alerts[0].Fingerprint, StartsAt: acked.Alerts[0].StartsAt, By: "ann\x1b[31m", Comment: "on it"}}
	acked.Escalated = "managers\n"
	silence := of(notifiers.KindSilence, hour)
	silence.Silence = &notifiers.Silence{Matchers: []string{`vm="db1"`}, CreatedBy: "ann", Comment: "a new disk\x07", EndsAt: silence.At + hour/4}
	digest := of(notifiers.KindDigest, hour)
	for i := range 22 {
		e := notifiers.DigestEntry{
			Kind: notifiers.KindFiring, Status: alert.Firing, At: digest.At - hour, Alerts: 1 + i%2,
			Summary: "quorum child c answered badly", Labels: digest.Alerts[0].Labels,
		}
		switch i {
		case 1:
			e.Kind, e.Status = notifiers.KindResolved, alert.Resolved
		case 2:
			e.Kind = notifiers.KindRepeat
		}
		digest.Digest = append(digest.Digest, e)
	}
	for name, n := range map[string]notifiers.Notification{
		"repeat": of(notifiers.KindRepeat, 4*hour), "escalation": of(notifiers.KindEscalation, hour/4),
		"acknowledged": acked, "silence": silence, "digest": digest,
	} {
		for suffix, o := range map[string]Options{"": {}, ".colour": {Color: true}} {
			var b bytes.Buffer
			if _, err := New(&b, o).Notify(t.Context(), n, ""); err != nil {
				t.Fatal(err)
			}
			notifiertest.Golden(t, name+suffix+".txt", b.String())
		}
	}
}
