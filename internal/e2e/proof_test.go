package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/replay"
)

// standIns are the rules whose events no QEMU gives here on its own, because
// they need the kernel of a guest, hardware, or a clock that jumps. What stands in
// for them: the name of a recording under examples/recordings, which a real QEMU
// made, or of one under testdata/made, which was written by hand.
var standIns = map[string]string{
	"GuestPortClosed":       "linux_vserport, agent_back: the driver of virtio-serial in a guest",
	"UnplugRefused":         "unplug_refused: a guest that refuses",
	"FailoverStuck":         "failover_stuck, and quiet in linux_failover: net_failover in a guest",
	"ReservationHelperLost": "reservation_helper: a guest that reserves a SCSI disk",
	"PostcopyPaused":        "postcopy_paused: two hosts and a network that breaks",
	"HostClockStep":         "clock_jump: the clock of a host",
}

// live are the rules about events of qmpalert itself, which a scene has not. The
// tests named here run the daemon.
var live = map[string]string{
	"QEMUGone":        "TestKilledAndQuit",
	"MonitorBlind":    "TestMonitorTaken",
	"MonitorFlapping": "TestStartedOverAndOver",
	"EventsMissed":    "TestMonitorTaken",
	"ReloadFailed":    "TestReloadFailed",
	"RuleSuspended":   "TestSlowRule",
	"DeliveryFailed":  "TestReceiverRefuses",
}

// proofs collects which rules fired and ended in the scenes.
type proofs struct {
	mu    sync.Mutex
	fired map[string]bool
	ended map[string]bool
}

func (p *proofs) add(changes []alert.Change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range changes {
		switch c := &changes[i]; c.Status {
		case alert.Firing:
			p.fired[c.Name] = true
		case alert.Resolved:
			p.ended[c.Name] = true
		}
	}
}

// TestPackOnQEMU provokes on real QEMUs what the rules of the project are for.
// Each scene names all alerts that must come of it, and there must be no others.
// In the end each rule has fired and ended in a scene, or it is known what stands
// in for that.
func TestPackOnQEMU(t *testing.T) {
	t.Parallel()
	p := &proofs{fired: make(map[string]bool), ended: make(map[string]bool)}
	set := packRules(t)
	scenes := slices.Concat(storageScenes, quorumScenes, guestScenes, lifecycleScenes, consoleScenes,
		migrationScenes, memoryScenes, networkScenes, jobScenes, healthyScenes)
	ran := 0
	t.Run("scenes", func(t *testing.T) {
		for _, sc := range scenes {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				p.mu.Lock()
				ran++
				p.mu.Unlock()
				sc.play(&scene{t: t, set: set, proofs: p})
			})
		}
	})
	if ran < len(scenes) {
		return // -run chose some
	}
	byCapture := recorded(t)
	for name, test := range live {
		if !testExists(t, test) {
			t.Errorf("%s is said to be proven by %s, which is not there", name, test)
		}
	}
	proven, records := 0, 0
	for _, r := range set.Rules() {
		switch standIn, running := standIns[r.Name], live[r.Name]; {
		case r.Record != "": // the alerts that are made of it show it
			records++
		case standIn != "" || running != "": // the daemon's tests fail by themselves
			if p.fired[r.Name] {
				t.Errorf("%s was provoked: take it out of the list", r.Name)
			}
			if !byCapture[r.Name] {
				t.Errorf("%s did not fire and end in a recording", r.Name)
			}
		case !p.fired[r.Name] || !p.ended[r.Name]:
			t.Errorf("%s: fired %t, ended %t in the scenes; the rule needs a proof", r.Name, p.fired[r.Name], p.ended[r.Name])
		default:
			proven++
		}
	}
	t.Logf("%d alerts, made of %d further records: %d proven in %d scenes on real QEMUs, %d live with the daemon, %d by stand-ins:",
		set.Len()-records, records, proven, len(scenes), len(live), len(standIns))
	for _, name := range slices.Sorted(maps.Keys(standIns)) {
		t.Logf("  %s: %s", name, standIns[name])
	}
}

// testExists looks for a test of this package.
func testExists(t *testing.T, name string) bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(path string) bool {
		text, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)")
	})
}

// recorded are the rules that fire and end in recordings.
func recorded(t *testing.T) map[string]bool {
	t.Helper()
	set, both := packRules(t), make(map[string]bool)
	names, files := recordings(t)
	fired := make(map[string]bool)
	for _, name := range names {
		result, err := replay.Run(t.Context(), set, files[name], replay.Options{Host: "kvm07"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range result.Changes {
			switch c := &result.Changes[i]; c.Status {
			case alert.Firing:
				fired[c.Name] = true
			case alert.Resolved:
				both[c.Name] = fired[c.Name]
			}
		}
	}
	return both
}

// act is a scene and its name.
type act struct {
	name string
	play func(*scene)
}
