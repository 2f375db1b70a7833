package notifiers_test

import (
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

func TestPurpose(t *testing.T) {
	for want, n := range map[notifiers.Kind]notifiers.Notification{
		notifiers.KindFiring: {Status: alert.Firing}, notifiers.KindResolved: {Status: alert.Resolved},
		notifiers.KindRepeat: {Status: alert.Firing, Kind: notifiers.KindRepeat},
	} {
		if got := n.Purpose(); got != want {
			t.Errorf("the purpose is %s, want %s", got, want)
		}
	}
}
