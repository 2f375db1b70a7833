package slack

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// TestLongDigest: every message that a digest stands for has its line, however
// many there are and whatever is in them, and Slack takes it.
func TestLongDigest(t *testing.T) {
	for name, text := range map[string]string{
		"short": "panicked", "long": strings.Repeat("long summary ", 30), "hostile": strings.Repeat("<!channel>&`*~", 30),
	} {
		t.Run(name, func(t *testing.T) {
			n := notifiers.Notification{ID: "d", Kind: notifiers.KindDigest, Status: alert.Firing, At: 1_800_000_000_000_000}
			for i := range 100 {
				n.Digest = append(n.Digest, notifiers.DigestEntry{
					ID: fmt.Sprint(i), GroupKey: fmt.Sprint(i), Kind: notifiers.KindFiring, Status: alert.Firing, At: n.At,
					Summary: text, Alerts: 1 + i%2,
					Labels: alert.Labels{{Name: "host", Value: strings.Repeat("kvm", 20)}, {Name: "severity", Value: "critical"}, {Name: "vm", Value: fmt.Sprintf("vm-%03d", i)}},
				})
			}
			m := digest(&n)
			raw := body(t, m)
			for i := range n.Digest {
				if !strings.Contains(raw, fmt.Sprintf("vm-%03d", i)) {
					t.Errorf("vm-%03d has no line", i)
				}
			}
			inBudget(t, notifiertest.Message{Raw: raw})
		})
	}
}
