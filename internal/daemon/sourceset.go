package daemon

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
)

// monitorSpec is a configured source of QMP monitors. Two equal ones are the
// same source: a reload leaves it running.
type monitorSpec struct {
	pattern, vmName, host string
}

// sourceSet runs the sources that the configuration names.
type sourceSet struct {
	ctx  context.Context
	emit sources.Emit
	now  func() int64
	log  *slog.Logger

	wg      sync.WaitGroup
	mu      sync.Mutex
	running map[monitorSpec]runningSource
}

// runningSource is a source and how to stop it.
type runningSource struct {
	sources.Source
	stop context.CancelFunc
}

// open makes the sources that specs name beyond those that run, without
// starting them: nothing live is touched until everything that can fail has
// succeeded.
func (s *sourceSet) open(specs []monitorSpec) (map[monitorSpec]sources.Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	added := make(map[monitorSpec]sources.Source)
	for _, spec := range specs {
		if _, runs := s.running[spec]; runs {
			continue
		}
		src, err := qmpsock.New(qmpsock.Config{
			Pattern: spec.pattern, VMName: spec.vmName, Host: spec.host, Now: s.now, Log: s.log,
		})
		if err != nil {
			return nil, err
		}
		added[spec] = src
	}
	return added, nil
}

// take starts what open returned and stops the sources that specs no longer
// name. A monitor serves one client: the old ones are told to go first, and a
// new one that comes too early tries again.
func (s *sourceSet) take(specs []monitorSpec, added map[monitorSpec]sources.Source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keep := make(map[monitorSpec]bool)
	for _, spec := range specs {
		keep[spec] = true
	}
	for spec, r := range s.running {
		if !keep[spec] {
			r.stop()
			delete(s.running, spec)
			s.log.Info("source removed", "source", spec.pattern)
		}
	}
	for spec, src := range added {
		ctx, cancel := context.WithCancel(s.ctx)
		s.running[spec] = runningSource{src, cancel}
		s.wg.Go(func() {
			if err := src.Run(ctx, s.emit); err != nil && ctx.Err() == nil {
				s.log.Error("source ended", "source", spec.pattern, "err", err)
			}
		})
	}
}

// wait returns when every source has ended; the context given at the start
// tells them to.
func (s *sourceSet) wait() { s.wg.Wait() }

// ask asks a VM through whichever source reads its monitor. It may be called by
// any goroutine, and blocks as sources.Asker does.
func (s *sourceSet) ask(ctx context.Context, host, vm string, q qmp.Query) ([]byte, error) {
	s.mu.Lock()
	var askers []sources.Asker
	for _, r := range s.running {
		if a, ok := r.Source.(sources.Asker); ok {
			askers = append(askers, a)
		}
	}
	s.mu.Unlock()
	for _, a := range askers {
		answer, err := a.Ask(ctx, host, vm, q)
		if !errors.Is(err, sources.ErrNoMonitor) {
			return answer, err
		}
	}
	return nil, sources.ErrNoMonitor
}
