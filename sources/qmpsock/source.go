package qmpsock

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// Config says which monitors to read and how. Pattern, Host and Now are needed,
// the rest has defaults.
type Config struct {
	// Pattern is the path of a unix socket, a glob of such paths (in the words
	// of filepath.Match), or tcp://host:port.
	Pattern string
	Host    string // the host that events carry
	// VMName names the VMs: plain text, {{ file }} in it is the name of the
	// socket file. Empty: as QEMU says.
	VMName string

	// Now is the time of reception, in microseconds since 1970: the wall clock
	// when the daemon started plus what has passed since. It never goes back.
	Now func() int64
	Log *slog.Logger // one line for each change of a connection; nil: none

	// Before tells of a monitor that a former process read: the name of its VM
	// then, and until when, as Now. It is asked when the monitor is found, from
	// another goroutine than New. May be nil: there was no such process.
	Before func(source string) (vm string, until int64, ok bool)

	Rescan   time.Duration  // how often to look for sockets; 1s when 0
	Linger   time.Duration  // how long a socket file may outlive its connection; 250ms when 0
	RetryMin time.Duration  // pause after the first failed attempt; 100ms when 0
	RetryMax time.Duration  // longest pause; 30s when 0
	Rand     func() float64 // in [0, 1), for jitter; safe for concurrent use

	QueueEvents int // events that wait for emit, for each VM; 4096 when 0
	QueueBytes  int // their memory; 8 MiB when 0

	Client qmp.ClientOptions // deadlines and sizes; OnEvent is not used
}

// Source reads the monitors of one pattern.
type Source struct {
	cfg     Config
	pattern pattern
	name    sources.FileName

	mu       sync.Mutex
	monitors map[address]*monitor
	none     sources.Status // of the pattern, while nothing matches it
}

// New checks cfg and returns a source that has not begun.
func New(cfg Config) (*Source, error) {
	p, err := parsePattern(cfg.Pattern)
	if err != nil {
		return nil, err
	}
	name, err := sources.ParseFileName(cfg.VMName)
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		return nil, errors.New("qmp: no clock")
	}
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	cfg.Rescan = cmp.Or(cfg.Rescan, time.Second)
	cfg.Linger = cmp.Or(cfg.Linger, 250*time.Millisecond)
	cfg.RetryMin = cmp.Or(cfg.RetryMin, 100*time.Millisecond)
	cfg.RetryMax = max(cmp.Or(cfg.RetryMax, 30*time.Second), cfg.RetryMin)
	cfg.QueueEvents = cmp.Or(cfg.QueueEvents, 4096)
	cfg.QueueBytes = cmp.Or(cfg.QueueBytes, 8<<20)
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	return &Source{cfg: cfg, pattern: p, name: name, monitors: map[address]*monitor{}}, nil
}

// Run reads until ctx ends or emit fails. It does not end because nothing is
// there, or cannot be reached: it says so and waits.
func (s *Source) Run(ctx context.Context, emit sources.Emit) error {
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	ended := make(chan result)
	rescan := time.NewTicker(s.cfg.Rescan)
	defer rescan.Stop()
	for {
		for _, m := range s.appeared() {
			running.Go(func() {
				err := m.run(ctx, emit)
				select {
				case ended <- result{m, err}:
				case <-ctx.Done():
				}
			})
		}
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case r := <-ended:
				if r.err != nil {
					return r.err
				}
				s.forget(r.m)
			case <-rescan.C:
				waiting = false
			}
		}
	}
}

// result is how a monitor's run ended.
type result struct {
	m   *monitor
	err error
}

// appeared returns a monitor for each address that has none yet, and notes
// when there is nothing at all.
func (s *Source) appeared() []*monitor {
	found := s.pattern.find()
	s.mu.Lock()
	defer s.mu.Unlock()
	var added []*monitor
	for _, a := range found {
		if s.monitors[a] == nil && !a.vanished() { // a dangling link is found, but not there
			m := newMonitor(s, a)
			s.monitors[a] = m
			added = append(added, m)
		}
	}
	if len(s.monitors) > 0 {
		s.none = sources.Status{}
		return added
	}
	status := sources.Status{Source: s.pattern.source(), Host: s.cfg.Host, State: sources.Waiting, Since: s.cfg.Now()}
	var denied bool
	if denied, status.Reason = s.pattern.why(); denied {
		status.State = sources.Denied
	}
	if status.Reason != s.none.Reason {
		s.none = status
		s.cfg.Log.Info("no monitor to read", "source", status.Source, "state", status.State.String(), "reason", status.Reason)
	}
	return nil
}

// forget makes room for another monitor of the same address.
func (s *Source) forget(m *monitor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.monitors, m.addr)
}

// Statuses implements sources.Reporter.
func (s *Source) Statuses() []sources.Status {
	s.mu.Lock()
	monitors := make([]*monitor, 0, len(s.monitors))
	for _, m := range s.monitors {
		monitors = append(monitors, m)
	}
	none := s.none
	s.mu.Unlock()
	all := make([]sources.Status, 0, len(monitors))
	for _, m := range monitors {
		all = append(all, m.snapshot())
	}
	if len(all) == 0 && none.Source != "" {
		all = append(all, none)
	}
	slices.SortFunc(all, func(a, b sources.Status) int { return cmp.Compare(a.Source, b.Source) })
	return all
}

// namesake returns the source of another connected monitor whose VM has this
// name, or "".
func (s *Source) namesake(m *monitor, vm event.VM) string {
	for _, other := range s.Statuses() {
		if other.Source != m.addr.source() && other.State == sources.Connected && other.VM.Name == vm.Name {
			return other.Source
		}
	}
	return ""
}
