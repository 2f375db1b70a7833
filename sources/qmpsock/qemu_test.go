package qmpsock_test

import (
	"errors"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
)

// names takes events up to and including the last of the given names, which
// must all come in this order and nothing else.
func (w *watch) names(want ...string) {
	w.t.Helper()
	for _, name := range want {
		if ev := w.next(); ev.Name != name {
			w.t.Fatalf("event %s %s, want %s\n%s", ev.Name, ev.Raw, name, w.log)
		}
	}
}

// bye takes the event that ends a connection.
func (w *watch) bye(clean, gone bool) {
	w.t.Helper()
	ev := w.next()
	d, ok := ev.Data.(*qmp.QMPAlertDisconnected)
	if !ok || d.Clean.V != clean || d.Gone.V != gone {
		w.t.Fatalf("event %s %s, want clean %t, gone %t\n%s", ev.Name, ev.Raw, clean, gone, w.log)
	}
}

func TestQEMUQuorumAndQuit(t *testing.T) {
	r := qemutest.Quorum("db1", true)
	r.UUID = uuid
	vm := qemutest.Start(t, r)
	w := start(t, qmpsock.Config{Pattern: vm.Dir + "/q*.sock", Linger: 10 * time.Second})
	w.names("QMPALERT_CONNECTED")
	vm.HMP(qemutest.ReadQuorum(0))
	ev := w.next()
	bad, ok := ev.Data.(*qmp.QuorumReportBad)
	if !ok || bad.NodeName.V != "disk-c" || ev.VM.Name != "db1" || ev.VM.UUID != uuid || ev.Time == qmp.NoTime {
		t.Errorf("event %s %s of %+v, want QUORUM_REPORT_BAD of disk-c on db1", ev.Name, ev.Raw, ev.VM)
	}
	vm.Quit()
	w.names("SHUTDOWN")
	w.bye(true, true)
}

func TestQEMUIOErrorAndKill(t *testing.T) {
	vm := qemutest.Start(t, qemutest.IOErrorStop("")) // no -name: the file's
	w := start(t, qmpsock.Config{Pattern: "unix:" + vm.Socket, Linger: time.Millisecond})
	w.names("QMPALERT_CONNECTED")
	vm.Execute("cont", "")
	w.names("RESUME", "BLOCK_IO_ERROR")
	if ev := w.next(); ev.Name != "STOP" || ev.VM.Name != "qmp" || ev.VM.UUID != "" {
		t.Errorf("event %s of %+v, want STOP of qmp", ev.Name, ev.VM)
	}
	vm.Kill()
	w.bye(false, false)
	w.until("nobody listens", func(s sources.Status) bool { return s.Reason == "nobody listens" })
}

func TestQEMUAsk(t *testing.T) {
	vm := qemutest.Start(t, qemutest.Plain("db1"))
	w := start(t, qmpsock.Config{Pattern: vm.Socket, Linger: time.Millisecond})
	w.names("QMPALERT_CONNECTED")
	ask := func(host, name string) (string, error) {
		answer, err := w.source.Ask(t.Context(), host, name, qmp.QueryName)
		return string(answer), err
	}
	if answer, err := ask("kvm07", "db1"); err != nil || answer != `{"name": "db1"}` {
		t.Errorf("asked db1: %s, %v", answer, err)
	}
	for _, who := range [][2]string{{"kvm07", "db2"}, {"kvm08", "db1"}, {"kvm07", ""}, {"", "db1"}} {
		if answer, err := ask(who[0], who[1]); !errors.Is(err, sources.ErrNoMonitor) {
			t.Errorf("asked %q: %s, %v", who, answer, err)
		}
	}
	vm.Kill()
	w.bye(false, false)
	if answer, err := ask("kvm07", "db1"); !errors.Is(err, sources.ErrNoMonitor) {
		t.Errorf("asked a VM that has gone: %s, %v", answer, err)
	}
}

func TestQEMUBusy(t *testing.T) {
	vm := qemutest.Start(t, qemutest.Plain("db1"))
	first, err := qmp.Dial(t.Context(), "unix", vm.Socket, qmp.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	w := start(t, qmpsock.Config{Pattern: vm.Socket})
	w.untilState(sources.Busy)
	first.Close()
	w.names("QMPALERT_CONNECTED")
	vm.Execute("stop", "")
	vm.Execute("cont", "")
	w.untilState(sources.Connected)
}

// A storm that emit cannot follow: nothing is dropped without a number, and the
// monitor is read all the time.
func TestQEMUStorm(t *testing.T) {
	vm := qemutest.Start(t, qemutest.Storm("db1"))
	w := start(t, qmpsock.Config{Pattern: vm.Socket, QueueEvents: 500})
	vm.Execute("query-status", "")
	w.names("QMPALERT_CONNECTED")
	vm.Execute(qemutest.StartStorm, qemutest.StartStormArgs)
	vm.WaitEvent("BLOCK_JOB_ERROR", 3000) // nobody takes an event meanwhile
	vm.Execute(qemutest.StopStorm, qemutest.StopStormArgs)
	vm.WaitEvent("BLOCK_JOB_CANCELLED", 1)
	vm.Quit()

	var events, dropped uint64
	for {
		ev := w.next()
		if gap, ok := ev.Data.(*qmp.QMPAlertGap); ok {
			dropped += uint64(gap.Dropped.V)
			continue
		}
		if ev.Name == "QMPALERT_DISCONNECTED" {
			break
		}
		events++
	}
	all := uint64(vm.Seen())
	if events+dropped != all || dropped == 0 {
		t.Errorf("%d events and %d dropped, want some dropped and %d in all", events, dropped, all)
	}
	t.Logf("%d events of a storm: %d emitted, %d dropped", all, events, dropped)
}
