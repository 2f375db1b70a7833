package e2e

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

var guestScenes = []act{
	{"the kernel panics, then somebody resets the VM", func(s *scene) {
		vm := s.start(qemutest.Guest("app1", qemutest.GuestPanics, "-device", "pvpanic", "-action", "panic=pause"))
		vm.Execute("cont", "")
		vm.WaitEvent("STOP", 1)
		s.pass(time.Minute)
		vm.Execute("system_reset", "")
		vm.WaitEvent("RESET", 1)
		vm.quit()
		s.told("GuestPanicked vm=app1: match, resolve", "GuestCrashDump vm=app1: match, quiet")
	}},
	{"a watchdog expires and resets the VM", func(s *scene) {
		vm := s.start(qemutest.Guest("app1", qemutest.GuestArmsWatchdog, "-device", "ib700", "-action", "watchdog=none"))
		vm.Execute("cont", "")
		vm.WaitEvent("WATCHDOG", 1)
		s.told("GuestWatchdog vm=app1: match, quiet")
	}},
	{"a guest hangs because its disk fails", func(s *scene) {
		vm := s.start(qemutest.BadDisk("app1", qemutest.GuestArmsWatchdogAndReads, "read", eio, "report", "-device", "ib700", "-action", "watchdog=none"))
		vm.Execute("cont", "")
		vm.WaitEvent("WATCHDOG", 1)
		vm.WaitEvent("BLOCK_IO_ERROR", 5)
		vm.quit()
		s.told("GuestHangsOnDisk vm=app1: all_of, quiet", "GuestWatchdog vm=app1: match, quiet",
			"DiskErrors vm=app1 node_name=disk0: count, ended")
	}},
	{"two clocks fight", func(s *scene) {
		vm := s.start(qemutest.Guest("win1", qemutest.GuestSetsClock))
		vm.Execute("cont", "")
		vm.WaitEvent("RTC_CHANGE", 3)
		s.told("GuestClockUnstable vm=win1: having, ended")
	}},
}

var lifecycleScenes = []act{
	{"a VM is paused and forgotten", func(s *scene) {
		vm := s.start(qemutest.Guest("web1", qemutest.GuestIdle))
		vm.Execute("cont", "")
		vm.Execute("stop", "")
		vm.WaitEvent("STOP", 1)
		s.pass(20 * time.Minute)
		vm.Execute("cont", "")
		vm.WaitEvent("RESUME", 2)
		s.told("PausedForLong vm=web1: for, resolve")
	}},
	{"a VM is stopped again and again", func(s *scene) {
		vm := s.start(qemutest.Guest("web1", qemutest.GuestIdle))
		for i := range 4 {
			vm.Execute("cont", "")
			vm.Execute("stop", "")
			vm.WaitEvent("STOP", i+1)
			s.pass(2 * time.Minute)
		}
		vm.Execute("cont", "")
		vm.WaitEvent("RESUME", 5)
		s.told("StopFlapping vm=web1: count, ended")
	}},
	{"a guest reboots three times in eight minutes", func(s *scene) {
		vm := s.start(qemutest.Guest("web1", qemutest.GuestReboots))
		for i := range 3 {
			vm.Execute("cont", "")
			seen := resets(vm)
			vm.WaitEvent("RESET", seen+1)
			vm.Execute("stop", "")
			vm.WaitEvent("STOP", i+1)
			s.pass(4 * time.Minute)
		}
		vm.quit()
		s.told("RebootLoop vm=web1: count, ended")
	}},
	{"a guest resets before it has begun", func(s *scene) {
		vm := s.start(qemutest.Guest("web1", qemutest.GuestReboots))
		vm.Execute("cont", "")
		vm.WaitEvent("RESET", 12)
		vm.quit()
		s.told("ResetStorm vm=web1: count, ended")
	}},
	{"a guest is asked to power off and does not", func(s *scene) {
		vm := s.start(qemutest.Guest("desk1", qemutest.GuestIdle))
		vm.Execute("cont", "")
		vm.Execute("system_powerdown", "")
		vm.WaitEvent("POWERDOWN", 1)
		s.pass(10 * time.Minute)
		vm.quit()
		s.told("PowerdownIgnored vm=desk1: for, resolve")
	}},
	{"a guest sleeps until somebody wakes it", func(s *scene) {
		vm := s.start(qemutest.Guest("desk1", qemutest.GuestSleeps))
		vm.Execute("cont", "")
		vm.WaitEvent("SUSPEND", 1)
		s.pass(20 * time.Minute)
		vm.Execute("system_wakeup", "")
		vm.WaitEvent("WAKEUP", 1)
		vm.quit()
		s.told("GuestAsleep vm=desk1: for, resolve")
	}},
}

// resets counts the RESETs so far.
func resets(a *actor) (n int) {
	for _, e := range a.Events() {
		if e.Name == "RESET" {
			n++
		}
	}
	return n
}

var memoryScenes = []act{
	{"memory fails in two VMs of a host", func(s *scene) {
		for _, name := range []string{"a", "b"} {
			vm := s.start(qemutest.Guest(name, qemutest.GuestIdle, "-cpu", "qemu64,+mce,+mca"))
			vm.Execute("cont", "")
			vm.HMP("mce 0 1 0xb200000000000000 0x5 0 0")
			vm.WaitEvent("MEMORY_FAILURE", 1)
			vm.Execute("stop", "")
			s.pass(5 * time.Minute)
		}
		for _, vm := range s.actors {
			vm.quit()
		}
		s.told("MemoryFailure vm=a action=reset recipient=guest: match, quiet", "MemoryFailure vm=b action=reset recipient=guest: match, quiet",
			"HostMemoryFailing host=kvm07: having, ended")
	}},
	{"a guest does not give memory back", func(s *scene) {
		vm := s.start(qemutest.Guest("mem1", qemutest.GuestKeepsMemory, "-m", "64,slots=2,maxmem=1G",
			"-object", "memory-backend-ram,id=m0,size=128M", "-device", "pc-dimm,id=dimm0,memdev=m0"))
		vm.Execute("cont", "")
		vm.WaitEvent("ACPI_DEVICE_OST", 1)
		s.told("EjectRefused vm=mem1 info_slot=0 info_slot_type=DIMM: match, quiet")
	}},
}
