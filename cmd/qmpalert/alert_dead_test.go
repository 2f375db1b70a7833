package main

import (
	"context"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

// oneRemoved is a daemon whose configuration lost the receiver of one letter.
type oneRemoved struct {
	*webtest.Fake
	id string
}

func (b oneRemoved) Resend(ctx context.Context, id string) error {
	if id == b.id {
		return web.Conflict("its receiver is gone")
	}
	return b.Fake.Resend(ctx, id)
}

// TestResendSendsWhatCanBeSent: one letter that cannot go out keeps no other
// back, and is named.
func TestResendSendsWhatCanBeSent(t *testing.T) {
	fake := webtest.Busy()
	fake.Dead = append([]web.DeadLetter{{ID: "stays", Receiver: "removed"}}, fake.Dead...)
	n := len(fake.Dead)
	address, stop, err := serveFake(oneRemoved{fake, "stays"}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	stdout, stderr, code := qmpalert(t, t.Context(), "alert", "dead", "--api", address, "--resend")
	if code != exitUsage || !strings.Contains(stderr, "not sent again: stays: its receiver is gone") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if got := strings.Count(stdout, "again\n"); n < 2 || got != n-1 || len(fake.Dead) != 1 {
		t.Errorf("of %d letters %d went out, %d are left:\n%s", n, got, len(fake.Dead), stdout)
	}
}
