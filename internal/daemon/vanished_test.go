package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

// TestVanishedWhileNobodyLooked: a VM whose socket went away while qmpalert did
// not run is gone, and so are its alerts; one whose socket is still there is not,
// but that events may be missing is said.
func TestVanishedWhileNobodyLooked(t *testing.T) {
	r := &rig{t: t, dir: qemutest.ShortDir(t), log: newLines()}
	stop := make(chan struct{})
	serve := func(name string) *qemutest.Fake {
		return qemutest.ListenPath(t, r.path(name+".qmp"), func(c *qemutest.Conn) {
			c.Send(qemutest.Greeting)
			c.Negotiate()
			c.Identify(name, "")
			c.Send(`{"timestamp": {"seconds": 1700000000, "microseconds": 0}, "event": "STOP"}` + "\r\n")
			select {
			case <-c.Gone():
			case <-stop:
			}
		})
	}
	a, b := serve("a"), serve("b")
	defer b.Close()
	r.write("rules.yml", "groups: [{name: g, rules: [{alert: Paused, event: STOP, resolve: RESUME}, {alert: Missed, event: QMPALERT_GAP, expr: reason == \"disconnected\"}]}]\n")
	r.write("qmpalert.yml", fmt.Sprintf("host: h\nsources: [{qmp: '%s/*.qmp'}]\nrule_files: [rules.yml]\nstorage: {path: state}\n", r.dir))
	changes := newLines()
	gaps := make(chan int64, 1) // when each began
	watch := func() func() {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() {
			done <- Run(ctx, Options{
				ConfigFile: r.path("qmpalert.yml"), Log: slog.New(slog.NewTextHandler(r.log, nil)),
				OnEvent: func(ev *event.Event) {
					if gap, ok := ev.Data.(*qmp.QMPAlertGap); ok {
						gaps <- ev.Received - int64(gap.Seconds.V*1e6)
					}
				},
				OnChange: func(c alert.Change) {
					fmt.Fprintf(changes, "%s %s %s %s\n", c.Status, c.Labels.Get("alertname"), c.Labels.Get("vm"), c.Reason)
				},
			})
		}()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	end := watch()
	changes.wait(t, "firing Paused", 2)
	end()
	a.Close()
	if err := os.Remove(r.path("a.qmp")); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	ended := time.Now().UnixMicro()
	end = watch()
	changes.wait(t, "resolved Paused a vm gone", 1)
	changes.wait(t, "firing Missed b", 1)
	if began := <-gaps; began > ended+1 { // to the microsecond, in floats
		t.Errorf("the gap began %d µs after nobody looked any more", began-ended)
	}
	r.log.wait(t, `msg="monitor connected"`, 3)
	end()
	close(stop)
	if text := changes.String(); strings.Contains(text, "resolved Paused b") || strings.Contains(text, "Missed a") {
		t.Errorf("changes:\n%s", text)
	}
}
