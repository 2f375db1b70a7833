package e2e

import (
	"os"
	"testing"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

// stopRule is a rule that is decided at once.
const stopRule = `groups:
  - name: test
    rules:
      - {alert: Stopped, event: STOP, resolve: RESUME, annotations: {summary: '{{ vm.name }} stopped'}}
`

// stopped makes the VM send STOP.
func stopped(vm *qemutest.VM) {
	vm.Execute("cont", "")
	vm.Execute("stop", "")
}

// TestBusyMonitor: a monitor serves one client. While another one has it, the
// log says so and how to mend it; when that one leaves, qmpalert is there.
func TestBusyMonitor(t *testing.T) {
	t.Parallel()
	h, hook := newHost(t), newHook(t)
	h.write("rules/stop.yml", stopRule)
	h.receivers("  - name: ops\n" + hook.yaml())
	vm := h.start(qemutest.Plain("web1"))
	other, err := qmp.Dial(t.Context(), "unix", vm.Socket, qmp.ClientOptions{})
	h.must(err)
	defer other.Close()
	h.watch()
	h.log.said(t, 1, "level=WARN", "monitor not connected", vm.Socket, "another client holds this monitor; give QEMU a second -qmp")
	other.Close()
	h.connected("web1", 1)
	stopped(vm)
	if d := hook.wait(t, "the alert", 1)[0]; d.brief() != "firing Stopped web1 1" {
		t.Errorf("told %s", d.brief())
	}
	if n := h.log.count("another client holds this monitor"); n != 1 {
		t.Errorf("the log says %d times that the monitor is in use, want once", n)
	}
}

// TestMonitorsComeAndGo: the daemon may be there before the directory, the
// directory before a VM, and VMs come and go.
func TestMonitorsComeAndGo(t *testing.T) {
	t.Parallel()
	h, hook := newHost(t), newHook(t)
	h.write("rules/stop.yml", stopRule)
	h.receivers("  - name: ops\n" + hook.yaml())
	h.must(os.Remove(h.path("run")))
	h.watch()
	h.log.said(t, 1, "no monitor to read", h.path("run")+" is not there yet")
	h.must(os.Mkdir(h.path("run"), 0o755))
	h.log.said(t, 1, "no monitor to read", "no socket there yet")

	first := h.start(qemutest.Plain("web1"))
	h.connected("web1", 1)
	stopped(first)
	hook.wait(t, "the first VM", 1)
	second := h.start(qemutest.Plain("web2"))
	h.connected("web2", 1)
	first.Quit()
	hook.wait(t, "the end of the first VM", 2)
	stopped(second)
	hook.wait(t, "the second VM", 3)
	h.start(qemutest.Plain("web1"))
	h.connected("web1", 2)
	for i, want := range []string{"firing Stopped web1 1", "resolved Stopped web1 1", "firing Stopped web2 1"} {
		if got := hook.list()[i].brief(); got != want {
			t.Errorf("message %d is %q, want %q", i+1, got, want)
		}
	}
}
