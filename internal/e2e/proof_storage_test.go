package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// qemuIO does one request of a block node.
func qemuIO(a *actor, node, request string) { a.HMP(fmt.Sprintf("qemu-io %s %q", node, request)) }

// images makes files with qemu-img: the arguments of "create" for each.
func images(dir string, specs ...string) error {
	for _, spec := range specs {
		cmd := exec.Command("qemu-img", append([]string{"create", "-q"}, strings.Fields(spec)...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", qemutest.Install, err, out)
		}
	}
	return nil
}

const (
	eio    = "5"
	enospc = "28"
)

var storageScenes = []act{
	{"a read fails, five minutes later nobody has continued the VM", func(s *scene) {
		vm := s.start(once(qemutest.BadDisk("mail1", qemutest.GuestReads, "read", eio, "stop")))
		vm.Execute("cont", "")
		vm.WaitEvent("STOP", 1)
		s.pass(6 * time.Minute)
		vm.Execute("cont", "")
		vm.WaitEvent("RESUME", 2)
		s.told("PausedOnIOError vm=mail1: match, resolve", "IOErrorNotResumed vm=mail1: for, resolve")
	}},
	{"it is continued in time", func(s *scene) {
		vm := s.start(once(qemutest.BadDisk("mail1", qemutest.GuestReads, "read", eio, "stop")))
		vm.Execute("cont", "")
		vm.WaitEvent("STOP", 1)
		s.pass(4 * time.Minute)
		vm.Execute("cont", "")
		vm.WaitEvent("RESUME", 2)
		s.pass(time.Hour)
		s.told("PausedOnIOError vm=mail1: match, resolve")
	}},
	{"it fails again after each cont", func(s *scene) {
		vm := s.start(qemutest.BadDisk("mail1", qemutest.GuestReads, "read", eio, "stop"))
		for n := range 4 {
			vm.Execute("cont", "")
			vm.WaitEvent("STOP", n+1)
		}
		vm.quit()
		// One alert, not one for each cont; it stays, because the VM does.
		s.told("PausedOnIOError vm=mail1: match", "StopFlapping vm=mail1: count, ended", "IOErrorNotResumed vm=mail1: for")
	}},
	{"the pool is full", func(s *scene) {
		vm := s.start(once(qemutest.BadDisk("db1", qemutest.GuestWrites, "write", enospc, "stop")))
		vm.Execute("cont", "")
		vm.WaitEvent("STOP", 1)
		s.pass(2 * time.Minute)
		vm.Execute("cont", "")
		vm.WaitEvent("RESUME", 2)
		s.told("OutOfSpace vm=db1: match, resolve")
	}},
	{"the disks of three VMs fail, which are told of it", func(s *scene) {
		for _, name := range []string{"a", "b", "c"} {
			vm := s.start(qemutest.BadDisk(name, qemutest.GuestReads, "read", eio, "report"))
			vm.Execute("cont", "")
			vm.WaitEvent("BLOCK_IO_ERROR", 5)
			s.take()
			vm.Execute("stop", "")
		}
		for _, vm := range s.actors {
			vm.quit()
		}
		s.told("HostStorageFailing host=kvm07: having, ended",
			"DiskErrors vm=a node_name=disk0: count, ended", "DiskErrors vm=b node_name=disk0: count, ended",
			"DiskErrors vm=c node_name=disk0: count, ended")
	}},
	{"a thin disk grows past its mark", func(s *scene) {
		vm := s.start(qemutest.Recipe{
			Name: "thin1",
			Args: []string{"-machine", "none", "-S",
				"-blockdev", "driver=file,node-name=thin-file,filename=thin.qcow2",
				"-blockdev", "driver=qcow2,node-name=thin,file=thin-file"},
			Files: func(dir string) error { return images(dir, "-f qcow2 thin.qcow2 64M") },
		})
		vm.Execute("block-set-write-threshold", `{"node-name": "thin-file", "write-threshold": 2097152}`)
		qemuIO(vm, "thin", "write 0 1M") // below it
		qemuIO(vm, "thin", "write 1M 4M")
		vm.WaitEvent("BLOCK_WRITE_THRESHOLD", 1)
		s.told("WriteThresholdPassed vm=thin1 node_name=thin-file: match, quiet")
	}},
	{"an image is damaged", func(s *scene) {
		vm := s.start(qemutest.Recipe{
			Name: "store1",
			Args: []string{"-machine", "none", "-S",
				"-blockdev", "driver=file,node-name=hurt-file,filename=hurt.qcow2",
				"-blockdev", "driver=qcow2,node-name=hurt,file=hurt-file"},
			Files: damaged,
		})
		qemuIO(vm, "hurt", "write 0 64k")
		vm.WaitEvent("BLOCK_IMAGE_CORRUPTED", 1)
		s.told("ImageCorrupted vm=store1 fatal=true node_name=hurt: match, quiet")
	}},
}

// damaged makes hurt.qcow2, whose first cluster is said to be where the header
// is: the first entry of its first L2 table points to offset 0 of the file.
func damaged(dir string) error {
	if err := images(dir, "-f qcow2 hurt.qcow2 64M"); err != nil {
		return err
	}
	path := filepath.Join(dir, "hurt.qcow2")
	if out, err := exec.Command("qemu-io", "-f", "qcow2", "-c", "write 0 64k", path).CombinedOutput(); err != nil {
		return fmt.Errorf("qemu-io: %w: %s", err, out)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	// Offsets of the qcow2 format: the header has that of the L1 table at byte
	// 40, each entry of a table has 8 bytes, the highest bit says "no copies".
	var word [8]byte
	for _, at := range []int64{40, 0} {
		if at == 0 {
			at = entry(word)
		}
		if _, err := f.ReadAt(word[:], at); err != nil {
			return err
		}
	}
	_, err = f.WriteAt([]byte{0x80, 0, 0, 0, 0, 0, 0, 0x00}, entry(word))
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte{0x80, 0, 0, 0, 0, 1, 0, 0}, entry(word)) // the refcount table
	return err
}

// entry is the offset that a word of a qcow2 table holds.
func entry(word [8]byte) (offset int64) {
	for _, b := range append([]byte{word[0] & 0x7f}, word[1:]...) {
		offset = offset<<8 | int64(b)
	}
	return offset
}
