package exec

import (
	"errors"
	"os"
	"syscall"
)

// setPipeSize is F_SETPIPE_SZ of Linux, and maxPipe what it grants to everybody
// unless an administrator changed it.
const (
	setPipeSize = 1031
	maxPipe     = 1 << 20
)

// input is the pipe of a program's standard input. The message is in it before
// the program begins: should qmpalert be killed while the program runs, it still
// reads the whole message, and no beginning of it that looks like another one.
type input struct {
	read, write *os.File
	rest        []byte // what the pipe has no room for
}

// newInput makes a pipe and fills it.
func newInput(message []byte) (*input, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in := &input{read: r, write: w, rest: message}
	raw, err := w.SyscallConn()
	if err == nil {
		err = raw.Write(func(fd uintptr) bool { in.fill(fd); return true })
	}
	if err != nil {
		return nil, errors.Join(err, r.Close(), w.Close())
	}
	return in, nil
}

// fill writes what the pipe takes without waiting. It is made large first; where
// that is refused it stays as it is.
func (in *input) fill(fd uintptr) {
	_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, uintptr(min(len(in.rest), maxPipe)))
	for len(in.rest) > 0 {
		n, err := syscall.Write(int(fd), in.rest)
		if n > 0 {
			in.rest = in.rest[n:]
		}
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return // it is full; what else can be wrong the next write says
		}
	}
}

// started leaves the reading to the program, and feeds it what did not fit.
func (in *input) started() {
	_ = in.read.Close()
	if len(in.rest) == 0 {
		in.close()
		return
	}
	go func() {
		_, _ = in.write.Write(in.rest) // a program need not read its input to the end
		in.close()
	}()
}

// close ends the input, and a write that waits for the program. It may be called
// more than once.
func (in *input) close() { _ = in.write.Close() }
