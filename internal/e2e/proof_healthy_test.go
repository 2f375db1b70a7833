package e2e

import (
	"io"
	"path/filepath"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// healthyScenes are what VMs do every day. None of it may tell anybody.
var healthyScenes = []act{
	{"healthy: a guest reboots once, sleeps and wakes, and powers off", func(s *scene) {
		reboots := s.start(qemutest.Guest("web1", qemutest.GuestReboots, "-device", "pvpanic", "-device", "ib700"))
		reboots.Execute("cont", "")
		reboots.WaitEvent("RESET", 1)
		reboots.quit()
		sleeps := s.start(qemutest.Guest("desk1", qemutest.GuestSleeps))
		sleeps.Execute("cont", "")
		sleeps.WaitEvent("SUSPEND", 1)
		sleeps.Execute("system_wakeup", "")
		sleeps.WaitEvent("WAKEUP", 1)
		sleeps.Execute("system_powerdown", "")
		sleeps.WaitEvent("POWERDOWN", 1)
		s.pass(time.Minute)
		sleeps.quit()
		s.told()
	}},
	{"healthy: a snapshot, a reset and a dump", func(s *scene) {
		vm := s.start(qemutest.Guest("web1", qemutest.GuestIdle, "-m", "32"))
		vm.Execute("cont", "")
		vm.Execute("stop", "")
		vm.Execute("cont", "")
		vm.Execute("system_reset", "")
		vm.WaitEvent("RESET", 1)
		vm.Execute("dump-guest-memory", `{"paging": false, "protocol": "file:/dev/null", "detach": true}`)
		vm.WaitEvent("DUMP_COMPLETED", 1)
		vm.WaitEvent("RESUME", 3) // it paused for that
		s.pass(24 * time.Hour)
		vm.quit()
		s.told()
	}},
	{"healthy: a quorum whose children agree, a disk below its mark", func(s *scene) {
		vm := s.start(quorumOf("db1", "aaa", 2))
		for i := range 4 {
			vm.HMP(qemutest.ReadQuorum(64 * i))
		}
		vm.quit()
		s.told()
	}},
	{"healthy: a backup, a mirror that is switched over, a job that is cancelled", func(s *scene) {
		vm := s.start(copier("store1", false))
		backup(vm, "nightly", "")
		vm.WaitEvent("BLOCK_JOB_COMPLETED", 1)
		backup(vm, "stepwise", `, "auto-finalize": false`)
		vm.WaitEvent("BLOCK_JOB_PENDING", 1)
		s.pass(10 * time.Minute)
		vm.Execute("job-finalize", `{"id": "stepwise"}`)
		vm.WaitEvent("BLOCK_JOB_COMPLETED", 2)
		backup(vm, "slow", `, "speed": 65536`)
		vm.Execute("block-job-cancel", `{"device": "slow", "force": true}`)
		vm.WaitEvent("BLOCK_JOB_CANCELLED", 1)
		vm.Execute("blockdev-mirror", `{"job-id": "move", "device": "src", "target": "dst", "sync": "full"}`)
		vm.WaitEvent("BLOCK_JOB_READY", 1)
		s.pass(time.Hour)
		vm.Execute("block-job-complete", `{"device": "move"}`)
		vm.WaitEvent("BLOCK_JOB_COMPLETED", 3)
		s.pass(24 * time.Hour)
		s.told()
	}},
	{"healthy: a migration from one QEMU to another", func(s *scene) {
		to := s.start(plainPC("web1", "-m", "32", "-incoming", "defer"))
		from := s.start(plainPC("web1-source", "-m", "32"))
		tellMigrations(to)
		to.Execute("migrate-incoming", `{"uri": "unix:`+filepath.Join(to.Dir, "mig.sock")+`"}`)
		tellMigrations(from)
		from.Execute("migrate", `{"uri": "unix:`+filepath.Join(to.Dir, "mig.sock")+`"}`)
		from.WaitEvent("MIGRATION", 3)
		to.WaitEvent("MIGRATION", 3)
		from.quit()
		s.pass(24 * time.Hour)
		s.told()
	}},
	{"healthy: people at consoles, one of whom mistypes, and a network that comes back", func(s *scene) {
		vm, at := s.vnc("desk1")
		for i, password := range []string{"secret", "sercet", "Secret", "secret", "secret", "secret", "secret"} {
			s.try(at, operator, password, password == "secret")
			vm.WaitEvent("VNC_DISCONNECTED", i+1)
		}
		net1 := s.start(qemutest.Recipe{Name: "net1", Args: []string{"-machine", "none", "-S",
			"-netdev", "stream,id=n0,server=on,addr.type=unix,addr.path=net.sock"}})
		var other io.Closer
		for i := range 2 {
			c := plug(s.t, filepath.Join(net1.Dir, "net.sock"))
			net1.WaitEvent("NETDEV_STREAM_CONNECTED", i+1)
			if i == 0 {
				c.Close()
				net1.WaitEvent("NETDEV_STREAM_DISCONNECTED", 1)
				s.pass(10 * time.Second)
			}
			other = c
		}
		defer other.Close()
		s.pass(time.Hour)
		s.told()
	}},
	{"healthy: a tray, a device that is unplugged", func(s *scene) {
		vm := s.start(qemutest.Recipe{
			Name: "desk1",
			Args: []string{"-machine", "pc", "-S",
				"-blockdev", "driver=raw,read-only=on,node-name=iso,file.driver=file,file.filename=cd.iso",
				"-device", "ide-cd,id=cd0,drive=iso", "-device", "piix3-usb-uhci", "-device", "usb-tablet,id=tab0"},
			Files: func(dir string) error { return images(dir, "-f raw cd.iso 1M") },
		})
		vm.Execute("blockdev-open-tray", `{"id": "cd0"}`)
		vm.Execute("blockdev-close-tray", `{"id": "cd0"}`)
		vm.Execute("device_del", `{"id": "tab0"}`)
		vm.WaitEvent("DEVICE_DELETED", 1)
		s.told()
	}},
}
