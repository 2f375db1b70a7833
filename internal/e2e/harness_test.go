package e2e

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// slacktest's server leaves a goroutine behind for each message that no
// websocket fetches.
//
// The tests mostly wait, for QEMU, for a second to pass: more of them run at a
// time than there are processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.parallel").Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/slack-go/slack/slacktest.(*Server).queueForWebsocket"),
		goleak.Cleanup(func(code int) {
			removeProgram()
			os.Exit(code)
		}))
}

// patience ends a test that hangs; nothing is measured by it.
const patience = 90 * time.Second

// pile is what arrived somewhere, in order, for one test to wait for.
type pile[T any] struct {
	mu   sync.Mutex
	all  []T
	more chan struct{}
}

func newPile[T any]() *pile[T] { return &pile[T]{more: make(chan struct{}, 1)} }

func (p *pile[T]) add(v T) {
	p.mu.Lock()
	p.all = append(p.all, v)
	p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
}

func (p *pile[T]) list() []T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.all)
}

// until waits until what is there is enough, and returns it.
func (p *pile[T]) until(t *testing.T, what string, enough func([]T) bool) []T {
	t.Helper()
	for deadline := time.After(patience); ; {
		if all := p.list(); enough(all) {
			return all
		}
		select {
		case <-p.more:
		case <-deadline:
			t.Fatalf("waited in vain for %s; there is:\n%v", what, p.list())
		}
	}
}

// wait waits for n of them.
func (p *pile[T]) wait(t *testing.T, what string, n int) []T {
	t.Helper()
	return p.until(t, what, func(all []T) bool { return len(all) >= n })
}

// logLines is a log whose lines a test waits for.
type logLines struct{ *pile[string] }

func newLog() logLines { return logLines{newPile[string]()} }

func (l logLines) Write(p []byte) (int, error) {
	l.add(string(p))
	return len(p), nil
}

func (l logLines) String() string { return strings.Join(l.list(), "") }

// count says in how many writes all parts are.
func (l logLines) count(parts ...string) int { return countLines(l.list(), parts) }

func countLines(lines []string, parts []string) int {
	n := 0
	for _, line := range lines {
		if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) }) {
			n++
		}
	}
	return n
}

// said waits for n lines that have all parts.
func (l logLines) said(t *testing.T, n int, parts ...string) {
	t.Helper()
	l.until(t, strings.Join(parts, " … "), func(all []string) bool { return countLines(all, parts) >= n })
}

// host is a hypervisor: run/ with monitors, rules/, and a configuration that
// watches both.
type host struct {
	t   *testing.T
	dir string
	log logLines
}

func newHost(t *testing.T) *host {
	h := &host{t: t, dir: qemutest.ShortDir(t), log: newLog()}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the daemon's log:\n%s", h.log)
		}
	})
	h.must(os.MkdirAll(h.path("run"), 0o755))
	h.must(os.MkdirAll(h.path("rules"), 0o755))
	return h
}

func (h *host) path(name string) string { return filepath.Join(h.dir, name) }

func (h *host) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) write(name, text string) {
	h.t.Helper()
	h.must(os.WriteFile(h.path(name), []byte(text), 0o644))
}

// receivers writes the configuration with these receivers, the first of which
// is that of the route.
func (h *host) receivers(text string) {
	h.t.Helper()
	first, _, _ := strings.Cut(strings.TrimPrefix(text, "  - name: "), "\n")
	h.write("qmpalert.yml", "host: kvm07\nsources: [{qmp: run/*.qmp}]\nrule_files: [rules/*.yml]\nroute: {receiver: "+first+", group_interval: 1s}\nreceivers:\n"+text)
}

// start starts a QEMU whose monitor is run/NAME.qmp.
func (h *host) start(r qemutest.Recipe) *qemutest.VM {
	h.t.Helper()
	r.Socket = h.path("run/" + r.Name + ".qmp")
	return qemutest.Start(h.t, r)
}

// watch runs the daemon in this process; stop ends it, in order.
func (h *host) watch(change ...func(*daemon.Options)) (stop func()) {
	h.t.Helper()
	o := daemon.Options{
		ConfigFile: h.path("qmpalert.yml"),
		Log:        slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- daemon.Run(ctx, o) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				h.t.Errorf("daemon: %v", err)
			}
		case <-time.After(patience):
			h.t.Errorf("the daemon does not stop:\n%s", h.log)
		}
	})
	h.t.Cleanup(stop)
	return stop
}

// connected waits until the daemon has been connected n times to the VM.
func (h *host) connected(vm string, n int) {
	h.t.Helper()
	h.log.said(h.t, n, "monitor connected", vm)
}

// ticks are moments a given time apart, the first one at once. QEMU merges what
// comes faster than one a second: time is part of what such a test tells.
func ticks(t *testing.T, apart time.Duration) (next func()) {
	ticker := time.NewTicker(apart)
	t.Cleanup(ticker.Stop)
	first := true
	return func() {
		if !first {
			<-ticker.C
		}
		first = false
	}
}
