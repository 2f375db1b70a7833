package qmpsock

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

func TestExplain(t *testing.T) {
	long := address{"unix", filepath.Join(t.TempDir(), strings.Repeat("x", maxPath))}
	_, tooLong := net.Dial(long.network, long.addr)
	unix, tcp := address{"unix", filepath.Join(t.TempDir(), "q")}, address{"tcp", "127.0.0.1:1"}
	for _, tt := range []struct {
		err    error
		addr   address
		state  sources.State
		reason string
	}{
		{qmp.ErrBusy, unix, sources.Busy, "second -qmp"},
		{fmt.Errorf("%w: x", qmp.ErrNotQMP), unix, sources.NotQMP, "no greeting of QMP: x"},
		// Root is refused nothing, so this one cannot come from a real socket here.
		{&net.OpError{Op: "dial", Err: syscall.EACCES}, unix, sources.Denied, "group that owns the socket"},
		{&net.OpError{Op: "dial", Err: syscall.ENOENT}, unix, sources.Waiting, "not there"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, unix, sources.Waiting, "nobody listens"},
		{&net.OpError{Op: "dial", Err: syscall.EPROTOTYPE}, unix, sources.NotQMP, "not a QMP monitor: it is a socket of another type"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, tcp, sources.Waiting, "nobody listens"},
		{tooLong, long, sources.Waiting, "longer than 107 bytes"},
		{io.ErrUnexpectedEOF, unix, sources.Waiting, "unexpected EOF"},
	} {
		state, reason := explain(tt.err, tt.addr)
		if tt.err == nil || state != tt.state || !strings.Contains(reason, tt.reason) {
			t.Errorf("explain(%v) = %v, %q, want %v and %q", tt.err, state, reason, tt.state, tt.reason)
		}
	}
}

func TestBackoff(t *testing.T) {
	jitter := 0.0
	b := backoff{min: 100 * time.Millisecond, max: time.Second, rand: func() float64 { return jitter }}
	for i, want := range []time.Duration{50, 100, 200, 400, 500, 500} {
		if got := b.next(); got != want*time.Millisecond {
			t.Errorf("pause %d = %v, want %v ms", i, got, int(want))
		}
	}
	b.reset()
	jitter = 0.5
	if got := b.next(); got != 75*time.Millisecond {
		t.Errorf("pause after reset = %v, want 75ms", got)
	}
}

func TestWhyNothingIsFound(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		dir + "/*.qmp":        "no socket there yet",
		dir + "/none/*.qmp":   "/none is not there yet",
		dir + "/*/x/*.qmp":    "no socket there yet",
		dir + "/none/a.qmp":   "/none/a.qmp is not there yet",
		dir + "/[a-c]/db.qmp": "no socket there yet",
	} {
		p, err := parsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		if found := p.find(); len(found) != 0 {
			t.Errorf("%s: found %v", text, found)
		}
		if _, reason := p.why(); !strings.HasSuffix(reason, want) {
			t.Errorf("%s: %q, want %q", text, reason, want)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		addr         address
		file, source string
	}{
		{address{"unix", "/run/qemu/db1.qmp"}, "db1", "qmp:/run/qemu/db1.qmp"},
		{address{"unix", "a.b.c"}, "a.b", "qmp:a.b.c"},
		{address{"unix", "/x/.qmp"}, ".qmp", "qmp:/x/.qmp"},
		{address{"tcp", "127.0.0.1:4444"}, "127.0.0.1:4444", "qmp:tcp://127.0.0.1:4444"},
	} {
		if f, s := tt.addr.file(), tt.addr.source(); f != tt.file || s != tt.source {
			t.Errorf("%v: %q, %q, want %q, %q", tt.addr, f, s, tt.file, tt.source)
		}
	}
	if (address{"tcp", "x:1"}).vanished() {
		t.Error("an address of TCP has no file that could vanish")
	}
}
