package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience ends a test that hangs; nothing is measured by it.
const patience = 60 * time.Second

// lines is a writer whose lines a test waits for.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func newLines() *lines { return &lines{more: make(chan struct{}, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	l.text.Write(p)
	l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// count says how often part was written.
func (l *lines) count(part string) int { return strings.Count(l.String(), part) }

// wait returns once part was written n times.
func (l *lines) wait(t *testing.T, part string, n int) {
	t.Helper()
	for deadline := time.After(patience); l.count(part) < n; {
		select {
		case <-l.more:
		case <-deadline:
			t.Fatalf("%q was not written %d times:\n%s", part, n, l.String())
		}
	}
}

// rig is a running daemon with one fake QEMU named vm1.
type rig struct {
	t       *testing.T
	dir     string // of rule files
	console *lines
	log     *lines
	reload  chan struct{}
	send    chan string // events for the monitor to send, JSON
	stop    func()
}

// startWith runs a daemon without configuration on the rules below a new
// directory, which files (name, content, name, content, …) and arrange fill.
func startWith(t *testing.T, rules string, o Options, arrange func(*rig), files ...string) *rig {
	t.Helper()
	r := &rig{
		t: t, dir: t.TempDir(), console: newLines(), log: newLines(),
		reload: make(chan struct{}, 1), send: make(chan string),
	}
	for i := 0; i < len(files); i += 2 {
		r.write(files[i], files[i+1])
	}
	arrange(r)
	fake := qemutest.ListenUnix(t, "vm1.qmp", func(c *qemutest.Conn) {
		c.Send(qemutest.Greeting)
		c.Negotiate()
		c.Identify("vm1", "")
		for gone := c.Gone(); ; {
			select {
			case text := <-r.send:
				c.Send(text)
			case <-gone:
				return
			}
		}
	})
	r.run(fake.Addr, rules, o)
	t.Cleanup(fake.Close)
	r.log.wait(t, `msg="monitor connected"`, 1)
	return r
}

// run runs the daemon without configuration on a monitor and rules.
func (r *rig) run(monitor, rules string, o Options) {
	t := r.t
	o.Monitors = []string{monitor}
	o.Rules = []string{filepath.Join(r.dir, rules)}
	o.Console, o.Reload = r.console, r.reload
	o.Log = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, o) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(patience):
			t.Errorf("the daemon does not stop:\n%s", r.log)
		}
	})
	t.Cleanup(r.stop)
}

// event lets the VM send an event now.
func (r *rig) event(name, data string) {
	r.t.Helper()
	now := time.Now().UnixMicro()
	if data != "" {
		data = `, "data": ` + data
	}
	text := fmt.Sprintf(`{"timestamp": {"seconds": %d, "microseconds": %d}, "event": %q%s}`+"\r\n", now/1e6, now%1e6, name, data)
	if !json.Valid([]byte(text)) {
		r.t.Fatalf("not JSON: %s", text)
	}
	select {
	case r.send <- text:
	case <-time.After(patience):
		r.t.Fatalf("nobody reads the monitor:\n%s", r.log)
	}
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) write(name, text string) {
	r.t.Helper()
	r.must(os.MkdirAll(filepath.Dir(r.path(name)), 0o755))
	r.must(os.WriteFile(r.path(name), []byte(text), 0o644))
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}
