package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// storageOn is the part of a configuration that keeps everything on disk, in the
// daemon's folder.
const storageOn = "storage: {path: state}\n"

// daemon is a `qmpalert run` on one core.
type daemon struct {
	cmd   *exec.Cmd
	log   bytes.Buffer // of what went wrong
	began time.Time
}

// folder makes one for a daemon; remove takes it away.
func (w workload) folder() (dir string, remove func() error, err error) {
	dir, err = os.MkdirTemp(w.dir, "run-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

// start starts a daemon in a folder. Stop it.
func (w workload) start(dir, config string) (*daemon, error) {
	file := filepath.Join(dir, "qmpalert.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	d := &daemon{cmd: exec.Command(w.path("qmpalert"), "run", "--config", file, "--log-level", "error")}
	d.cmd.Env, d.cmd.Stderr = append(os.Environ(), "GOMAXPROCS=1"), &d.log
	d.began = time.Now()
	return d, d.cmd.Start()
}

// stop lets it end and says what it complained about.
func (d *daemon) stop() error {
	err := errors.Join(d.cmd.Process.Signal(syscall.SIGTERM), d.cmd.Wait())
	if err != nil {
		return fmt.Errorf("%w\n%s", err, d.log.Bytes())
	}
	return nil
}

// spent is its processor time, user and system, after stop.
func (d *daemon) spent() time.Duration {
	return d.cmd.ProcessState.UserTime() + d.cmd.ProcessState.SystemTime()
}

// memory is the most that it held at once so far, in bytes. What the kernel says
// of it at its end has in it what this process held when it was started.
func (d *daemon) memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	_, err = fmt.Sscanf(rest, "%d kB", &kib)
	return kib << 10, err
}
