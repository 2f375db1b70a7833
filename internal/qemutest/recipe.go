package qemutest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Recipe says how to start a QEMU and what its directory holds. Arguments use
// paths relative to that directory.
type Recipe struct {
	Name  string // -name; what query-name answers; "" for a VM without a name
	UUID  string // -uuid, or ""
	Args  []string
	Files func(dir string) error // makes the images, or nil

	// Socket is the path of the monitor; "" is qmp.sock in the VM's own
	// directory. Several VMs in one directory, or one after the other at one
	// path, are what a daemon meets on a host. The path is the caller's to remove.
	Socket string
}

// Plain is a VM without disks, guest and CPU time: it only has a monitor.
func Plain(name string) Recipe {
	return Recipe{Name: name, Args: []string{"-machine", "none", "-S"}}
}

// ReadQuorum is the human monitor command that reads 64 KiB of the quorum at
// the given offset in KiB. With a corrupted child each read gives one
// QUORUM_REPORT_BAD of node disk-c, as long as reads are more than a second
// apart: QEMU merges the reports of one node within a second.
func ReadQuorum(offsetKiB int) string {
	return fmt.Sprintf(`qemu-io q0 "read %dk 64k"`, offsetKiB)
}

// Quorum is a VM with a quorum q0 of the three children disk-a, disk-b and
// disk-c; the last one differs from the others when corrupted.
func Quorum(name string, corrupted bool) Recipe {
	const child = `{"driver": "raw", "node-name": "disk-%s", "file": {"driver": "file", "filename": "%[1]s.raw"}}`
	quorum := `{"driver": "quorum", "node-name": "q0", "vote-threshold": 2, "children": [` +
		fmt.Sprintf(child, "a") + ", " + fmt.Sprintf(child, "b") + ", " + fmt.Sprintf(child, "c") + `]}`
	return Recipe{
		Name: name,
		Args: []string{"-machine", "none", "-S", "-blockdev", quorum},
		Files: func(dir string) error {
			const size = 4 << 20
			for _, disk := range []string{"a", "b", "c"} {
				fill := []byte{0}
				if corrupted && disk == "c" {
					fill = []byte{'x'}
				}
				if err := os.WriteFile(filepath.Join(dir, disk+".raw"), bytes.Repeat(fill, size), 0o600); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// IOErrorStop is a VM whose boot sector reads LBA 100 of disk hd0 in a loop,
// which fails: after "cont" there is RESUME, BLOCK_IO_ERROR, STOP, and again
// after every further "cont".
func IOErrorStop(name string) Recipe {
	return BadDisk(name, GuestReads, "read", "5", "stop")
}

// StartStorm and StopStorm are the commands that begin and end what Storm is
// for, with their arguments.
const (
	StartStorm     = "blockdev-backup"
	StartStormArgs = `{"job-id": "ign", "device": "src", "target": "dst", "sync": "full", "on-source-error": "ignore"}`
	StopStorm      = "block-job-cancel"
	StopStormArgs  = `{"device": "ign", "force": true}`
)

// Storm is a VM that sends thousands of unthrottled BLOCK_JOB_ERROR a second
// between StartStorm and StopStorm, then BLOCK_JOB_CANCELLED.
func Storm(name string) Recipe {
	return Recipe{
		Name: name,
		Args: []string{
			"-machine", "none", "-S",
			"-blockdev", `{"driver": "raw", "node-name": "src", "file": {"driver": "blkdebug", "image": {"driver": "file", "filename": "src.raw"}, ` +
				`"inject-error": [{"event": "none", "iotype": "read", "sector": 8192, "errno": 5, "once": false}]}}`,
			"-blockdev", `{"driver": "raw", "node-name": "dst", "file": {"driver": "file", "filename": "dst.raw"}}`,
		},
		Files: func(dir string) error {
			const size = 8 << 20
			// The source must hold data: a hole is copied without reading it.
			if err := os.WriteFile(filepath.Join(dir, "src.raw"), bytes.Repeat([]byte{9}, size), 0o600); err != nil {
				return err
			}
			if out, err := exec.Command("qemu-img", "create", "-q", "-f", "raw", filepath.Join(dir, "dst.raw"), "8M").CombinedOutput(); err != nil {
				return fmt.Errorf("qemu-img (%s): %w: %s", Install, err, out)
			}
			return nil
		},
	}
}

// writeBootSector makes a disk of 1 MiB whose first sector is the given code.
func writeBootSector(path, code string) error {
	sector, err := hex.DecodeString(code)
	if err != nil {
		return err
	}
	disk := make([]byte, 1<<20)
	copy(disk[:510], sector)
	disk[510], disk[511] = 0x55, 0xaa
	return os.WriteFile(path, disk, 0o600)
}
