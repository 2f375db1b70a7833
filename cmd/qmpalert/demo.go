package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/examples"
	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/demo"
)

func demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: five machines in trouble, for half a minute",
		Long: `Runs the daemon on this machine with nothing to set up. Five QMP monitors on unix
sockets play what real QEMUs said when their disks, guests and watchdogs failed,
with the time of now and shorter pauses; the rules are those of the program, and
alerts come to this terminal. It needs no QEMU, no root and no network, and leaves
nothing behind.`,
		Example: `  qmpalert demo
  qmpalert demo --fast`,
		Args: arguments(0, 0, ""),
	}
	fast := cmd.Flags().Bool("fast", false, "without the pauses: some seconds in all")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		out := cmd.OutOrStdout()
		p := performance{out: &screen{w: out}, painter: colours(out), speed: 1}
		if *fast {
			p.speed = 50
		}
		// Whoever reads no more, or closes the terminal, ends it in good order.
		signal.Ignore(syscall.SIGPIPE)
		ctx, stop := untilSignal(cmd.Context(), syscall.SIGHUP)
		defer stop()
		return p.run(ctx)
	}
	return cmd
}

// scenes says when the recordings begin. They are told apart by folder.
var scenes = map[string]time.Duration{
	"quorum_one_bad_child":   0,
	"ide_read_error_stop":    4 * time.Second,
	"guest_panic_isa":        9 * time.Second,
	"thin_pool_full":         13 * time.Second,
	"watchdog_ib700_actions": 18 * time.Second,
}

// settling is how long the daemon is left running after the last machine has
// gone: rules wait 2.2 s for events that QEMU may hold back, and what is
// noticed then has to be printed.
const settling = 3500 * time.Millisecond

// performance is one run of the demo.
type performance struct {
	out     *screen
	painter painter
	speed   int

	mu     sync.Mutex
	events int
}

func (p *performance) run(ctx context.Context) error {
	dir, err := os.MkdirTemp(stageBelow(os.TempDir()), "qmpalert-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.out.broken = cancel
	all, err := openScenes()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	rules, err := writeRules(dir)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	show := demo.Show{Speed: p.speed, Now: clock(), Plays: p.plays}
	if err := show.Listen(dir, all); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	p.introduce(dir, all)

	var playing sync.WaitGroup
	playing.Go(func() {
		show.Play(ctx)
		settle(ctx, settling)
		cancel()
	})
	err = daemon.Run(ctx, daemon.Options{
		Rules: []string{rules}, Monitors: []string{filepath.Join(dir, "*.qmp")},
		Console: p.out, Color: bool(p.painter), Log: slog.New(slog.DiscardHandler),
	})
	cancel()
	playing.Wait()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	p.conclude(len(all))
	return p.out.err
}

// stageBelow returns the directory for the folder of the demo: the usual one,
// unless that is too long for the path of a unix socket, which has 107 bytes.
func stageBelow(usual string) string {
	if len(usual) > 70 {
		return "/tmp"
	}
	return usual
}

// settle waits, or less when ctx is done.
func settle(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func openScenes() ([]*demo.Scene, error) {
	var all []*demo.Scene
	for _, r := range examples.Recordings() {
		start, ok := scenes[filepath.Base(filepath.Dir(r.Name))]
		if !ok {
			return nil, fmt.Errorf("%s has no place in the show", r.Name)
		}
		s, err := demo.NewScene(r.Data, start)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// writeRules puts the built-in rules where the daemon finds them, so that
// neither ./rules nor anything else of the user's has a part in the demo.
func writeRules(dir string) (string, error) {
	into := filepath.Join(dir, "rules")
	if err := os.Mkdir(into, 0o700); err != nil {
		return "", err
	}
	for _, f := range examples.Rules() {
		if err := os.WriteFile(filepath.Join(into, filepath.Base(f.Name)), f.Data, 0o600); err != nil {
			return "", err
		}
	}
	return into, nil
}

func (p *performance) introduce(dir string, all []*demo.Scene) {
	p.out.print(fmt.Sprintf("%d machines, each with a QMP monitor in %s. A line that begins with the name\n"+
		"of one is what its QEMU says; a paragraph is what you would be told.\n\n", len(all), dir), false)
}

// plays prints what a machine says.
func (p *performance) plays(vm string, ev *event.Event) {
	p.mu.Lock()
	p.events++
	p.mu.Unlock()
	line := strings.TrimRight(fmt.Sprintf("%-8s %s %s", vm, ev.Name, ev.Raw), " ")
	p.out.print(p.painter.paint(dim, safe(line))+"\n", false)
}

// conclude says what happened and what to do next.
func (p *performance) conclude(machines int) {
	p.out.print(fmt.Sprintf(`
That was it: %d machines said %s, you would have got %s.

Now yours:
  1. give QEMU a monitor for it    -qmp unix:/run/qemu/db1.qmp,server=on,wait=off
  2. watch                         qmpalert run
  3. write a rule                  qmpalert events; qmpalert check rules/
The rules of this demo are in examples/rules.
`, machines, plural(p.events, "event"), plural(p.out.messages, "message")), false)
}

// screen is the terminal, shared by the daemon and the show.
type screen struct {
	mu       sync.Mutex
	w        io.Writer
	messages int  // of the daemon
	gap      bool // the last thing printed ends with an empty line
	err      error
	broken   func() // is called when err is set
}

// print writes text in one piece; a paragraph has empty lines around it.
func (s *screen) print(text string, paragraph bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if paragraph {
		s.messages++
		text += "\n"
		if !s.gap {
			text = "\n" + text
		}
	}
	if s.gap {
		text = strings.TrimPrefix(text, "\n")
	}
	s.gap = paragraph
	if s.err != nil {
		return
	}
	if _, s.err = io.WriteString(s.w, text); s.err != nil {
		s.broken()
	}
}

// Write takes a message of the daemon: package console writes each with one
// call.
func (s *screen) Write(text []byte) (int, error) {
	s.print(string(text), true)
	return len(text), nil
}
