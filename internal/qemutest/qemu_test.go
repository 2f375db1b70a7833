package qemutest

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestQEMUComesUpAnswersAndLeaves(t *testing.T) {
	vm := Start(t, Plain("db1"))
	if got := string(vm.Execute("query-name", "")); !strings.Contains(got, `"db1"`) {
		t.Errorf("query-name = %s, want db1", got)
	}
	vm.Quit()
	vm.WaitEvent("SHUTDOWN", 1)
	if _, err := os.Stat(vm.Socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after quit: stat of the socket: %v, want that it is gone", err)
	}
}

func TestKillLeavesNoProcessButTheSocket(t *testing.T) {
	vm := Start(t, Plain(""))
	vm.Kill()
	if err := vm.cmd.Process.Signal(syscall.Signal(0)); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("signal to the killed process: %v, want %v", err, os.ErrProcessDone)
	}
	if _, err := os.Stat(vm.Socket); err != nil {
		t.Errorf("after SIGKILL: %v, want the socket file to stay", err)
	}
}

func TestRecipesDoWhatTheySay(t *testing.T) {
	t.Run("corrupted quorum", func(t *testing.T) {
		vm := Start(t, Quorum("bad", true))
		vm.HMP(ReadQuorum(0))
		vm.WaitEvent("QUORUM_REPORT_BAD", 1)
	})
	t.Run("healthy quorum", func(t *testing.T) {
		vm := Start(t, Quorum("good", false))
		vm.HMP(ReadQuorum(0))
		vm.Execute("query-status", "") // events come before the answer
		for _, e := range vm.events {
			t.Errorf("a healthy quorum sent %s", e)
		}
	})
	t.Run("I/O error", func(t *testing.T) {
		vm := Start(t, IOErrorStop("io"))
		vm.Execute("cont", "")
		vm.WaitEvent("BLOCK_IO_ERROR", 1)
		vm.WaitEvent("STOP", 1)
	})
	t.Run("storm", func(t *testing.T) {
		vm := Start(t, Storm("storm"))
		vm.Execute(StartStorm, StartStormArgs)
		vm.WaitEvent("BLOCK_JOB_ERROR", 3000)
		vm.Execute(StopStorm, StopStormArgs)
		vm.WaitEvent("BLOCK_JOB_CANCELLED", 1)
	})
}
