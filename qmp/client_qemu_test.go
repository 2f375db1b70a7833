package qmp_test

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

func TestClientOfARealQEMU(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	vm := qemutest.Start(t, qemutest.IOErrorStop("io1"))
	got := newNames()
	c, err := qmp.Dial(t.Context(), "unix", vm.Socket, qmp.ClientOptions{OnEvent: got.add})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Version().Major < 7 {
		t.Errorf("version %s", c.Version())
	}
	for _, q := range qmp.Queries() {
		var refusal *qmp.Error
		value, err := c.Query(t.Context(), q)
		if err != nil && !errors.As(err, &refusal) {
			t.Errorf("%v", err)
		}
		if q == qmp.QueryName && string(value) != `{"name": "io1"}` {
			t.Errorf("query-name = %s", value)
		}
	}
	vm.Execute("cont", "")
	got.wait(t, c, 3)
	if value, err := c.Query(t.Context(), qmp.QueryStatus); err != nil || !strings.Contains(string(value), "io-error") {
		t.Errorf("query-status = %s, %v, want io-error", value, err)
	}
	vm.Quit()
	<-c.Done()
	if want := []string{"RESUME", "BLOCK_IO_ERROR", "STOP", "SHUTDOWN"}; !slices.Equal(got.get(), want) {
		t.Errorf("events %q, want %q", got.get(), want)
	}
	if !errors.Is(c.Err(), io.EOF) {
		t.Errorf("the connection ended with %v, want io.EOF", c.Err())
	}
}

func TestClientSecondOfARealQEMU(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	vm := qemutest.Start(t, qemutest.Plain("vm1"))
	first, err := qmp.Dial(t.Context(), "unix", vm.Socket, qmp.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := qmp.Dial(t.Context(), "unix", vm.Socket, qmp.ClientOptions{}); !errors.Is(err, qmp.ErrBusy) {
		t.Errorf("second client: %v, want %v", err, qmp.ErrBusy)
	}
	first.Close()
	third, err := qmp.Dial(t.Context(), "unix", vm.Socket, qmp.ClientOptions{})
	if err != nil {
		t.Fatalf("after the first one left: %v", err)
	}
	defer third.Close()
	vm.Kill()
	<-third.Done()
	if _, err := third.Query(t.Context(), qmp.QueryStatus); err == nil {
		t.Error("a query to a killed QEMU was answered")
	}
}

// backlog is a monitor whose queue of waiting clients has one place, like
// QEMU's, and that accepts nobody until it is told to.
func backlog(t *testing.T) *net.UnixListener {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(qemutest.ShortDir(t), "q.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	raw, err := l.(*net.UnixListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var listenErr error
	if err := raw.Control(func(fd uintptr) { listenErr = syscall.Listen(int(fd), 0) }); err != nil || listenErr != nil {
		t.Fatal(err, listenErr)
	}
	return l.(*net.UnixListener)
}

func TestDialWaitsForAPlaceInTheQueue(t *testing.T) {
	defer goleak.VerifyNone(t)
	l := backlog(t)
	defer l.Close()
	var waiting []net.Conn
	for {
		conn, err := net.Dial("unix", l.Addr().String())
		if errors.Is(err, syscall.EAGAIN) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, conn)
	}
	_, err := qmp.Dial(t.Context(), "unix", l.Addr().String(), qmp.ClientOptions{GreetingTimeout: 30 * time.Millisecond})
	if !errors.Is(err, qmp.ErrBusy) || !errors.Is(err, syscall.EAGAIN) {
		t.Errorf("Dial to a full queue: %v, want %v", err, qmp.ErrBusy)
	}

	dialed := make(chan error, 1)
	go func() {
		c, err := qmp.Dial(t.Context(), "unix", l.Addr().String(), qmp.ClientOptions{})
		if err == nil {
			c.Close()
		}
		dialed <- err
	}()
	// The ones in front leave; the next that is accepted is the client.
	for _, conn := range waiting {
		conn.Close()
	}
	for range len(waiting) + 1 {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer conn.Close()
			c := qemutest.NewConn(t, conn, 1)
			c.Negotiate()
			c.Hold()
		}()
	}
	if err := <-dialed; err != nil {
		t.Errorf("Dial when a place became free: %v", err)
	}
}
