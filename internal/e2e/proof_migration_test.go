package e2e

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// tellMigrations lets the VM tell of migrations, with further capabilities.
func tellMigrations(vm *actor, further ...string) {
	list := `{"capability": "events", "state": true}`
	for _, c := range further {
		list += fmt.Sprintf(`, {"capability": %q, "state": true}`, c)
	}
	vm.Execute("migrate-set-capabilities", `{"capabilities": [`+list+`]}`)
}

var migrationScenes = []act{
	{"a migration fails", func(s *scene) {
		vm := s.start(plainPC("mig1", "-m", "64"))
		tellMigrations(vm)
		vm.Execute("migrate", `{"uri": "tcp:127.0.0.1:1"}`) // nobody listens
		vm.WaitEvent("MIGRATION", 2)
		s.told("MigrationFailed vm=mig1: match, quiet")
	}},
	{"a migration creeps until somebody cancels it", func(s *scene) {
		vm := s.start(plainPC("mig1", "-m", "64"))
		tellMigrations(vm)
		vm.Execute("migrate-set-parameters", `{"max-bandwidth": 1024}`)
		vm.Execute("migrate", `{"uri": "exec:cat > /dev/null"}`)
		vm.WaitEvent("MIGRATION", 2)
		s.pass(2 * time.Hour)
		vm.Execute("migrate_cancel", "")
		vm.WaitEvent("MIGRATION", 4)
		s.told("MigrationStuck vm=mig1: for, resolve")
	}},
	{"a guest writes faster than it is sent", func(s *scene) {
		vm := s.start(qemutest.Guest("mig1", qemutest.GuestDirtiesMemory, "-m", "32"))
		vm.Execute("cont", "")
		vm.WaitEvent("RTC_CHANGE", 1)
		tellMigrations(vm)
		vm.Execute("migrate-set-parameters", `{"downtime-limit": 1, "max-bandwidth": 3000000}`)
		vm.Execute("migrate", `{"uri": "exec:cat > /dev/null"}`)
		vm.WaitEvent("MIGRATION_PASS", 21)
		vm.Execute("migrate_cancel", "")
		vm.WaitEvent("MIGRATION", 4)
		s.told("MigrationNotConverging vm=mig1: match, resolve")
	}},
	{"a replicated pair comes apart", func(s *scene) {
		second := s.start(plainPC("colo-b", "-m", "32", "-incoming", "defer"))
		first := s.start(qemutest.Guest("colo-a", qemutest.GuestIdle, "-m", "32"))
		first.Execute("cont", "")
		uri := `{"uri": "unix:` + filepath.Join(second.Dir, "mig.sock") + `"}`
		tellMigrations(second, "x-colo")
		second.Execute("migrate-incoming", uri)
		tellMigrations(first, "x-colo")
		first.Execute("migrate-set-parameters", `{"x-checkpoint-delay": 200}`)
		first.Execute("migrate", uri)
		first.WaitEvent("RESUME", 2)
		second.WaitEvent("RESUME", 1)
		s.take()
		second.quit()
		// It asks for a checkpoint at once, and finds that nobody is there. On a
		// busy machine the timer of checkpoints has been seen to stand still.
		first.Execute("migrate-set-parameters", `{"x-checkpoint-delay": 200}`)
		first.WaitEvent("COLO_EXIT", 1)
		s.told("COLOFailed vm=colo-a mode=primary: match, quiet")
	}},
}
