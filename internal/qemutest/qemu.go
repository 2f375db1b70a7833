package qemutest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Install is the command that brings what this package needs to a Debian.
const Install = "apt-get install qemu-system-x86 qemu-utils"

// patience is how long anything may take before a test gives up on QEMU. It is
// a safety net against a hang, not a limit that a slow machine could meet.
const patience = 60 * time.Second

// maxSocketPath is the length that a unix socket address may have, with its
// final zero (sun_path in unix(7)).
const maxSocketPath = 108

// VM is a running QEMU.
type VM struct {
	Dir    string // its directory; temporary
	Socket string // its monitor for the code under test; nobody is connected to it
	Control

	cmd    *exec.Cmd
	output lockedBuffer
	exited chan struct{} // closed when the process was reaped
}

// Start starts QEMU with the recipe and returns when both of its monitors are
// there. The process is killed and reaped, and its directory removed, when the
// test ends. Start fails the test when QEMU is missing or does not come up.
func Start(t testing.TB, r Recipe) *VM {
	t.Helper()
	binary, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Fatalf("this test needs a real QEMU: %s (%v)", Install, err)
	}
	dir := ShortDir(t)
	if r.Files != nil {
		if err := r.Files(dir); err != nil {
			t.Fatalf("images for QEMU: %v", err)
		}
	}
	vm := &VM{Dir: dir, Socket: cmp.Or(r.Socket, filepath.Join(dir, "qmp.sock")), exited: make(chan struct{})}

	// The control monitor connects to us, and its -qmp comes second: when its
	// greeting is here, the first one is listening. Nothing has to be polled.
	control, err := net.Listen("unix", filepath.Join(dir, "ctl.sock"))
	if err != nil {
		t.Fatalf("control monitor: %v", err)
	}
	defer control.Close()
	args := []string{"-accel", "tcg", "-display", "none", "-nodefaults"}
	if r.Name != "" {
		args = append(args, "-name", r.Name)
	}
	if r.UUID != "" {
		args = append(args, "-uuid", r.UUID)
	}
	args = append(args, "-qmp", "unix:"+vm.Socket+",server=on,wait=off", "-qmp", "unix:ctl.sock,server=off")
	vm.cmd = exec.Command(binary, append(args, r.Args...)...)
	vm.cmd.Dir = dir
	vm.cmd.Stdout, vm.cmd.Stderr = &vm.output, &vm.output
	dieWithParent(vm.cmd)
	if err := vm.cmd.Start(); err != nil {
		t.Fatalf("start QEMU: %v", err)
	}
	go func() {
		defer close(vm.exited)
		_ = vm.cmd.Wait() // how it ended is for the test to judge
		control.Close()   // a QEMU that never comes up must not leave Accept waiting
	}()
	t.Cleanup(vm.Kill)

	_ = control.(*net.UnixListener).SetDeadline(time.Now().Add(patience))
	conn, err := control.Accept()
	if err != nil {
		vm.Kill()
		t.Fatalf("QEMU did not come up: %v\n%s", err, vm.Output())
	}
	vm.Control = Control{t: t, conn: conn}
	t.Cleanup(func() { conn.Close() })
	vm.Control.negotiate()
	return vm
}

// Kill sends SIGKILL and waits until the process is reaped. The socket file
// stays. It may be called at any time and more than once.
func (vm *VM) Kill() {
	_ = vm.cmd.Process.Kill() // fails only when it ended already
	<-vm.exited
}

// Quit asks QEMU to leave, which sends SHUTDOWN (host-qmp-quit) and removes
// the socket file, and waits until the process is reaped.
func (vm *VM) Quit() {
	vm.t.Helper()
	vm.Execute("quit", "")
	select {
	case <-vm.exited:
	case <-time.After(patience):
		vm.t.Fatalf("QEMU did not quit\n%s", vm.Output())
	}
}

// Output returns what QEMU printed so far.
func (vm *VM) Output() string { return vm.output.String() }

// ShortDir makes a temporary directory whose path leaves room for the name of
// a unix socket, which the directories of testing.T do not, and removes it
// when the test ends.
func ShortDir(t testing.TB) string {
	t.Helper()
	base := os.TempDir()
	if len(base)+len("/q1234567890/0123456789012345678901234567890123456789") >= maxSocketPath {
		base = "/tmp"
	}
	dir, err := os.MkdirTemp(base, "q")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("remove %s: %v", dir, err)
		}
	})
	return dir
}

// lockedBuffer collects the output of a process while tests read it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("QEMU printed: %q", b.buf.String())
}
