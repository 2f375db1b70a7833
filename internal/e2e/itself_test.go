package e2e

import (
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// told waits for the webhook that tells of the alert.
func told(t *testing.T, hook *hook, brief string) {
	t.Helper()
	hook.until(t, brief, func(all []delivery) bool {
		for _, d := range all {
			if d.brief() == brief {
				return true
			}
		}
		return false
	})
}

// watchItself is a host with the rules of the project.
func watchItself(t *testing.T, edits ...string) (*host, *hook) {
	h, hook := newHost(t), newHook(t)
	h.pack(edits...)
	h.receivers("  - name: ops\n" + hook.yaml())
	return h, hook
}

// TestMonitorTaken: somebody else takes the monitor of a VM that is watched, and
// leaves it again. What happened meanwhile was not seen.
func TestMonitorTaken(t *testing.T) {
	t.Parallel()
	h, hook := watchItself(t, "seconds > 60", "seconds > 0") // do not wait for a minute
	vm := qemutest.Start(t, qemutest.Plain("web1"))
	way := newRelay(t, h.path("run/web1.qmp"), vm.Socket)
	h.watch()
	h.connected("web1", 1)

	// QEMU takes its clients in the order in which they connected.
	other, err := net.Dial("unix", vm.Socket)
	h.must(err)
	defer other.Close()
	way.cut()
	h.must(other.SetReadDeadline(time.Now().Add(patience)))
	if _, err := other.Read(make([]byte, 1)); err != nil { // its greeting
		t.Fatal(err)
	}
	told(t, hook, "firing MonitorBlind web1 1")
	other.Close()
	told(t, hook, "resolved MonitorBlind web1 1")
	told(t, hook, "firing EventsMissed web1 1")
}

// TestStartedOverAndOver: a VM dies and is started, four times.
func TestStartedOverAndOver(t *testing.T) {
	t.Parallel()
	h, hook := watchItself(t)
	h.watch()
	for i := range 4 {
		vm := h.start(qemutest.Plain("web1"))
		h.connected("web1", i+1)
		vm.Kill()
	}
	told(t, hook, "firing MonitorFlapping web1 4")
}

// TestReloadFailed: a rule file is damaged; the rules go on as they were.
func TestReloadFailed(t *testing.T) {
	t.Parallel()
	h, hook := watchItself(t)
	h.watch()
	h.log.said(t, 1, "running")
	h.write("rules/more.yml", "groups: [{name: more, rules: [{alert: Asleep, event: SUSPENDED}]}]\n")
	told(t, hook, "firing ReloadFailed  1")
}

// TestSlowRule: a rule that needs too long is switched off, and the others go on.
func TestSlowRule(t *testing.T) {
	t.Parallel()
	h, hook := watchItself(t)
	h.write("rules/slow.yml", `groups:
  - name: slow
    rules:
      - {alert: Slow, event: __com.example_LIST, expr: 'any(data["list"], any(data["list"], # == 0))'}
`)
	numbers := make([]string, 1000)
	for i := range numbers {
		numbers[i] = strconv.Itoa(i + 1)
	}
	qemutest.ListenPath(t, h.path("run/web1.qmp"), func(c *qemutest.Conn) {
		c.Negotiate()
		c.Identify("web1", "")
		now := time.Now().Unix()
		for i := range 3 {
			at := `{"timestamp": {"seconds": ` + strconv.FormatInt(now, 10) + `, "microseconds": ` + strconv.Itoa(i) + `}, "event": `
			c.Send(at + `"__com.example_LIST", "data": {"list": [` + strings.Join(numbers, ", ") + "]}}\r\n")
		}
		c.Send(`{"timestamp": {"seconds": ` + strconv.FormatInt(now, 10) + `, "microseconds": 4}, "event": "QUORUM_FAILURE", ` +
			`"data": {"reference": "q0", "sector-num": 0, "sectors-count": 8}}` + "\r\n")
		c.Hold()
	})
	h.watch()
	told(t, hook, "firing RuleSuspended  1")
	told(t, hook, "firing QuorumLost web1 1")
}

// relay passes connections on to a monitor, so that they can be cut while QEMU
// goes on.
type relay struct {
	mu   sync.Mutex
	open []net.Conn
}

func newRelay(t *testing.T, path, target string) *relay {
	t.Helper()
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	r, work := &relay{}, sync.WaitGroup{}
	work.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return // closed
			}
			far, err := net.Dial("unix", target)
			if err != nil {
				near.Close() // QEMU has ended
				continue
			}
			r.mu.Lock()
			r.open = append(r.open, near, far)
			r.mu.Unlock()
			work.Go(func() { pass(near, far) })
			work.Go(func() { pass(far, near) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		r.cut()
		work.Wait()
	})
	return r
}

// pass copies until one side ends, then ends both.
func pass(from, to net.Conn) {
	_, _ = io.Copy(to, from) // how it ended does not matter
	from.Close()
	to.Close()
}

// cut ends all connections.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.open {
		c.Close()
	}
	r.open = nil
}
