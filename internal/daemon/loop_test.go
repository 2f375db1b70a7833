package daemon

import (
	"log/slog"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// TestWhatWaitedIsReceivedWhenItIsSeen: an event that was on its way while time
// passed for the rules must not claim to be older than that. Else it would be
// late here, but not in a recording of the same events.
func TestWhatWaitedIsReceivedWhenItIsSeen(t *testing.T) {
	set, found := rules.Load([]rules.File{{Name: "r.yml", Src: []byte(
		"groups: [{name: g, rules: [{alert: Gone, event: QMPALERT_DISCONNECTED, resolve: QMPALERT_CONNECTED}]}]\n")}}, rules.Options{})
	if found.HasErrors() {
		t.Fatal(found.Err())
	}
	const begin = 1_800_000_000_000_000
	now := int64(begin)
	var received, fired []int64
	decides, err := core.New("", set, dispatch.Config{}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := &loop{
		host: "kvm07", now: func() int64 { return now }, log: slog.New(slog.DiscardHandler),
		core: decides, memory: &memory{monitors: map[monitored]string{}}, inbox: newInbox(), reached: qmp.NoTime,
		onEvent:  func(ev *event.Event) { received = append(received, ev.Received) },
		onChange: func(c *alert.Change) { fired = append(fired, c.At) },
	}
	l.deliver = deliver.New(deliver.Options{})
	defer l.deliver.Close(t.Context())
	own := func(d qmp.Data, at int64) {
		ev := &event.Event{Event: qmp.MakeEvent(d, qmp.NoTime), VM: event.VM{Name: "db1"}, Received: at}
		if err := l.emit(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
		l.take()
	}
	own(&qmp.QMPAlertConnected{}, begin)
	now += 10_000_000
	l.pass()
	own(&qmp.QMPAlertDisconnected{}, begin+9_000_000) // waited for a second
	if want := int64(begin + 10_000_000); received[1] != want || len(fired) != 1 || fired[0] != want {
		t.Errorf("received %v, fired %v, want both at %d", received, fired, want)
	}
}

// TestReceivedInTheFuture: a file may say that an event was received in a year
// to come. That must not become the time that it is, from then on and after every
// restart.
func TestReceivedInTheFuture(t *testing.T) {
	const begin = 1_800_000_000_000_000
	decides, err := core.New("", &rules.Set{}, dispatch.Config{}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := &loop{
		now: func() int64 { return begin }, log: slog.New(slog.DiscardHandler),
		core: decides, memory: &memory{}, inbox: newInbox(), reached: qmp.NoTime,
	}
	ev := &event.Event{Event: qmp.MakeEvent(&qmp.Stop{}, begin), VM: event.VM{Name: "db1"}, Received: 253_000_000_000_000_000}
	if err := l.emit(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
	l.take()
	if got := l.core.Clock(); got != begin {
		t.Errorf("it is %d now, not %d", got, int64(begin))
	}
}
