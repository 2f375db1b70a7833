package qemutest

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel kill QEMU when the test process dies without
// running its cleanups: a panic, a timeout of go test, a kill.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
