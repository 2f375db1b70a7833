package exec

import (
	"context"
	"errors"
	"os/exec"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// maxSaid is how much of each output of a program is kept, in bytes.
const maxSaid = 500

// drain is how long the pipes of a program that has ended stay open for
// processes that it left behind outside of its process group.
const drain = time.Second

// result is the end of a program.
type result struct {
	status         int            // exit status
	signal         syscall.Signal // that ended it; 0: it exited
	killed         error          // why we killed it; nil: we did not
	stdout, stderr string         // their beginnings
}

// run starts the program in a process group of its own, feeds it, waits for its
// end and ends whatever is left of the group. The error is one of starting it.
//
// The group is signalled only while its leader is not yet reaped: until then
// nobody else can have its number.
func (n *Notifier) run(ctx context.Context, stdin []byte, env []string) (result, error) {
	if err := ctx.Err(); err != nil {
		return result{killed: err}, nil
	}
	in, err := newInput(stdin)
	if err != nil {
		return result{}, err
	}
	var stdout, stderr head
	cmd := exec.Command(n.path, n.cfg.Command[1:]...)
	cmd.Args[0] = n.cfg.Command[0]
	cmd.Dir, cmd.Env = "/", env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in.read, &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = drain
	if err := cmd.Start(); err != nil {
		return result{}, errors.Join(err, in.read.Close(), in.write.Close())
	}
	in.started()
	group := -cmd.Process.Pid
	ended := make(chan struct{})
	go func() {
		awaitEnd(cmd.Process.Pid)
		close(ended)
	}()
	killed, stuck := n.await(ctx, group, ended)
	reap := func() error {
		<-ended
		_ = syscall.Kill(group, syscall.SIGKILL) // what it left behind; usually nothing
		in.close()
		return cmd.Wait()
	}
	if stuck {
		go func() { _ = reap() }() // whenever the kernel lets go of it
		return result{killed: errStuck, stderr: stderr.String()}, nil
	}
	err = reap()
	r := result{killed: killed, stdout: stdout.String(), stderr: stderr.String()}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			r.signal = ws.Signal()
		}
		r.status = exit.ExitCode()
	}
	// Other errors are of the pipes: a program need not read its input to the end.
	return r, nil
}

// errStuck: SIGKILL has no effect while a process waits inside the kernel, say
// for a file server that is gone.
var errStuck = errors.New("the system does not end it (it waits for a disk or a file server)")

// await returns when the leader of the group has ended, after doing what it
// takes. killed says why it took something, stuck that it was in vain.
func (n *Notifier) await(ctx context.Context, group int, ended <-chan struct{}) (killed error, stuck bool) {
	select {
	case <-ended:
		return nil, false
	case <-ctx.Done():
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = syscall.Kill(group, signal)
		patience := time.NewTimer(n.grace)
		select {
		case <-ended:
			patience.Stop()
			return ctx.Err(), false
		case <-patience.C:
		}
	}
	return ctx.Err(), true
}

// awaitEnd returns when a child of ours has ended, and leaves it to be reaped.
func awaitEnd(pid int) {
	const (
		idPID    = 1 // P_PID
		exited   = syscall.WEXITED
		leaveIt  = syscall.WNOWAIT
		infoSize = 128 // of siginfo_t, whose content does not matter here
	)
	var info [infoSize / 8]uint64
	for {
		_, _, e := syscall.Syscall6(syscall.SYS_WAITID, idPID, uintptr(pid), uintptr(unsafe.Pointer(&info)), exited|leaveIt, 0, 0)
		if e != syscall.EINTR {
			return
		}
	}
}

// head is a writer that keeps the beginning and swallows the rest.
type head struct {
	mu   sync.Mutex // Wait may return before the last write, after drain
	kept []byte
}

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept = append(h.kept, p[:min(len(p), maxSaid-len(h.kept))]...)
	return len(p), nil
}

func (h *head) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(h.kept)
}
