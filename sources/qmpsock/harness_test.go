package qmpsock_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is a safety net: how long anything may take before a test gives up.
const patience = 60 * time.Second

// watch is a running source whose events a test takes one by one.
type watch struct {
	t      *testing.T
	source *qmpsock.Source
	events chan *event.Event
	ended  chan error
	log    *logBuffer
}

// start runs a source with short pauses until the test ends.
func start(t *testing.T, cfg qmpsock.Config) *watch {
	t.Helper()
	w := &watch{t: t, events: make(chan *event.Event), ended: make(chan error, 1), log: &logBuffer{}}
	if cfg.Now == nil {
		cfg.Now = clock()
	}
	cfg.Host = "kvm07"
	cfg.Log = slog.New(slog.NewTextHandler(w.log, nil))
	cfg.Rescan, cfg.RetryMin, cfg.RetryMax = time.Millisecond, time.Millisecond, 2*time.Millisecond
	source, err := qmpsock.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.source = source
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		w.ended <- source.Run(ctx, func(ctx context.Context, ev *event.Event) error {
			select {
			case w.events <- ev.Clone():
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-w.ended; err != nil {
			t.Errorf("Run = %v, want nil", err)
		}
	})
	return w
}

// next takes an event.
func (w *watch) next() *event.Event {
	w.t.Helper()
	select {
	case ev := <-w.events:
		return ev
	case <-time.After(patience):
		w.t.Fatalf("no further event\n%s", w.log)
		return nil
	}
}

// expect takes events and compares each with a line: VM, name and data of our
// own events, "db1 STOP", or "db1 QMPALERT_GAP {…}".
func (w *watch) expect(lines ...string) {
	w.t.Helper()
	for _, want := range lines {
		ev := w.next()
		got := ev.VM.Name + " " + ev.Name
		if d := ev.Def(); d != nil && d.Own {
			got += " " + string(ev.Raw)
			if ev.Time != qmp.NoTime || ev.Received == qmp.NoTime {
				w.t.Errorf("%s: time %d, received %d, want no time, but when it was received", got, ev.Time, ev.Received)
			}
		}
		if got != want {
			w.t.Fatalf("event\n  %s\nwant\n  %s\n%s", got, want, w.log)
		}
	}
}

// until waits until the only status is as wanted.
func (w *watch) until(what string, good func(sources.Status) bool) sources.Status {
	w.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		all := w.source.Statuses()
		if len(all) == 1 && good(all[0]) {
			return all[0]
		}
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("status never became %s: %+v\n%s", what, all, w.log)
		}
	}
}

func (w *watch) untilState(s sources.State) sources.Status {
	w.t.Helper()
	return w.until(s.String(), func(st sources.Status) bool {
		return st.State == s && st.Reason != "" || s == sources.Connected && st.State == s
	})
}

// logBuffer collects log lines.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *logBuffer) count(part string) int { return strings.Count(b.String(), part) }

func stamped(name string) string {
	return `{"timestamp": {"seconds": 1700000000, "microseconds": 5}, "event": "` + name + `"}` + "\r\n"
}

const uuid = "6d0c6b6e-7f6b-4c3c-8f1e-4a2d1b9f0c11"

// hello is the beginning of a normal connection.
func hello(c *qemutest.Conn, name string) {
	c.Negotiate()
	c.Identify(name, uuid)
}

func connected(vm, source string) string {
	return fmt.Sprintf(`%s QMPALERT_CONNECTED {"source": "qmp:%s", "version": "7.2.22 (Debian 1:7.2)"}`, vm, source)
}

func disconnected(vm string, clean, gone bool, reason string) string {
	return fmt.Sprintf(`%s QMPALERT_DISCONNECTED {"clean": %t, "gone": %t, "reason": %q}`, vm, clean, gone, reason)
}

// left is the second end of a VM: it was disconnected, now it is gone.
func left(vm string, clean bool) string {
	return fmt.Sprintf(`%s QMPALERT_DISCONNECTED {"clean": %t, "gone": true}`, vm, clean)
}

const closed = "the monitor closed the connection: EOF"
