package store

import (
	"os"
	"syscall"
)

// syncData waits until the contents of a file, and its length, are on the disk.
func syncData(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
