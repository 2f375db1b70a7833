package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse means that another process has the store open.
var ErrInUse = errors.New("another qmpalert uses it")

// lockExt ends the name of the file that says who uses a database.
const lockExt = ".lock"

// lockFile takes what a file stands for, which it makes if need be, for this
// process. Closing the file, or the end of the process, gives it back.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = inUse(f)
		}
		return nil, errors.Join(fmt.Errorf("%s: %w", filepath.Dir(path), err), f.Close())
	}
	// Who it is is for people only: that it cannot be written hurts nobody.
	if f.Truncate(0) == nil {
		_, _ = fmt.Fprintln(f, os.Getpid())
	}
	return f, nil
}

// inUse says who has a lock, and what to do.
func inUse(lock *os.File) error {
	who := ""
	var pid int
	if n, err := fmt.Fscan(io.LimitReader(lock, 20), &pid); n == 1 && err == nil {
		who = fmt.Sprintf(" (process %d)", pid)
	}
	return fmt.Errorf("%w%s: stop that one, or give this one a folder of its own (storage: {path: …})", ErrInUse, who)
}

// syncDir makes new, renamed and removed names survive the death of the machine.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
