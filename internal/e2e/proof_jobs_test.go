package e2e

import (
	"fmt"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// copier is a VM with the nodes src, which can be read, except for where
// badRead says so, dst, and full, which takes nothing.
func copier(name string, badRead bool) qemutest.Recipe {
	src := `{"driver": "file", "filename": "src.raw"}`
	if badRead {
		src = `{"driver": "blkdebug", "image": ` + src + `, "inject-error": [{"event": "none", "iotype": "read", "sector": 8192, "errno": 5, "once": false}]}`
	}
	return qemutest.Recipe{
		Name: name,
		Args: []string{
			"-machine", "none", "-S",
			"-blockdev", `{"driver": "raw", "node-name": "src", "file": ` + src + `}`,
			"-blockdev", `{"driver": "raw", "node-name": "dst", "file": {"driver": "file", "filename": "dst.raw"}}`,
		},
		Files: func(dir string) error {
			if err := qemutest.Filled(dir, "src.raw", 8<<20, 9); err != nil {
				return err
			}
			return images(dir, "-f raw dst.raw 8M")
		},
	}
}

// backup starts a backup from src to dst; more is further JSON members.
func backup(vm *actor, id, more string) {
	vm.Execute("blockdev-backup", fmt.Sprintf(`{"job-id": %q, "device": "src", "target": "dst", "sync": "full"%s}`, id, more))
}

var jobScenes = []act{
	{"a backup fails", func(s *scene) {
		vm := s.start(copier("store1", true))
		backup(vm, "nightly", "")
		vm.WaitEvent("BLOCK_JOB_COMPLETED", 1)
		s.told("BlockJobFailed vm=store1 device=nightly type=backup: match, quiet")
	}},
	{"a backup waits for somebody to mend the disk, who cancels it", func(s *scene) {
		vm := s.start(copier("store1", true))
		backup(vm, "nightly", `, "on-source-error": "stop"`)
		vm.WaitEvent("BLOCK_JOB_ERROR", 1)
		s.pass(10 * time.Minute)
		vm.Execute("block-job-cancel", `{"device": "nightly", "force": true}`)
		vm.WaitEvent("BLOCK_JOB_CANCELLED", 1)
		s.told("BlockJobPaused vm=store1 device=nightly: match, resolve")
	}},
	{"a backup skips over errors", func(s *scene) {
		vm := s.start(copier("store1", true))
		backup(vm, "nightly", `, "on-source-error": "ignore"`)
		vm.WaitEvent("BLOCK_JOB_ERROR", 10)
		vm.Execute("block-job-cancel", `{"device": "nightly", "force": true}`)
		vm.WaitEvent("BLOCK_JOB_CANCELLED", 1)
		s.told("BlockJobErrors vm=store1 device=nightly operation=read: count, ended")
	}},
	{"a job is not finalized, a mirror not switched over", func(s *scene) {
		vm := s.start(copier("store1", false))
		backup(vm, "nightly", `, "auto-finalize": false`)
		vm.WaitEvent("BLOCK_JOB_PENDING", 1)
		s.pass(time.Hour)
		vm.Execute("job-finalize", `{"id": "nightly"}`)
		vm.WaitEvent("BLOCK_JOB_COMPLETED", 1)
		vm.Execute("blockdev-mirror", `{"job-id": "move", "device": "src", "target": "dst", "sync": "full"}`)
		vm.WaitEvent("BLOCK_JOB_READY", 1)
		s.pass(12 * time.Hour)
		vm.Execute("block-job-cancel", `{"device": "move"}`)
		vm.WaitEvent("BLOCK_JOB_COMPLETED", 2)
		s.told("BlockJobWaits vm=store1 id=nightly: for, resolve", "MirrorForgotten vm=store1 device=move: for, resolve")
	}},
	{"a dump does not fit", func(s *scene) {
		vm := s.start(plainPC("app1", "-m", "32"))
		vm.Execute("dump-guest-memory", `{"paging": false, "protocol": "file:/dev/full", "detach": true}`)
		vm.WaitEvent("DUMP_COMPLETED", 1)
		s.told("DumpFailed vm=app1: match, quiet")
	}},
}
