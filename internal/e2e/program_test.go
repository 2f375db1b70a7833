package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the binary that people install, built once for all tests.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "qmpalert")
	if err != nil {
		return "", err
	}
	programDir = dir
	path := filepath.Join(dir, "qmpalert")
	build := exec.Command("go", "build", "-o", path, "github.com/qmpalert/qmpalert/cmd/qmpalert")
	if out, err := build.CombinedOutput(); err != nil {
		return "", &buildError{err, out}
	}
	return path, nil
})

var programDir string

type buildError struct {
	err error
	out []byte
}

func (e *buildError) Error() string { return "go build: " + e.err.Error() + "\n" + string(e.out) }

func removeProgram() {
	if programDir != "" {
		os.RemoveAll(programDir)
	}
}

// process is the program at work. Its log goes to the host's.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    bytes.Buffer // what it prints; complete once ended is closed
	ended  chan struct{}
	result error
}

// launch runs the program in the host's directory.
func (h *host) launch(args ...string) *process {
	h.t.Helper()
	path, err := program()
	h.must(err)
	p := &process{t: h.t, cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = h.dir, &p.out, h.log
	h.must(p.cmd.Start())
	go func() {
		defer close(p.ended)
		p.result = p.cmd.Wait()
	}()
	h.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails only when it has ended
		<-p.ended
	})
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// terminate ends the program as systemd does; it must leave with exit code 0.
func (p *process) terminate() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the program does not end on SIGTERM")
	}
	if p.result != nil {
		p.t.Errorf("after SIGTERM: %v, want exit code 0", p.result)
	}
}

// TestQuorumProgram is TestQuorum with the program as people run it. While the
// window of the rule holds two of its three reports, further rules come and
// SIGHUP asks for a reload: the window goes on.
func TestQuorumProgram(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.launch("run", "--config", "qmpalert.yml", "--log-format", "json")
	s.log.said(t, 1, `"msg":"running"`, `"rules":2`, `"receivers":4`)
	s.connected("db1", 1)
	s.connected("db2", 1)
	s.read(func() {
		s.write("rules/more.yml", "groups: [{name: more, rules: [{alert: Suspended, event: SUSPEND}]}]\n")
		s.log.said(t, 1, `"msg":"rule added"`, `"rule":"Suspended"`)
		p.signal(syscall.SIGHUP)
		s.log.said(t, 1, `"msg":"reloaded"`, `"kept":3,"added":0,"changed":0,"removed":0`)
		s.write("rules/more.yml", "groups: [{name: more, rules: [{alert: Suspended, event: SUSPENDED}]}]\n")
		s.log.said(t, 1, `"msg":"reload refused"`, `rules/more.yml:1:`, `SUSPENDED`)
	})
	p.terminate()
	s.told()
	s.log.said(t, 1, `"msg":"stopped"`, `"undelivered":0`)
	if p.out.Len() > 0 {
		t.Errorf("with receivers the program also prints %q", p.out.String())
	}
}
