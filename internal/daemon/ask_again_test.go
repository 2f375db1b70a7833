package daemon

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// TestAskedBeforeAnythingIsConnected: right after a start no monitor is there.
// That is no reason to let an alert fire that the VM would deny.
func TestAskedBeforeAnythingIsConnected(t *testing.T) {
	var asked atomic.Int32
	l := &loop{log: slog.New(slog.DiscardHandler), inbox: newInbox(), now: newClock().now, memory: &memory{}}
	l.asker = newAsker(t.Context(), patience, func(context.Context, string, string, qmp.Query) ([]byte, error) {
		if asked.Add(1) < 3 {
			return nil, sources.ErrNoMonitor
		}
		return []byte(`{"status":"running"}`), nil
	})
	q := engine.Question{Fingerprint: 7, VM: "db1", Query: "query-status", Rule: "Paused"}
	l.questionAgain(q)
	l.asker.wait()
	got := l.inbox.take(nil, 10)
	if len(got) != 1 || got[0].Data.(*qmp.QMPAlertAnswer).Error.Set {
		t.Fatalf("after %d questions: %v", asked.Load(), got)
	}
	asked.Store(0)
	l.question(q) // it is not there any more: nobody waits for it
	l.asker.wait()
	if got = l.inbox.take(nil, 10); len(got) != 1 || !got[0].Data.(*qmp.QMPAlertAnswer).Error.Set {
		t.Errorf("without patience: %v", got)
	}
}

// TestAskedAtTheStop: who stops has no answer. With storage the next process
// asks again; without there is none, and the alert fires.
func TestAskedAtTheStop(t *testing.T) {
	saver, _ := saving(t)
	for _, m := range []*memory{saver.memory, {}} {
		ctx, stop := context.WithCancel(t.Context())
		l := &loop{log: slog.New(slog.DiscardHandler), inbox: newInbox(), now: newClock().now, memory: m}
		l.asker = newAsker(ctx, time.Hour, func(ctx context.Context, _, _ string, _ qmp.Query) ([]byte, error) {
			stop()
			<-ctx.Done()
			return nil, ctx.Err()
		})
		l.question(engine.Question{Fingerprint: 7, VM: "db1", Query: "query-status", Rule: "Paused"})
		l.asker.wait()
		if got, want := l.inbox.len(), map[bool]int{true: 0, false: 1}[m.state != nil]; got != want {
			t.Errorf("storage %v: %d answers", m.state != nil, got)
		}
	}
}
