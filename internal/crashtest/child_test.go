package crashtest

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/deliver"
)

// The environment of the child: the configuration, and where it is to die, as
// "committed:3": the third time that it comes to the point; and whether no file
// may grow.
const (
	configEnv = "QMPALERT_TEST_CONFIG"
	crashEnv  = "QMPALERT_TEST_CRASH"
	fullEnv   = "QMPALERT_TEST_FULL"
)

func TestMain(m *testing.M) {
	if config := os.Getenv(configEnv); config != "" {
		os.Exit(child(config, os.Getenv(crashEnv)))
	}
	os.Exit(m.Run())
}

// child is the daemon. Its log goes to standard error.
func child(config, crash string) int {
	signal.Ignore(syscall.SIGXFSZ) // a file may not grow: as full as a disk can be
	if os.Getenv(fullEnv) != "" {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1, Max: unix.RLIM_INFINITY}); err != nil {
			panic(err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	err := daemon.Run(ctx, daemon.Options{
		ConfigFile: config,
		Log:        slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Deliver: deliver.Options{
			MinBackoff: 2 * time.Millisecond, MaxBackoff: 50 * time.Millisecond, Probe: 20 * time.Millisecond, Timeout: time.Second,
		},
		Crash: dieAt(crash),
	})
	if err != nil {
		slog.Error("the daemon ended", "err", err)
		return 1
	}
	return 0
}

// dieAt returns a hook that kills the process at the n-th passage of a point; nil
// for "".
func dieAt(crash string) func(string) {
	name, times, found := strings.Cut(crash, ":")
	if !found {
		return nil
	}
	n, err := strconv.ParseInt(times, 10, 64)
	if err != nil {
		panic(err)
	}
	var left atomic.Int64
	left.Store(n)
	return func(point string) {
		if point == name && left.Add(-1) == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until it arrives
		}
	}
}
