package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/notifiers"
)

// site is a directory with a configuration that has storage, and an event file
// to write to.
type site struct {
	t   *testing.T
	dir string
	log *lines
}

const siteConfig = `
host: kvm07
sources: [{file: %[1]s/in.ndjson}]
rule_files: [rules.yml]
storage: {path: state}
route: {receiver: ops, group_by: ['...'], group_wait: 0s}
%[2]s`

const pausedRule = "groups: [{name: g, rules: [{alert: Paused, event: STOP, resolve: RESUME}]}]\n"

func newSite(t *testing.T, rules, config string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), log: newLines()}
	s.write("in.ndjson", "")
	s.write("rules.yml", rules)
	s.config(config)
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) config(rest string) { s.write("qmpalert.yml", fmt.Sprintf(siteConfig, s.dir, rest)) }

func (s *site) options() Options {
	return Options{
		ConfigFile: s.path("qmpalert.yml"), Grace: time.Millisecond,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// event adds an event of now to the file.
func (s *site) event(name, vm string) {
	s.t.Helper()
	f, err := os.OpenFile(s.path("in.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	now := time.Now().UnixMicro()
	if _, err := fmt.Fprintf(f, `{"timestamp":{"seconds":%d,"microseconds":%d},"event":%q,"vm":%q}`+"\n", now/1e6, now%1e6, name, vm); err != nil {
		s.t.Fatal(err)
	}
}

// run runs a daemon; stop ends it and returns once it has.
func (s *site) run() (stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error, 1)
	ready := make(chan struct{})
	o := s.options()
	o.Ready = func() { close(ready) }
	go func() { done <- Run(ctx, o) }()
	end := func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	}
	select {
	case <-ready:
	case err := <-done:
		cancel()
		s.t.Fatalf("it ended: %v\n%s", err, s.log)
	}
	return end
}

// away is a receiver that nobody answers for.
func away(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "receivers: [{name: ops, webhook_configs: [{url: 'http://" + l.Addr().String() + "'}]}]\n"
}

// TestDeliveryBeginsBeforeAllIsRestored: what waits in the outbox is delivered
// while the state is still restored, and what becomes of it is told the loop,
// which does not turn yet.
func TestDeliveryBeginsBeforeAllIsRestored(t *testing.T) {
	s := newSite(t, pausedRule, away(t))
	stop := s.run()
	for i := range 20 {
		s.event("STOP", fmt.Sprintf("db%d", i))
	}
	s.log.wait(t, `msg="alert firing"`, 20)
	stop()
	s.log.wait(t, "undelivered=20", 1)
	// The endpoint is gone: all that waits for it is given up at once.
	s.config("receivers: [{name: ops, exec_configs: [{command: [/bin/true]}]}]\n")
	defer s.run()()
	s.log.wait(t, `msg="not delivered"`, 20)
}

// TestAskedAtTheEnd: whoever asks a loop that has ended is told so at once.
func TestAskedAtTheEnd(t *testing.T) {
	l := &loop{requests: make(chan request), looks: make(chan func()), ended: make(chan struct{})}
	close(l.ended)
	if err := l.look(context.Background(), func(*core.Core) { t.Error("looked at") }); err == nil {
		t.Error("looking: no error")
	}
	if _, err := l.ask(context.Background(), request{}); err == nil {
		t.Error("asking: no error")
	}
}

// TestStartGivesUpWhatItTook: a start that fails leaves nothing open.
func TestStartGivesUpWhatItTook(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, pausedRule, away(t)+"web: {listen: '"+taken.Addr().String()+"'}\n")
	err = Run(t.Context(), s.options())
	if err == nil || !strings.Contains(err.Error(), "web.listen") {
		t.Fatalf("the address is taken: %v", err)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	s.run()() // the state directory and the address are free
}

// TestWhatOnlyARestartTakesOver: each reload says so, as long as what runs is
// not what the configuration names.
func TestWhatOnlyARestartTakesOver(t *testing.T) {
	receivers := away(t)
	s := newSite(t, pausedRule, receivers)
	o := s.options()
	reload := make(chan struct{})
	o.Reload = reload
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, o) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	s.log.wait(t, "msg=running", 1)
	s.config(receivers + "web: {listen: '127.0.0.1:0'}\n")
	s.log.wait(t, "a change of web.listen counts after a restart only", 1)
	reload <- struct{}{}
	s.log.wait(t, "a change of web.listen counts after a restart only", 2)
	s.config(receivers)
	s.log.wait(t, "msg=reloaded", 3)
	if n := s.log.count("counts after a restart only"); n != 2 {
		t.Errorf("said %d times; what runs is what is named again", n)
	}
	both := strings.ReplaceAll(fmt.Sprintf(siteConfig, s.dir, receivers), "path: state", "path: other")
	s.write("qmpalert.yml", both+"web: {listen: '127.0.0.1:0'}\n")
	s.log.wait(t, "a change of storage counts after a restart only", 1)
	s.log.wait(t, "a change of web.listen counts after a restart only", 3)
}

// TestReceiversOfNobody: one without any integration is told nothing, and that
// is no trouble. What one was to be told that is not there any more is a dead
// letter and not forgotten.
func TestReceiversOfNobody(t *testing.T) {
	for _, keeps := range []bool{true, false} {
		s := newSite(t, pausedRule, "receivers: [{name: ops}]\n")
		if !keeps {
			s.write("qmpalert.yml", strings.ReplaceAll(fmt.Sprintf(siteConfig, s.dir, "receivers: [{name: ops}]\n"), "storage: {path: state}\n", ""))
		}
		stop := s.run()
		s.event("STOP", "db1")
		s.log.wait(t, `msg="alert firing"`, 1)
		stop()
		if s.log.count("level=ERROR") > 0 {
			t.Errorf("kept %v:\n%s", keeps, s.log)
		}
	}

	log := newLines()
	l := &loop{log: slog.New(slog.NewTextHandler(log, nil)), receivers: map[string]bool{"ops": true}}
	failed := make(chan deliver.Failure, 1)
	l.deliver = deliver.New(deliver.Options{OnFailed: func(f deliver.Failure) { failed <- f }})
	defer l.deliver.Close(t.Context())
	to := l.wanted(&notifiers.Notification{Receiver: "gone"})
	if len(to) != 1 || log.count("no such receiver") != 1 {
		t.Fatalf("told %v:\n%s", to, log)
	}
	l.deliver.PutCommitted(to[0], deliver.Item{Seq: 1, ID: "1", Messages: 1})
	if f := <-failed; f.Receiver != "gone" {
		t.Errorf("%+v", f)
	}
}
